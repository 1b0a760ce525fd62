// `/watch`: up to four conversations side by side.

import type { Locator, Page } from "@playwright/test";

import { Composer } from "./composer.ts";
import { Transcript } from "./transcript.ts";

/** One conversation on the wall. */
export class Pane {
  readonly transcript: Transcript;
  readonly composer: Composer;
  readonly removeButton: Locator;
  /** What the agent asks. */
  readonly requests: Locator;
  readonly claimButton: Locator;

  constructor(readonly region: Locator) {
    this.transcript = new Transcript(region);
    this.composer = new Composer(region, "Message to agent");
    this.requests = region.getByRole("status").filter({ has: region.page().getByRole("button", { name: "Mark handled" }) });
    this.claimButton = region.getByRole("button", { name: /^Claim the request of / });
    this.removeButton = region.getByRole("button", { name: "Remove from the wall" });
  }
}

export class WatchWall {
  readonly main: Locator;
  readonly panes: Locator;
  readonly agent: Locator;
  readonly workitem: Locator;
  readonly addButton: Locator;
  /** What pops up stands in it, and nowhere else. */
  readonly strip: Locator;

  constructor(readonly page: Page) {
    this.main = page.getByRole("main");
    this.panes = this.main.getByRole("region");
    this.agent = this.main.getByRole("combobox", { name: "Agent" });
    this.workitem = this.main.getByRole("combobox", { name: "Workitem" });
    this.addButton = this.main.getByRole("button", { name: "Add to the wall" });
    this.strip = page.getByRole("region", { name: "Pop-ups" });
  }

  pane(customer: string, agent: string): Pane {
    return new Pane(this.main.getByRole("region", { name: `${customer}, with ${agent}` }));
  }

  /** Chooses an agent and adds the first of that agent's workitems that is not on the wall. */
  async add(agent: string): Promise<void> {
    await this.agent.selectOption({ label: agent });
    await this.addButton.click();
  }
}
