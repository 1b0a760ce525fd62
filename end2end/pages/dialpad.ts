// The Dialpad of an agent's header.

import type { Locator, Page } from "@playwright/test";

export class Dialpad {
  readonly dialog: Locator;
  readonly number: Locator;
  readonly callButton: Locator;
  readonly problem: Locator;

  constructor(readonly page: Page) {
    this.dialog = page.getByRole("dialog", { name: "Dialpad" });
    this.number = this.dialog.getByRole("textbox", { name: "Number" });
    this.callButton = this.dialog.getByRole("button", { name: "Call" });
    this.problem = this.dialog.getByRole("alert");
  }

  key(digit: string): Locator {
    return this.dialog.getByRole("button", { name: digit, exact: true });
  }
}
