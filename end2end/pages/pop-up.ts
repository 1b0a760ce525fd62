// A Company Directory pop-up in the corner of the page.

import type { Locator, Page } from "@playwright/test";

import { Composer } from "./composer.ts";

export class PopUp {
  readonly region: Locator;
  /** What is asked or written. */
  readonly words: Locator;
  readonly composer: Composer;
  readonly dismissButton: Locator;
  readonly openWorkitem: Locator;

  constructor(readonly page: Page, name: string) {
    this.region = page.getByRole("region", { name: `Message from ${name}` });
    this.words = this.region.locator("p[tabindex]");
    this.composer = new Composer(this.region, "Reply");
    this.dismissButton = this.region.getByRole("button", { name: "Dismiss" });
    this.openWorkitem = this.region.getByRole("link", { name: "Open workitem" });
  }

  async reply(text: string): Promise<void> {
    await this.composer.send(text);
  }
}
