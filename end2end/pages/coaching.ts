// `/coaching/{agent}/{workitem}`: where a supervisor follows one workitem and coaches.

import type { Locator, Page } from "@playwright/test";

import { Composer } from "./composer.ts";
import { Transcript } from "./transcript.ts";

export class CoachingPage {
  readonly main: Locator;
  readonly back: Locator;
  readonly transcript: Transcript;
  readonly composer: Composer;

  constructor(readonly page: Page) {
    this.main = page.getByRole("main");
    this.back = this.main
      .getByRole("link", { name: "Back", exact: true })
      .or(this.main.getByRole("button", { name: "Back", exact: true }));
    this.transcript = new Transcript(this.main);
    this.composer = new Composer(this.main, "Message to agent");
  }

  title(subject: string): Locator {
    return this.main.getByRole("heading", { name: subject });
  }
}
