// The flag for review of a workitem, and the small form that sets it.

import type { Locator } from "@playwright/test";

export class Review {
  readonly section: Locator;
  /** Opens the form. */
  readonly flagButton: Locator;
  readonly comment: Locator;
  readonly save: Locator;
  readonly cancel: Locator;
  readonly finishButton: Locator;

  constructor(scope: Locator) {
    this.section = scope.getByRole("region", { name: "Review", exact: true });
    this.flagButton = this.section.getByRole("button", { name: "Flag for review" });
    this.comment = this.section.getByRole("textbox", { name: "Comment" });
    this.save = this.section.getByRole("button", { name: "Save" });
    this.cancel = this.section.getByRole("button", { name: "Cancel" });
    this.finishButton = this.section.getByRole("button", { name: "Mark as reviewed" });
  }

  /** Flags the workitem. */
  async flag(comment: string): Promise<void> {
    await this.flagButton.click();
    await this.comment.fill(comment);
    await this.save.click();
  }
}
