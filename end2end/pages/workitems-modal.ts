// The modal on `/coaching/{agent}`: all workitems of one agent.

import type { Locator, Page } from "@playwright/test";

export class WorkitemsModal {
  readonly table: Locator;
  /** One row per workitem, without those that unfolded. */
  readonly rows: Locator;
  readonly refreshButton: Locator;
  readonly editButton: Locator;
  readonly closeButton: Locator;
  /** How many changes are waiting. */
  readonly changes: Locator;

  constructor(readonly page: Page) {
    const dialog = page.getByRole("dialog", { name: /^Workitems of / });
    this.table = dialog.getByRole("table", { name: "Workitems" });
    this.rows = this.table.getByRole("row").filter({ has: page.getByRole("rowheader") });
    this.refreshButton = dialog.getByRole("button", { name: "Refresh" });
    this.editButton = this.table.getByRole("button", { name: "Edit" });
    this.closeButton = dialog.getByRole("button", { name: "Close", exact: true });
    this.changes = dialog.getByRole("status");
  }

  dialogOf(agent: string): Locator {
    return this.page.getByRole("dialog", { name: `Workitems of ${agent}` });
  }

  /** The row of a customer's workitem. */
  row(customer: string): Locator {
    return this.rows.filter({ hasText: customer });
  }
}
