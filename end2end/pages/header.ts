// The header bar that stands on every page of a signed-in user.

import type { Locator, Page } from "@playwright/test";

export class Header {
  readonly root: Locator;
  readonly dialpad: Locator;
  readonly assistance: Locator;
  readonly directory: Locator;
  /** The red dot of unread messages. */
  readonly indicator: Locator;
  readonly presence: Locator;
  readonly userMenu: Locator;
  /** What says that the live connection is lost. */
  readonly connection: Locator;

  constructor(readonly page: Page) {
    this.root = page.getByRole("banner");
    this.dialpad = this.root.getByRole("button", { name: "Dialpad", exact: true });
    this.assistance = this.root.getByRole("button", { name: "Assistance", exact: true });
    this.directory = this.root.getByRole("button", { name: "Company Directory", exact: true });
    this.indicator = page.getByTestId("directory-indicator");
    this.presence = this.root.getByRole("combobox", { name: "Presence" });
    this.userMenu = this.root.getByRole("button", { name: "User menu" });
    this.connection = page.getByRole("status").filter({ hasText: "Offline" });
  }

  async signOut(): Promise<void> {
    await this.userMenu.click();
    await this.page.getByRole("menuitem", { name: "Sign out" }).click();
  }
}
