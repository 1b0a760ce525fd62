// `/coaching/{agent}/{workitem}`: where a supervisor follows one workitem and coaches.

import type { Locator, Page } from "@playwright/test";

import { Composer } from "./composer.ts";
import { Labels } from "./labels.ts";
import { Review } from "./review.ts";
import { Transcript } from "./transcript.ts";

export class CoachingPage {
  readonly main: Locator;
  readonly back: Locator;
  readonly transcript: Transcript;
  readonly composer: Composer;
  /** What the workitem is labelled with. */
  readonly labels: Labels;
  /** Its flag for review. */
  readonly review: Review;
  /** Where the supervisor writes to the customer, while it is open. */
  readonly toCustomer: Locator;
  /** Opens that box and closes it. */
  readonly customerOpener: Locator;
  /** Where the supervisor writes notes for staff, while it is open. */
  readonly note: Composer;
  /** Opens that box and closes it. */
  readonly noteOpener: Locator;
  readonly takeOverButton: Locator;
  /** Asked before work leaves with something that was not sent. */
  readonly leaveQuestion: Locator;
  readonly endButton: Locator;
  /** Closes what the agent left in wrap-up. */
  readonly closeWrapUpButton: Locator;
  /** Unfolds what is done to the workitem as a whole, where there is little room. */
  readonly moreButton: Locator;

  constructor(readonly page: Page) {
    this.main = page.getByRole("main");
    this.back = this.main
      .getByRole("link", { name: "Back", exact: true })
      .or(this.main.getByRole("button", { name: "Back", exact: true }));
    this.transcript = new Transcript(this.main);
    this.composer = new Composer(this.main, "Message to agent");
    this.toCustomer = this.main.getByRole("region", { name: "To the customer" });
    this.customerOpener = this.main.getByRole("button", { name: /^Write to the customer/ });
    this.labels = new Labels(this.main);
    this.review = new Review(this.main);
    this.note = new Composer(this.main.getByRole("region", { name: "Note for staff" }), "Note", "Add note");
    this.noteOpener = this.main.getByRole("button", { name: /^Note/ });
    this.takeOverButton = this.main.getByRole("button", { name: "Take over", exact: true });
    this.leaveQuestion = page.getByRole("dialog", { name: "What you wrote here was not sent" });
    this.moreButton = this.main.getByRole("button", { name: "More actions", exact: true }).first();
    this.endButton = this.main.getByRole("button", { name: "End conversation", exact: true });
    this.closeWrapUpButton = this.main.getByRole("button", { name: "Close wrap-up", exact: true });
  }

  /** The box to this customer, open. */
  boxTo(customer: string): Composer {
    return new Composer(this.toCustomer, `To ${customer}`, "Send to customer");
  }

  title(subject: string): Locator {
    return this.main.getByRole("heading", { name: subject });
  }
}
