// `/admin/tokens`: tokens of the HTTP API. A plain page, which needs no script but to copy.

import { type Locator, type Page, expect } from "@playwright/test";

export class Tokens {
  readonly heading: Locator;
  readonly name: Locator;
  readonly team: Locator;
  readonly expires: Locator;
  readonly makeButton: Locator;
  readonly secret: Locator;
  readonly problem: Locator;
  /** What unfolds the tokens that were revoked. */
  readonly revoked: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole("heading", { name: "API tokens", level: 1 });
    this.name = page.getByRole("textbox", { name: "Name" });
    this.team = page.getByRole("combobox", { name: "Team" });
    this.expires = page.getByRole("combobox", { name: "Expires" });
    this.makeButton = page.getByRole("button", { name: "Make token" });
    this.secret = page.getByRole("textbox", { name: "Secret" });
    this.problem = page.getByRole("alert");
    this.revoked = page.locator("summary").filter({ hasText: /^Revoked \(/ });
  }

  scope(code: string): Locator {
    return this.page.getByRole("checkbox", { name: code });
  }

  row(name: string): Locator {
    return this.page.getByRole("table", { name: "API tokens" }).getByRole("row").filter({ hasText: name });
  }

  async revoke(name: string): Promise<void> {
    await this.row(name).getByLabel(`Revoke ${name}`, { exact: true }).click();
    await this.row(name).getByRole("button", { name: `Revoke ${name} for good` }).click();
  }

  /** Makes a token and answers its secret. */
  async make(name: string, scopes: string[], team = "All teams"): Promise<string> {
    await this.name.fill(name);
    for (const code of scopes) await this.scope(code).check();
    await this.team.selectOption(team);
    await this.makeButton.click();
    await expect(this.secret).toBeVisible();
    return this.secret.inputValue();
  }
}
