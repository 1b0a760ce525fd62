// A text box with its Send button, and what it says when sending failed.

import type { Locator } from "@playwright/test";

export class Composer {
  readonly text: Locator;
  readonly sendButton: Locator;
  readonly retryButton: Locator;
  readonly problem: Locator;
  /** The saved texts that a `/` or their button lists. */
  readonly savedTexts: Locator;
  readonly savedButton: Locator;

  /** `scope` holds one composer and nothing else that sends. */
  constructor(readonly scope: Locator, label: string, button = "Send") {
    this.text = scope.getByRole("textbox", { name: label, exact: true });
    this.sendButton = scope.getByRole("button", { name: button, exact: true });
    this.retryButton = scope.getByRole("button", { name: "Retry" });
    this.savedTexts = scope.getByRole("listbox", { name: "Saved texts" });
    this.savedButton = scope.getByRole("button", { name: "Insert a saved text" });
    this.problem = scope.getByRole("alert").filter({ hasText: /\S/ });
  }

  async send(text: string): Promise<void> {
    await this.text.fill(text);
    await this.sendButton.click();
  }
}
