// `/admin/channels`: channels that go through a provider.

import { type Locator, type Page, expect } from "@playwright/test";

/** What every channel of Meta's has. */
interface MetaChannel {
  name: string;
  team?: string;
  token: string;
  secret: string;
}

export class Channels {
  readonly newButton: Locator;
  /** The chat pages, which no provider carries. */
  readonly chats: Locator;
  /** Leads to where a chat page is added. */
  readonly newChat: Locator;
  /** What was done last. */
  readonly said: Locator;
  readonly editor: Locator;

  constructor(readonly page: Page) {
    this.newButton = page.getByRole("button", { name: "New channel" });
    this.chats = page.getByRole("region", { name: "Chat channels" });
    this.newChat = this.chats.getByRole("link", { name: "New chat channel" });
    this.said = page.locator(".admin__said");
    this.editor = page.getByRole("region", { name: /^(New channel|Edit )/ });
  }

  async open(): Promise<void> {
    await this.page.goto("/admin/channels");
  }

  /** The card of one channel. */
  channel(name: string): Locator {
    return this.page.getByRole("article", { name, exact: true });
  }

  chatSwitch(name: string): Locator {
    return this.chats.getByRole("switch", { name: `${name} takes messages` });
  }

  /** Fills in the panel that is open, and saves. */
  async save(values: { kind?: string; name: string; number: string; team?: string; account: string; token: string }) {
    const { editor } = this;
    if (values.kind) await editor.getByRole("combobox", { name: "Kind" }).selectOption(values.kind);
    await editor.getByRole("textbox", { name: "Name", exact: true }).fill(values.name);
    await editor.getByRole("textbox", { name: "Number" }).fill(values.number);
    if (values.team) await editor.getByRole("combobox", { name: "Team" }).selectOption(values.team);
    await editor.getByRole("textbox", { name: "Account SID" }).fill(values.account);
    await editor.getByLabel("Auth token").fill(values.token);
    await editor.getByRole("button", { name: "Save" }).click();
    await expect(editor).toBeHidden();
  }

  /** Fills in the panel that is open for a page of Meta's, and saves. */
  async savePage({ page, ...values }: MetaChannel & { page: string }) {
    await this.saveMeta({ kind: "Meta: Messenger", label: "Page ID", id: page }, values);
  }

  /** The same for a number on WhatsApp, which Meta calls so. */
  async saveWhatsApp({ number, ...values }: MetaChannel & { number: string }) {
    await this.saveMeta({ kind: "Meta: WhatsApp", label: "Phone number ID", id: number }, values);
  }

  private async saveMeta({ kind, label, id }: { kind: string; label: string; id: string }, values: MetaChannel) {
    const { editor } = this;
    await editor.getByRole("combobox", { name: "Kind" }).selectOption(kind);
    await editor.getByRole("textbox", { name: "Name", exact: true }).fill(values.name);
    await editor.getByRole("textbox", { name: label }).fill(id);
    if (values.team) await editor.getByRole("combobox", { name: "Team" }).selectOption(values.team);
    await editor.getByLabel("Access token").fill(values.token);
    await editor.getByLabel("App secret").fill(values.secret);
    await editor.getByRole("button", { name: "Save" }).click();
    await expect(editor).toBeHidden();
  }

  /** The question before a channel is deleted. */
  deletion(name: string): Locator {
    return this.page.getByRole("dialog", { name: `Delete ${name}?` });
  }

  /** The address to paste at the provider. */
  async webhook(name: string): Promise<string> {
    return (await this.channel(name).getByText(/\/channels\//).textContent()) ?? "";
  }

  /** Sends a test message and answers what is said of it. */
  async test(name: string, to: string): Promise<string> {
    const card = this.channel(name);
    await card.getByText("Send test message").first().click();
    await card.getByRole("textbox", { name: /^To the (number|person’s ID)$/ }).fill(to);
    await card.getByRole("button", { name: "Send test message", exact: true }).click();
    const said = card.getByRole("status");
    await expect(said).not.toBeEmpty();
    return (await said.textContent()) ?? "";
  }
}
