// `/settings`: what a user sets for themselves.

import type { Locator, Page } from "@playwright/test";

export class Settings {
  readonly notification: Locator;

  constructor(readonly page: Page) {
    this.notification = page
      .getByRole("region", { name: "Directory" })
      .getByRole("switch", { name: "Agent Message Notification" });
  }

  async open(): Promise<void> {
    await this.page.goto("/settings");
  }
}
