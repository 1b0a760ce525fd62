// `/admin/templates`: the messages that agents choose from.

import { type Locator, type Page, expect } from "@playwright/test";

export class Templates {
  readonly table: Locator;
  readonly rows: Locator;
  readonly newButton: Locator;
  readonly editor: Locator;
  readonly title: Locator;
  readonly message: Locator;
  readonly active: Locator;
  /** Within how many minutes somebody should have seen to a request. */
  readonly target: Locator;
  readonly saveButton: Locator;
  readonly cancelButton: Locator;
  /** What the agent will see. */
  readonly preview: Locator;

  constructor(readonly page: Page) {
    this.table = page.getByRole("table", { name: "Assistance templates" });
    this.rows = this.table.getByRole("row").filter({ has: page.getByRole("rowheader") });
    this.newButton = page.getByRole("button", { name: "New template" });
    this.editor = page.getByRole("region", { name: /template$/ });
    this.title = this.editor.getByRole("textbox", { name: "Title" });
    this.message = this.editor.getByRole("textbox", { name: "Message" });
    this.active = this.editor.getByRole("switch", { name: "Active" });
    this.target = this.editor.getByRole("textbox", { name: "Target time in minutes" });
    this.saveButton = this.editor.getByRole("button", { name: "Save" });
    this.cancelButton = this.editor.getByRole("button", { name: "Cancel" });
    this.preview = this.editor.getByRole("figure", { name: "What the agent sees" });
  }

  async open(): Promise<void> {
    await this.page.goto("/admin/templates");
  }

  row(title: string): Locator {
    return this.rows.filter({ has: this.page.getByRole("rowheader", { name: title, exact: true }) });
  }

  async edit(title: string): Promise<void> {
    await this.row(title).getByRole("button", { name: "Edit" }).click();
    await this.opened();
  }

  /** The editor takes the focus when it opens; what is typed before would go there. */
  private async opened(): Promise<void> {
    await expect(this.title).toBeFocused();
  }

  async fill(template: { title?: string; message?: string; active?: boolean }): Promise<void> {
    if (template.title !== undefined) await this.title.fill(template.title);
    if (template.message !== undefined) await this.message.fill(template.message);
    if (template.active !== undefined) await this.active.setChecked(template.active);
  }

  async save(): Promise<void> {
    await this.saveButton.click();
    await expect(this.editor).toBeHidden();
  }

  async create(title: string, message: string): Promise<void> {
    await this.newButton.click();
    await this.opened();
    await this.fill({ title, message });
    await this.save();
  }

  async switchOff(title: string): Promise<void> {
    await this.edit(title);
    await this.fill({ active: false });
    await this.save();
  }

  /** Deletes one; the page asks once whether that is meant. */
  async delete(title: string): Promise<void> {
    const row = this.row(title);
    await row.getByRole("button", { name: "Delete" }).click();
    await row.getByRole("group").getByRole("button", { name: "Delete" }).click();
    await expect(row).toHaveCount(0);
  }
}
