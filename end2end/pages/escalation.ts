// `/admin/escalation`: whom a request for assistance reaches that nobody claims.

import type { Locator, Page } from "@playwright/test";

/** The steps of one team, as they are typed. */
export interface Steps {
  all: string;
  later: string;
  who: string;
}

export class EscalationPage {
  readonly problem: Locator;
  readonly said: Locator;

  constructor(private readonly page: Page) {
    this.problem = page.getByRole("alert");
    this.said = page.getByRole("status").filter({ hasText: "Saved." });
  }

  async open(): Promise<void> {
    await this.page.goto("/admin/settings");
    await this.page.getByRole("link", { name: "Escalation" }).click();
  }

  /** The fields of a team. */
  team(name: string): { all: Locator; later: Locator; who: Locator } {
    const team = this.page.getByRole("region", { name, exact: true });
    return {
      all: team.getByLabel("Ask all supervisors after (minutes)"),
      later: team.getByLabel("Ask the person on call after (minutes)"),
      who: team.getByRole("combobox", { name: "On call" }),
    };
  }

  /** Sets the steps of a team. */
  async save(name: string, { all, later, who }: Steps): Promise<void> {
    const team = this.team(name);
    await team.all.fill(all);
    await team.later.fill(later);
    await team.who.selectOption(who);
    await this.page.getByRole("button", { name: `Save ${name}` }).click();
  }
}
