// The labels of a workitem, and the page on which administrators keep them.

import type { Locator, Page } from "@playwright/test";

/** The line of a workitem's labels, and what it unfolds. */
export class Labels {
  readonly line: Locator;
  readonly outcome: Locator;

  constructor(private readonly scope: Locator) {
    this.line = scope.locator("summary").filter({ hasText: "Labels" });
    this.outcome = scope.getByRole("combobox", { name: "Outcome" });
  }

  async unfold(): Promise<void> {
    await this.line.click();
  }

  tag(name: string): Locator {
    return this.scope.getByRole("group", { name: "Tags" }).getByRole("checkbox", { name });
  }
}

/** `/admin/labels`. */
export class LabelsPage {
  readonly name: Locator;
  readonly problem: Locator;
  /** What was typed about a label that is gone. */
  readonly lost: Locator;

  constructor(private readonly page: Page) {
    this.name = page.getByRole("textbox", { name: "Name", exact: true });
    this.problem = page.getByRole("alert");
    this.lost = page.getByRole("region", { name: "What you typed" });
  }

  async add(kind: "Outcome" | "Tag", name: string): Promise<void> {
    await this.page.getByRole("combobox", { name: "What it says" }).selectOption(kind);
    await this.name.fill(name);
    await this.page.getByRole("button", { name: "Add label" }).click();
  }

  /** The box for the name of a label that is called so. */
  nameOf(name: string): Locator {
    return this.page.getByRole("textbox", { name: `Name of ${name}`, exact: true });
  }

  offered(name: string): Locator {
    return this.page.getByRole("checkbox", { name: `Offer ${name}` });
  }

  async save(name: string): Promise<void> {
    await this.page.getByRole("button", { name: `Save ${name}` }).click();
  }

  async switchOff(name: string): Promise<void> {
    await this.offered(name).uncheck();
    await this.save(name);
  }

  async delete(name: string): Promise<void> {
    await this.page.getByLabel(`Delete ${name}`, { exact: true }).click();
    await this.page.getByRole("button", { name: `Delete ${name} for good` }).click();
  }
}
