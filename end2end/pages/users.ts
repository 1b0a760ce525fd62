// `/admin/users`: who can sign in.

import { type Locator, type Page, expect } from "@playwright/test";

export class Users {
  readonly table: Locator;
  readonly newButton: Locator;
  readonly editor: Locator;
  readonly saveButton: Locator;

  constructor(readonly page: Page) {
    this.table = page.getByRole("table", { name: "Users" });
    this.newButton = page.getByRole("button", { name: "New user" });
    this.editor = page.getByRole("region", { name: /^(New user|Edit |New password for )/ });
    this.saveButton = this.editor.getByRole("button", { name: "Save" });
  }

  async open(): Promise<void> {
    await this.page.goto("/admin/users");
  }

  row(name: string): Locator {
    return this.table.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name, exact: true }) });
  }

  role(name: "Agent" | "Supervisor" | "Administrator"): Locator {
    return this.editor.getByRole("checkbox", { name });
  }

  field(name: "Name" | "Username" | "Password"): Locator {
    return this.editor.getByRole("textbox", { name, exact: true });
  }

  async create(user: {
    name: string;
    username: string;
    role: "Agent" | "Supervisor" | "Administrator";
    password: string;
  }): Promise<void> {
    await this.newButton.click();
    await this.field("Name").fill(user.name);
    await this.field("Username").fill(user.username);
    await this.role(user.role).check();
    await this.field("Password").fill(user.password);
    await this.save();
  }

  async save(): Promise<void> {
    await this.saveButton.click();
    await expect(this.editor).toBeHidden();
  }

  async resetPassword(name: string, password: string): Promise<void> {
    await this.row(name).getByRole("button", { name: "Reset password" }).click();
    await this.field("Password").fill(password);
    await this.save();
  }

  /** Deactivates somebody; the page asks once whether that is meant. */
  async deactivate(name: string): Promise<void> {
    const row = this.row(name);
    await row.getByRole("button", { name: "Deactivate" }).click();
    await this.question(name).getByRole("button", { name: "Deactivate" }).click();
    await expect(row).toContainText("Deactivated");
  }

  /** What is asked in the row of somebody who is to be deactivated. */
  question(name: string): Locator {
    return this.row(name).getByRole("group");
  }

  /** The dialog that says what deleting means. */
  deletion(name: string): Locator {
    return this.page.getByRole("dialog", { name: `Delete ${name}?` });
  }

  /** Opens that dialog from the user's panel. */
  async askToDelete(name: string): Promise<void> {
    await this.row(name).getByRole("button", { name: "Edit" }).click();
    await this.editor.getByRole("button", { name: "Delete" }).click();
    await expect(this.deletion(name)).toBeVisible();
  }

  async activate(name: string): Promise<void> {
    await this.row(name).getByRole("button", { name: "Activate" }).click();
    await expect(this.row(name)).not.toContainText("Deactivated");
  }
}
