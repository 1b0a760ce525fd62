// `/admin/settings`: what holds for the whole organisation.

import { type Locator, type Page, expect } from "@playwright/test";

export class Organisation {
  readonly saveButton: Locator;
  readonly said: Locator;

  constructor(readonly page: Page) {
    this.saveButton = page.getByRole("button", { name: "Save" });
    this.said = page.getByRole("status").filter({ hasText: /Saved|Nothing/ });
  }

  setting(name: string): Locator {
    return this.page.getByRole("textbox", { name, exact: true });
  }

  /** Changes some settings and saves them. */
  async change(values: Record<string, string>): Promise<void> {
    for (const [name, value] of Object.entries(values)) await this.setting(name).fill(value);
    await this.saveButton.click();
    await expect(this.said).toHaveText("Saved.");
  }
}
