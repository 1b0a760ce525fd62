// `/admin/users/import`: users out of a file. A plain page, which needs no script.

import type { Locator, Page } from "@playwright/test";

export class UserImport {
  /** The link on the page of users. */
  readonly link: Locator;
  readonly file: Locator;
  readonly text: Locator;
  readonly checkButton: Locator;
  readonly importButton: Locator;
  /** What will happen, or has happened, as it is read out. */
  readonly said: Locator;
  readonly preview: Locator;
  readonly passwords: Locator;
  readonly saveLink: Locator;

  constructor(readonly page: Page) {
    const main = page.getByRole("main");
    this.link = main.getByRole("link", { name: "Import users" });
    this.file = main.getByLabel("CSV file");
    this.text = main.getByRole("textbox", { name: "or paste it here" });
    this.checkButton = main.getByRole("button", { name: "Check" });
    this.importButton = main.getByRole("button", { name: /^Import \d+ users?$/ });
    this.said = main.getByRole("status");
    this.preview = main.getByRole("table", { name: "What will happen" });
    this.passwords = main.getByRole("table", { name: "Initial passwords" });
    this.saveLink = main.getByRole("link", { name: "Save as CSV" });
  }

  /** What would become of a row, by its username. */
  result(username: string): Locator {
    return this.preview.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name: username, exact: true }) });
  }

  /** The initial password of a user. */
  async password(username: string): Promise<string> {
    const row = this.passwords.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name: username, exact: true }) });
    return row.getByRole("code").innerText();
  }
}
