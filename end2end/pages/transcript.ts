// The conversation as staff see it, on the workspace and on the Coaching Page.

import type { Locator } from "@playwright/test";

export class Transcript {
  readonly log: Locator;
  readonly entries: Locator;

  constructor(scope: Locator) {
    this.log = scope.getByRole("log", { name: "Conversation", exact: true });
    this.entries = this.log.getByRole("article");
  }

  /** A message of the customer. */
  customer(text: string | RegExp): Locator {
    return this.of("customer", "message", text);
  }

  /** A message of the agent to the customer. */
  agent(text: string): Locator {
    return this.of("agent", "message", text);
  }

  /** A message of a supervisor to the customer. */
  supervisor(text: string): Locator {
    return this.of("supervisor", "message", text);
  }

  /** A picture of the conversation, by the name of its file. */
  picture(name: string): Locator {
    return this.log.getByRole("img", { name });
  }

  /** Another file of the conversation, by its name. */
  file(name: string): Locator {
    return this.log.getByRole("link", { name });
  }

  /** A coaching message. */
  coaching(text: string): CoachingMessage {
    return new CoachingMessage(this.of("supervisor", "coaching", text));
  }

  /** What the agent answered to those who coach. */
  reply(text: string): Locator {
    return this.of("agent", "coaching", text);
  }

  /** What somebody noted for staff. */
  note(text: string): Locator {
    return this.of("staff", "note", text);
  }

  /** Every coaching message. */
  get allCoaching(): Locator {
    return this.log.locator('article[data-entry="coaching"]');
  }

  monitoringStarted(supervisor: string): Locator {
    return this.of("system", "monitoring-started", supervisor);
  }

  monitoringEnded(supervisor: string): Locator {
    return this.of("system", "monitoring-ended", supervisor);
  }

  /** A line of the system: assigned, transferred, wrapped up. */
  notice(text: string | RegExp): Locator {
    return this.of("system", "message", text);
  }

  private of(author: string, entry: string, text: string | RegExp): Locator {
    return this.log.locator(`article[data-author="${author}"][data-entry="${entry}"]`).filter({ hasText: text });
  }
}

/** One coaching message with what an agent can do to it. */
export class CoachingMessage {
  readonly thumbsUp: Locator;
  readonly thumbsDown: Locator;
  readonly moreActions: Locator;
  readonly replyButton: Locator;

  constructor(readonly article: Locator) {
    this.thumbsUp = article.getByRole("button", { name: "Thumbs up" });
    this.thumbsDown = article.getByRole("button", { name: "Thumbs down" });
    this.replyButton = article.getByRole("button", { name: "Reply to coach" });
    this.moreActions = article.getByRole("button", { name: "More actions" });
  }

  async copy(): Promise<void> {
    await this.choose("Copy");
  }

  async forward(): Promise<void> {
    await this.choose("Forward to customer");
  }

  private async choose(action: string): Promise<void> {
    await this.moreActions.click();
    await this.article.page().getByRole("menuitem", { name: action }).click();
  }
}
