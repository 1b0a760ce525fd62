// `/admin/single-sign-on`: the provider at which users sign in.

import { type Locator, type Page, expect } from "@playwright/test";

export class SingleSignOn {
  readonly heading: Locator;
  readonly said: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole("heading", { name: "Single sign-on", level: 1 });
    this.said = page.getByRole("status").filter({ hasText: /\w/ });
  }

  field(name: string): Locator {
    return this.page.getByLabel(name, { exact: true });
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** What the button does is done. */
  async press(name: string, said: string): Promise<void> {
    await this.button(name).click();
    await expect(this.said.filter({ hasText: said })).toBeVisible();
  }
}
