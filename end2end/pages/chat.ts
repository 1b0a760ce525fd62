// `/chat/{channel key}`: the customer's page.

import { type FrameLocator, type Locator, type Page, expect } from "@playwright/test";

/** The accessible names of the page in each language. */
const NAMES = {
  en: {
    log: "Conversation",
    name: "Your name",
    text: "Message",
    send: "Send",
    attach: "Attach a file",
    removeFile: "Remove the file",
    retry: "Retry",
    startAgain: "Start a new conversation",
    end: "End conversation",
    forget: "Forget me on this device",
    rating: "How was this chat?",
    comment: "Comment (optional)",
    form: "Leave us a message",
  },
  de: {
    log: "Unterhaltung",
    name: "Ihr Name",
    text: "Nachricht",
    send: "Senden",
    attach: "Datei anhängen",
    removeFile: "Datei entfernen",
    retry: "Noch einmal",
    startAgain: "Neue Unterhaltung beginnen",
    end: "Unterhaltung beenden",
    forget: "Mich auf diesem Gerät vergessen",
    rating: "Wie war dieser Chat?",
    comment: "Kommentar (freiwillig)",
    form: "Hinterlassen Sie uns eine Nachricht",
  },
} as const;

/** `P`: the page itself, or the frame that shows it on a page of another site. */
export class ChatPage<P extends Page | FrameLocator = Page> {
  /** Everything that the customer can read. */
  readonly content: Locator;
  readonly log: Locator;
  readonly messages: Locator;
  readonly name: Locator;
  readonly text: Locator;
  readonly sendButton: Locator;
  readonly attach: Locator;
  readonly removeFileButton: Locator;
  readonly retryButton: Locator;
  readonly status: Locator;
  readonly startAgain: Locator;
  readonly endButton: Locator;
  readonly forgetButton: Locator;
  /** The question how it was, under what has ended. */
  readonly rating: Locator;
  readonly comment: Locator;
  /** What is asked once more. */
  readonly question: Locator;
  readonly withoutCookies: Locator;
  /** The form for the time in which no conversation begins. */
  readonly form: Locator;

  constructor(
    readonly page: P,
    language: keyof typeof NAMES = "en",
  ) {
    const names = NAMES[language];
    this.content = page.getByRole("main");
    this.log = page.getByRole("log", { name: names.log });
    this.messages = this.log.getByRole("article");
    this.name = page.getByRole("textbox", { name: names.name });
    this.text = page.getByRole("textbox", { name: names.text });
    this.sendButton = page.getByRole("button", { name: names.send });
    this.attach = page.getByLabel(names.attach);
    this.removeFileButton = page.getByRole("button", { name: names.removeFile });
    this.retryButton = page.getByRole("button", { name: names.retry });
    this.status = page.getByRole("status");
    this.startAgain = page.getByRole("button", { name: names.startAgain });
    this.endButton = page.getByRole("button", { name: names.end }).first();
    this.forgetButton = page.getByRole("button", { name: names.forget });
    this.rating = page.getByRole("group", { name: names.rating });
    this.comment = page.getByRole("textbox", { name: names.comment });
    this.question = page.getByRole("dialog");
    this.withoutCookies = page.getByRole("alert");
    this.form = page.getByRole("form", { name: names.form });
  }

  message(text: string): Locator {
    return this.messages.filter({ hasText: text });
  }

  /** Introduces the customer with a first message. */
  async begin(name: string, text: string): Promise<void> {
    await this.name.fill(name);
    await this.send(text);
    await expect(this.name).toBeHidden();
  }

  /** A picture of the conversation, by the name of its file. */
  picture(name: string): Locator {
    return this.log.getByRole("img", { name });
  }

  /** Another file of the conversation, by its name. */
  file(name: string): Locator {
    return this.log.getByRole("link", { name });
  }

  /** Chooses a file and sends it. */
  async sendFile(name: string, mimeType: string, buffer: Buffer): Promise<void> {
    await this.attach.setInputFiles({ name, mimeType, buffer });
    await this.sendButton.click();
  }

  /** Ends the conversation, asked once more. */
  async end(): Promise<void> {
    await this.endButton.click();
    await this.question.getByRole("button", { name: "End conversation" }).click();
  }

  /** Wants to be forgotten, asked once more. */
  async forget(): Promise<void> {
    await this.forgetButton.click();
    await this.question.getByRole("button", { name: "Forget me" }).click();
  }

  /** One of the five choices. */
  score(name: string): Locator {
    return this.rating.getByRole("radio", { name });
  }

  async send(text: string): Promise<void> {
    await this.text.fill(text);
    await this.sendButton.click();
  }
}
