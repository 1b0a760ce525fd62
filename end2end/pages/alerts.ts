// Alerts where supervisors see them, and the page on which administrators keep the rules.

import type { Locator, Page } from "@playwright/test";

/** `/admin/alerts`. */
export class AlertRulesPage {
  readonly problem: Locator;

  constructor(private readonly page: Page) {
    this.problem = page.getByRole("alert");
  }

  async open(): Promise<void> {
    await this.page.goto("/admin/settings");
    await this.page.getByRole("link", { name: "Alerts" }).click();
  }

  /** Fills the form of a new rule in: `field` by its label. */
  async add(kind: string, name: string, field: string, value: string): Promise<void> {
    await this.page.getByRole("navigation", { name: "What a new rule looks at" }).getByRole("link", { name: kind }).click();
    const form = this.page.getByRole("region", { name: `New rule: ${kind}` });
    await form.getByRole("textbox", { name: "Name", exact: true }).fill(name);
    await form.getByLabel(field).fill(value);
    await form.getByRole("button", { name: "Add rule" }).click();
  }

  async delete(name: string): Promise<void> {
    await this.page.getByLabel(`Delete ${name}`, { exact: true }).click();
    await this.page.getByRole("button", { name: `Delete ${name} for good` }).click();
  }

  rule(name: string): Locator {
    return this.page.getByRole("group", { name });
  }
}

/** What a supervisor chooses in the settings. */
export class AlertSettings {
  readonly alerts: Locator;
  /** News while Sideline is closed. */
  readonly closed: Locator;
  readonly from: Locator;
  readonly until: Locator;

  constructor(private readonly page: Page) {
    const region = page.getByRole("region", { name: "When you look elsewhere" });
    this.alerts = region.getByRole("switch", { name: "Alerts" });
    this.closed = region.getByRole("switch", { name: "While Sideline is closed" });
    this.from = region.getByLabel("From");
    this.until = region.getByLabel("Until");
  }

  async open(): Promise<void> {
    await this.page.goto("/settings");
  }
}
