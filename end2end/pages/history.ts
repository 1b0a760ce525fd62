// `/history` and `/history/{workitem}`: what is found, and what is read where nobody has it any more.

import type { Locator, Page } from "@playwright/test";

import { Review } from "./review.ts";
import { Transcript } from "./transcript.ts";

export class History {
  /** The link in the header. */
  readonly link: Locator;
  readonly form: Locator;
  readonly words: Locator;
  readonly customer: Locator;
  readonly agent: Locator;
  readonly channel: Locator;
  readonly state: Locator;
  readonly rating: Locator;
  /** Unfolds the filters below, which are seldom needed, and those by label, rating and day. */
  readonly moreFilters: Locator;
  /** Chooses by flags for review; supervisors have it. */
  readonly reviewState: Locator;
  /** Chooses by what became of a request for assistance. */
  readonly request: Locator;
  /** Chooses by what an agent made of coaching. */
  readonly reaction: Locator;
  readonly from: Locator;
  readonly to: Locator;
  readonly withCoaching: Locator;
  readonly searchButton: Locator;
  /** How much was found, as it is read out. */
  readonly said: Locator;
  readonly hits: Locator;
  readonly older: Locator;
  readonly nothing: Locator;
  /** The entry to which a search led. */
  readonly found: Locator;
  readonly transcript: Transcript;
  readonly back: Locator;
  /** The flag for review of what is read. */
  readonly review: Review;
  /** Unfolds what the customer talked about before. */
  readonly earlier: Locator;

  constructor(readonly page: Page) {
    const main = page.getByRole("main");
    this.link = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "History" });
    this.form = main.getByRole("search");
    this.words = this.form.getByRole("searchbox", { name: "Words" });
    this.customer = this.form.getByRole("textbox", { name: "Customer" });
    this.agent = this.form.getByRole("textbox", { name: "Agent" });
    this.channel = this.form.getByRole("combobox", { name: "Channel" });
    this.state = this.form.getByRole("combobox", { name: "State" });
    this.rating = this.form.getByRole("combobox", { name: "Rating" });
    this.moreFilters = this.form.locator("summary").filter({ hasText: "More filters" });
    this.reviewState = this.form.getByRole("combobox", { name: "Review" });
    this.request = this.form.getByRole("combobox", { name: "Request" });
    this.reaction = this.form.getByRole("combobox", { name: "Coaching" });
    this.from = this.form.getByLabel("From");
    this.to = this.form.getByLabel("To day");
    this.withCoaching = this.form.getByRole("checkbox", { name: "Search coaching as well" });
    this.searchButton = this.form.getByRole("button", { name: "Search" });
    this.said = main.getByRole("status");
    this.hits = main.getByRole("list", { name: "Results" }).getByRole("listitem");
    this.older = main.getByRole("link", { name: "Show older results" });
    this.nothing = main.getByText("Nothing was found");
    this.found = main.getByRole("article").filter({ hasText: "Found here" });
    this.transcript = new Transcript(main);
    this.review = new Review(main);
    this.back = main.getByRole("link", { name: "Back to the history" });
    this.earlier = main.locator("details").filter({ hasText: "Earlier conversations" });
  }

  /** A link that saves a file. */
  file(name: string): Locator {
    return this.page.getByRole("main").getByRole("link", { name, exact: true });
  }

  /** A result, by what stands in it. */
  hit(text: string): Locator {
    return this.hits.filter({ hasText: text });
  }

  /** Searches by words. */
  async search(words: string): Promise<void> {
    await this.words.fill(words);
    await this.words.press("Enter");
  }

  /** Opens a result. */
  async open(text: string): Promise<void> {
    await this.hit(text).getByRole("link").first().click();
  }
}
