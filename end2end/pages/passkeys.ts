// Passkeys on `/settings/second-factor`, `/login/step` and `/login/passkey`.

import { type Locator, type Page, expect } from "@playwright/test";

export class Passkeys {
  readonly list: Locator;
  readonly name: Locator;
  readonly addButton: Locator;
  readonly createButton: Locator;
  readonly useButton: Locator;
  /** On the sign-in page. */
  readonly aloneLink: Locator;
  readonly problem: Locator;

  constructor(readonly page: Page) {
    this.list = page.getByRole("list", { name: "Passkeys" }).getByRole("listitem");
    this.name = page.getByRole("textbox", { name: "Name of the passkey" });
    this.addButton = page.getByRole("button", { name: "Add a passkey" });
    this.createButton = page.getByRole("button", { name: "Create passkey" });
    this.useButton = page.getByRole("button", { name: "Use passkey" });
    this.aloneLink = page.getByRole("link", { name: "Sign in with a passkey" });
    this.problem = page.getByRole("alert");
  }

  /** Begins to add one: the page asks the device next. */
  async begin(name: string): Promise<void> {
    await this.name.fill(name);
    await this.addButton.click();
    await expect(this.createButton).toBeVisible();
  }

  async remove(name: string): Promise<void> {
    await this.page.getByLabel(`Remove ${name}`, { exact: true }).click();
    await this.page.getByRole("button", { name: `Remove ${name} for good` }).click();
  }
}
