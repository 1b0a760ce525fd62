// `/settings`: what a user sets for themselves.

import type { Locator, Page } from "@playwright/test";

export class Settings {
  readonly notification: Locator;
  /** The language of the interface, whatever it is called in the present one. */
  readonly language: Locator;

  constructor(readonly page: Page) {
    this.notification = page
      .getByRole("region", { name: "Directory" })
      .getByRole("switch", { name: "Agent Message Notification" });
    this.language = page.getByRole("combobox", { name: /^(Language|Sprache)$/ });
  }

  async open(): Promise<void> {
    await this.page.goto("/settings");
  }
}
