// `/admin/webhooks`: receivers of webhooks and the log of their events. A plain page, which needs no script but to copy.

import { type Locator, type Page, expect } from "@playwright/test";

export class Webhooks {
  readonly heading: Locator;
  readonly name: Locator;
  readonly address: Locator;
  readonly addButton: Locator;
  readonly secret: Locator;
  readonly problem: Locator;
  readonly said: Locator;
  readonly log: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole("heading", { name: "Webhooks", level: 1 });
    this.name = page.getByRole("textbox", { name: "Name" });
    this.address = page.getByRole("textbox", { name: "Address" });
    this.addButton = page.getByRole("button", { name: "Add receiver" });
    this.secret = page.getByRole("textbox", { name: "Secret" });
    this.problem = page.getByRole("alert");
    this.said = page.locator(".admin__said");
    this.log = page.getByRole("table", { name: "Log" });
  }

  event(code: string): Locator {
    return this.page.getByRole("checkbox", { name: code });
  }

  team(name: string): Locator {
    return this.page.getByRole("group", { name: "Teams" }).getByRole("checkbox", { name, exact: true });
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** The lines of the log about a type of event. */
  lines(type: string): Locator {
    return this.log.getByRole("row").filter({ hasText: type });
  }

  /** Adds a receiver and answers its secret. */
  async add(name: string, address: string, events: string[]): Promise<string> {
    await this.name.fill(name);
    await this.address.fill(address);
    for (const code of events) await this.event(code).check();
    await this.addButton.click();
    await expect(this.secret).toBeVisible();
    return this.secret.inputValue();
  }

  /** Loads the page of the receiver again until its log says so. */
  async expectLine(type: string, words: string): Promise<void> {
    const reload = this.page.getByRole("link", { name: "Reload, newest first" });
    await expect(async () => {
      await reload.click();
      await expect(this.lines(type).first()).toContainText(words, { timeout: 500 });
    }).toPass();
  }
}
