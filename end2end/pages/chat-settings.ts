// `/admin/chat/{key}`: how a chat channel is set up. A plain page, which needs no script but to copy.

import { type Locator, type Page, expect } from "@playwright/test";

export class ChatSettings {
  readonly heading: Locator;
  readonly snippet: Locator;
  readonly origins: Locator;
  readonly greeting: Locator;
  readonly always: Locator;
  readonly weekly: Locator;
  readonly timeZone: Locator;
  readonly offlineForm: Locator;
  readonly saveButton: Locator;
  readonly makeSecretButton: Locator;
  readonly secret: Locator;
  readonly problem: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole("heading", { name: /^Chat channel/, level: 1 });
    this.snippet = page.getByRole("textbox", { name: "Line for your pages" });
    this.origins = page.getByRole("textbox", { name: "Allowed origins" });
    this.greeting = page.getByRole("textbox", { name: "Greeting" });
    this.always = page.getByRole("radio", { name: "Always open" });
    this.weekly = page.getByRole("radio", { name: "Only within these hours" });
    this.timeZone = page.getByRole("textbox", { name: "Time zone" });
    this.offlineForm = page.getByRole("checkbox", { name: "Offline form" });
    this.saveButton = page.getByRole("button", { name: "Save" });
    this.makeSecretButton = page.getByRole("button", { name: "Make a secret" });
    this.secret = page.getByRole("textbox", { name: "Secret" });
    this.problem = page.getByRole("alert");
  }

  async open(channel = "care"): Promise<void> {
    await this.page.goto(`/admin/chat/${channel}`);
    await expect(this.heading).toBeVisible();
  }

  /** Makes a secret, and answers it. */
  async makeSecret(): Promise<string> {
    await this.makeSecretButton.click();
    return this.secret.inputValue();
  }

  /** What asks before the secret is replaced or removed. */
  question(words: "Replace the secret" | "Remove the secret"): Locator {
    return this.page.locator("summary").filter({ hasText: words });
  }

  hours(day: string): Locator {
    return this.page.getByRole("textbox", { name: day });
  }

  async save(): Promise<void> {
    await this.saveButton.click();
    await expect(this.page.getByText("Saved.", { exact: true })).toBeVisible();
  }

  /** No conversation begins before the day after tomorrow, which has a minute of hours. */
  async closeUntilLater({ offlineForm }: { offlineForm: boolean }): Promise<void> {
    await this.open();
    await this.weekly.check();
    await this.timeZone.fill("Europe/Berlin");
    const names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    const opens = new Date(Date.now() + 2 * 864e5);
    await this.hours(names[opens.getUTCDay()] ?? "").fill("12:00-12:01");
    await this.offlineForm.setChecked(offlineForm);
    await this.save();
  }

  /** Conversations begin at any time. */
  async openAlways(): Promise<void> {
    await this.open();
    await this.always.check();
    await this.save();
  }

  /** Lets pages of an origin show the chat. */
  async allow(origin: string): Promise<void> {
    await this.open();
    await this.origins.fill(origin);
    await this.save();
  }
}
