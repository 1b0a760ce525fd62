// `/dashboard/views` and `/dashboard/walls`: plain pages, which need no script.

import type { Locator, Page } from "@playwright/test";

export class ViewsPage {
  readonly name: Locator;
  readonly sharedWith: Locator;
  readonly saveButton: Locator;

  constructor(readonly page: Page) {
    this.name = page.getByRole("textbox", { name: "Name" });
    this.sharedWith = page.getByRole("combobox", { name: "Shared with" });
    this.saveButton = page.getByRole("button", { name: "Save", exact: true });
  }

  /** The row of the view with this name. */
  row(name: string): Locator {
    const rowheader = this.page.getByRole("rowheader", { name, exact: true });
    return this.page.getByRole("row").filter({ has: rowheader });
  }

  async delete(name: string): Promise<void> {
    await this.row(name).getByLabel(`Delete ${name}`, { exact: true }).click();
    await this.row(name).getByRole("button", { name: `Delete ${name} for good` }).click();
  }
}

export class WallsPage {
  readonly name: Locator;
  readonly makeButton: Locator;
  readonly address: Locator;

  constructor(readonly page: Page) {
    this.name = page.getByRole("textbox", { name: "Name" });
    this.makeButton = page.getByRole("button", { name: "Make a link" });
    this.address = page.getByRole("textbox", { name: "Address of the wall" });
  }

  team(name: string): Locator {
    return this.page.getByRole("checkbox", { name, exact: true });
  }

  async revoke(name: string): Promise<void> {
    await this.page.getByLabel(`Revoke ${name}`, { exact: true }).click();
    await this.page.getByRole("button", { name: `Revoke ${name} for good` }).click();
  }
}
