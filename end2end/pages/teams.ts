// `/admin/teams`: who works where, who supervises, and which chat pages bring work.

import { type Locator, type Page, expect } from "@playwright/test";

export class Teams {
  readonly newButton: Locator;
  readonly editor: Locator;
  readonly name: Locator;
  readonly agents: Locator;
  readonly supervisors: Locator;
  readonly saveButton: Locator;

  constructor(readonly page: Page) {
    this.newButton = page.getByRole("button", { name: "New team" });
    this.editor = page.getByRole("region", { name: /^(New team|Edit )/ });
    this.name = this.editor.getByRole("textbox", { name: "Name", exact: true });
    this.agents = this.editor.getByRole("group", { name: /^Agents/ });
    this.supervisors = this.editor.getByRole("group", { name: /^Supervisors/ });
    this.saveButton = this.editor.getByRole("button", { name: "Save" });
  }

  async open(): Promise<void> {
    await this.page.goto("/admin/teams");
  }

  /** The card of one team. */
  team(name: string): Locator {
    return this.page.getByRole("article", { name, exact: true });
  }

  async edit(name: string): Promise<void> {
    await this.team(name).getByRole("button", { name: "Edit" }).click();
  }

  async save(): Promise<void> {
    await this.saveButton.click();
    await expect(this.editor).toBeHidden();
  }

  /** Without an address the channel gets one that nobody guesses. */
  async addChannel(team: string, name: string, address = ""): Promise<void> {
    await this.team(team).getByRole("textbox", { name: `Name of a new chat channel for ${team}` }).fill(name);
    await this.address(team).fill(address);
    await this.team(team).getByRole("button", { name: "Add channel" }).click();
    await expect(this.channel(team, name)).toBeVisible();
  }

  /** Where the address of a new channel is chosen. */
  address(team: string): Locator {
    return this.team(team).getByRole("textbox", { name: `Address of a new chat channel for ${team}` });
  }

  /** What was done last. */
  get said(): Locator {
    return this.page.locator(".admin__said");
  }

  /** The dialog that says what deleting means. */
  deletion(name: string): Locator {
    return this.page.getByRole("dialog", { name: `Delete ${name}?` });
  }

  channel(team: string, name: string): Locator {
    return this.team(team).getByRole("listitem").filter({ hasText: name });
  }

  channelSwitch(team: string, name: string): Locator {
    return this.channel(team, name).getByRole("switch", { name: `${name} takes messages` });
  }
}
