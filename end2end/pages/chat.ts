// `/chat/{channel key}`: the customer's page.

import { type Locator, type Page, expect } from "@playwright/test";

export class ChatPage {
  /** Everything that the customer can read. */
  readonly content: Locator;
  readonly log: Locator;
  readonly messages: Locator;
  readonly name: Locator;
  readonly text: Locator;
  readonly sendButton: Locator;
  readonly retryButton: Locator;
  readonly status: Locator;
  readonly startAgain: Locator;

  constructor(readonly page: Page) {
    this.content = page.getByRole("main");
    this.log = page.getByRole("log", { name: "Conversation" });
    this.messages = this.log.getByRole("article");
    this.name = page.getByRole("textbox", { name: "Your name" });
    this.text = page.getByRole("textbox", { name: "Message" });
    this.sendButton = page.getByRole("button", { name: "Send" });
    this.retryButton = page.getByRole("button", { name: "Retry" });
    this.status = page.getByRole("status");
    this.startAgain = page.getByRole("button", { name: "Start a new conversation" });
  }

  message(text: string): Locator {
    return this.messages.filter({ hasText: text });
  }

  /** Introduces the customer with a first message. */
  async begin(name: string, text: string): Promise<void> {
    await this.name.fill(name);
    await this.send(text);
    await expect(this.name).toBeHidden();
  }

  async send(text: string): Promise<void> {
    await this.text.fill(text);
    await this.sendButton.click();
  }
}
