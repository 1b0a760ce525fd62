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

  /** Opens the form of a new rule. */
  async begin(kind: string): Promise<NewRule> {
    await this.page.getByRole("navigation", { name: "What a new rule looks at" }).getByRole("link", { name: kind }).click();
    return new NewRule(this.page.getByRole("region", { name: `New rule: ${kind}` }));
  }

  /** Fills the form of a new rule in and sends it: `field` by its label. */
  async add(kind: string, name: string, field: string, value: string): Promise<void> {
    const form = await this.begin(kind);
    await form.name.fill(name);
    await form.field(field).fill(value);
    await form.addButton.click();
  }

  async delete(name: string): Promise<void> {
    await this.page.getByLabel(`Delete ${name}`, { exact: true }).click();
    await this.page.getByRole("button", { name: `Delete ${name} for good` }).click();
  }

  rule(name: string): Locator {
    return this.page.getByRole("group", { name });
  }
}

/** The form of a new rule. */
export class NewRule {
  readonly name: Locator;
  readonly addButton: Locator;

  constructor(private readonly root: Locator) {
    this.name = root.getByRole("textbox", { name: "Name", exact: true });
    this.addButton = root.getByRole("button", { name: "Add rule" });
  }

  /** A field by its label. */
  field(label: string): Locator {
    return this.root.getByLabel(label);
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
