// `/dashboard`: the agents under a supervisor's authority.

import { expect, type Locator, type Page } from "@playwright/test";

export class Dashboard {
  readonly table: Locator;
  readonly rows: Locator;
  readonly menu: Locator;
  /** The requests of the agents for assistance. */
  readonly requests: Locator;
  /** Part of a name. */
  readonly filter: Locator;

  constructor(readonly page: Page) {
    this.table = page.getByRole("table", { name: "Agents" });
    this.rows = this.table.getByRole("row").filter({ has: page.getByRole("rowheader") });
    this.menu = page.getByRole("menu");
    this.requests = page.getByRole("region", { name: "Requests" });
    this.filter = page.getByRole("searchbox", { name: "Filter agents" });
  }

  async open(): Promise<void> {
    await this.page.goto("/dashboard");
  }

  /** Takes all filters out of use. It is there while one is in use, and says how many are. */
  clear(count: number): Locator {
    return this.page.getByRole("button", { name: `Clear filters (${count})`, exact: true });
  }

  /** One of the choices above the table. */
  choice(name: "Presence" | "Team" | "Channel" | "State" | "Request" | "Alert" | "Sort by" | "View"): Locator {
    // The header has a choice of one's own presence.
    return this.page.getByRole("main").getByRole("combobox", { name, exact: true });
  }

  heading(name: string): Locator {
    return this.table.getByRole("columnheader", { name });
  }

  /** Sorts by a column, as a click on its heading does. */
  async sortBy(heading: string): Promise<void> {
    await this.heading(heading).getByRole("button").click();
  }

  /** Waits until the agents with these names are shown, in this order. */
  async expectOrder(names: string[]): Promise<void> {
    await expect(this.rows).toHaveCount(names.length);
    for (const [at, name] of names.entries()) await expect(this.rows.nth(at)).toHaveAccessibleName(name);
  }

  agent(name: string): AgentRow {
    return new AgentRow(this.table.getByRole("row", { name, exact: true }));
  }

  /** The request of an agent, or the one of them with this text. */
  request(agent: string, text = ""): Request {
    const rows = this.requests.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name: agent }) });
    return new Request(rows.filter({ hasText: text }), agent);
  }

  menuItem(
    name: "View Workitems" | "View Workitems in new window" | "Send message" | "Peek at conversations",
  ): Locator {
    return this.menu.getByRole("menuitem", { name, exact: true });
  }

  /** Right-click, View Workitems. */
  async viewWorkitems(agent: string): Promise<void> {
    await this.agent(agent).row.click({ button: "right" });
    await this.menuItem("View Workitems").click();
  }
}

export class AgentRow {
  /** The button for those who cannot right-click. */
  readonly actions: Locator;

  constructor(readonly row: Locator) {
    this.actions = row.getByRole("button", { name: /^Actions for / });
  }

  /** The number of open workitems of a channel, in words: "Chat 2 of 8". */
  count(channel: string, count: number): Locator {
    return this.row.getByRole("listitem").filter({ hasText: new RegExp(`^\\s*${channel}\\s*${count}(\\s*$|,| of )`) });
  }

  /** What is open on a channel, and how much the agent may have of it. */
  load(channel: string): Locator {
    return this.row.getByRole("listitem").filter({ hasText: channel });
  }

  /** The cell below a heading. */
  cell(heading: string): Locator {
    return this.row.locator(`td[data-label="${heading}"]`);
  }
}

/** A request on the panel. */
export class Request {
  readonly claim: Locator;
  readonly handBack: Locator;
  readonly done: Locator;
  /** The way to its Coaching Page. */
  readonly open: Locator;

  constructor(readonly row: Locator, agent: string) {
    this.claim = row.getByRole("button", { name: `Claim the request of ${agent}` });
    this.handBack = row.getByRole("button", { name: `Hand back the request of ${agent}` });
    this.done = row.getByRole("button", { name: `Done with the request of ${agent}` });
    this.open = row.getByRole("link", { name: `Open the Coaching Page of ${agent}` });
  }

  /** The cell below a heading. */
  cell(heading: string): Locator {
    return this.row.locator(`td[data-label="${heading}"]`);
  }
}
