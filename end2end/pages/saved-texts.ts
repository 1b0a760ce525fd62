// `/texts`: the texts that people keep to use again. A plain page, which needs no script.

import type { Locator, Page } from "@playwright/test";

export class SavedTextsPage {
  readonly writtenFor: Locator;
  readonly whose: Locator;
  readonly title: Locator;
  readonly text: Locator;
  readonly saveButton: Locator;
  readonly problem: Locator;
  /** What was typed about a text that is gone. */
  readonly lost: Locator;

  constructor(readonly page: Page) {
    this.problem = page.getByRole("alert");
    this.lost = page.getByRole("region", { name: "What you typed" });
    this.writtenFor = page.getByRole("combobox", { name: "Written for" });
    this.whose = page.getByRole("combobox", { name: "Who uses it" });
    this.title = page.getByRole("textbox", { name: "Title" });
    this.text = page.getByRole("textbox", { name: "Text" });
    this.saveButton = page.getByRole("button", { name: "Save", exact: true });
  }

  /** The row of the text with this title. */
  row(title: string): Locator {
    const rowheader = this.page.getByRole("rowheader", { name: title, exact: true });
    return this.page.getByRole("row").filter({ has: rowheader });
  }

  async edit(title: string): Promise<void> {
    await this.row(title).getByRole("link", { name: `Edit ${title}` }).click();
  }

  async delete(title: string): Promise<void> {
    await this.row(title).getByLabel(`Delete ${title}`, { exact: true }).click();
    await this.row(title).getByRole("button", { name: `Delete ${title} for good` }).click();
  }
}
