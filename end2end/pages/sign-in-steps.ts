// `/login/step` and `/settings/second-factor`: plain pages, which need no script.

import { type Locator, type Page, expect } from "@playwright/test";

import { Authenticator } from "../fixtures/authenticator.ts";

export class SignInSteps {
  readonly code: Locator;
  readonly newPassword: Locator;
  readonly repeat: Locator;
  readonly problem: Locator;
  readonly recoveryCodes: Locator;

  constructor(readonly page: Page) {
    this.code = page.getByRole("textbox", { name: "Code" });
    this.newPassword = page.getByRole("textbox", { name: "New password", exact: true });
    this.repeat = page.getByRole("textbox", { name: "Confirm new password" });
    this.problem = page.getByRole("alert");
    this.recoveryCodes = page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
  }

  heading(name: string): Locator {
    return this.page.getByRole("heading", { name, level: 1 });
  }

  async choosePassword(password: string): Promise<void> {
    await this.newPassword.fill(password);
    await this.repeat.fill(password);
    await this.page.getByRole("button", { name: "Change password" }).click();
  }

  async give(code: string): Promise<void> {
    await this.code.fill(code);
    await this.page.getByRole("button", { name: /^(Sign in|Confirm)$/ }).click();
  }

  /** Sets up a second factor from its explanation to the recovery codes. */
  async setUp(): Promise<{ app: Authenticator; recoveryCodes: string[] }> {
    await this.page.getByRole("button", { name: "Set up", exact: true }).click();
    await expect(this.page.getByRole("img", { name: "QR code for the authenticator app" })).toBeVisible();
    const key = await this.page.locator(".login__key").innerText();
    const app = new Authenticator(key.replaceAll(" ", ""));
    await this.give(app.code());
    await expect(this.recoveryCodes).toHaveCount(10);
    return { app, recoveryCodes: await this.recoveryCodes.allInnerTexts() };
  }
}
