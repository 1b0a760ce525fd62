// The Company Directory: people, and the conversation with one of them.

import { type Locator, type Page, expect } from "@playwright/test";

import { Composer } from "./composer.ts";

export class Directory {
  readonly dialog: Locator;
  readonly search: Locator;
  readonly people: Locator;

  constructor(readonly page: Page) {
    this.dialog = page.getByRole("dialog", { name: "Company Directory" });
    this.search = this.dialog.getByRole("searchbox", { name: "Search people" });
    this.people = this.dialog.getByRole("list", { name: "People" }).getByRole("listitem");
  }

  person(name: string): Locator {
    return this.people.filter({ hasText: name });
  }

  /** Opens the conversation with somebody from anywhere. */
  async openConversation(name: string): Promise<void> {
    if (await this.dialog.isVisible()) {
      await this.dialog.getByRole("button", { name: "All people" }).click();
    } else {
      await this.page.getByRole("banner").getByRole("button", { name: "Company Directory", exact: true }).click();
    }
    await this.person(name).getByRole("button").click();
    await expect(this.conversation(name)).toBeVisible();
  }

  conversation(name: string): Locator {
    return this.dialog.getByRole("log", { name: `Conversation with ${name}` });
  }

  composer(name: string): Composer {
    return new Composer(this.dialog, `Message ${name}`);
  }

  /** Writes to somebody from anywhere and closes the directory again. */
  async write(name: string, text: string): Promise<void> {
    await this.openConversation(name);
    await this.composer(name).send(text);
    await expect(this.conversation(name)).toContainText(text);
    await this.close();
  }

  async close(): Promise<void> {
    await this.dialog.getByRole("button", { name: "Close" }).click();
  }
}
