// The labels of a workitem, and the page on which administrators keep them.

import type { Locator, Page } from "@playwright/test";

/** The line of a workitem's labels, and what it unfolds. */
export class Labels {
  readonly line: Locator;
  readonly outcome: Locator;

  constructor(private readonly scope: Locator) {
    this.line = scope.locator("summary").filter({ hasText: "Labels" });
    this.outcome = scope.getByRole("combobox", { name: "Outcome" });
  }

  async unfold(): Promise<void> {
    await this.line.click();
  }

  tag(name: string): Locator {
    return this.scope.getByRole("group", { name: "Tags" }).getByRole("checkbox", { name });
  }
}

/** `/admin/labels`. */
export class LabelsPage {
  readonly name: Locator;

  constructor(private readonly page: Page) {
    this.name = page.getByRole("textbox", { name: "Name", exact: true });
  }

  async add(kind: "Outcome" | "Tag", name: string): Promise<void> {
    await this.page.getByRole("combobox", { name: "What it says" }).selectOption(kind);
    await this.name.fill(name);
    await this.page.getByRole("button", { name: "Add label" }).click();
  }

  async switchOff(name: string): Promise<void> {
    await this.page.getByRole("checkbox", { name: `Offer ${name}` }).uncheck();
    await this.page.getByRole("button", { name: `Save ${name}` }).click();
  }

  async delete(name: string): Promise<void> {
    await this.page.getByLabel(`Delete ${name}`, { exact: true }).click();
    await this.page.getByRole("button", { name: `Delete ${name} for good` }).click();
  }
}
