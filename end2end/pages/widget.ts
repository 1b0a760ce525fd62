// The widget on somebody else's page: the launcher, and the chat page in its frame.

import { type Frame, type FrameLocator, type Locator, type Page, expect } from "@playwright/test";

import { ChatPage } from "./chat.ts";

/** What a script of the page opens the chat with. */
interface Opening {
  channel: string;
  name?: string;
  identity?: { user_id: string; hash: string };
}

/** What `/widget.js` adds to the window of the page. */
interface PageWindow {
  Sideline: { open(options?: Opening): void; close(): void };
}

export class Widget {
  readonly launcher: Locator;
  /** What is said of new messages. */
  readonly said: Locator;
  readonly iframe: Locator;
  readonly chat: ChatPage<FrameLocator>;
  readonly closeButton: Locator;
  readonly transcript: Locator;

  constructor(readonly page: Page) {
    this.launcher = page.getByRole("button", { name: /^(Chat with |Close chat)/ });
    this.said = page.getByRole("status");
    this.iframe = page.locator("iframe");
    const frame = page.frameLocator("iframe");
    this.chat = new ChatPage(frame);
    this.closeButton = frame.getByRole("button", { name: "Close", exact: true });
    this.transcript = frame.getByRole("link", { name: "Download conversation" });
  }

  /** Opens the page with the widget, and the widget. */
  async openAt(address: string): Promise<void> {
    await this.page.goto(address);
    await this.open();
  }

  async open(): Promise<void> {
    await this.launcher.click();
    await expect(this.chat.log).toBeVisible();
  }

  /** Opens it as a script of the page does. */
  async openByCall(opening?: Opening): Promise<void> {
    await this.page.evaluate((opening) => (window as unknown as PageWindow).Sideline.open(opening), opening);
    await expect(this.chat.log).toBeVisible();
  }

  /** Closes it as a script of the page does. */
  async closeByCall(): Promise<void> {
    await this.page.evaluate(() => (window as unknown as PageWindow).Sideline.close());
  }

  /** The same page in another tab of the same browser, with the widget closed. */
  async inAnotherTab(): Promise<Widget> {
    const tab = new Widget(await this.page.context().newPage());
    await tab.page.goto(this.page.url());
    await expect(tab.launcher).toBeVisible();
    return tab;
  }

  /** The document in the frame. */
  async document(): Promise<Frame> {
    const frame = await (await this.iframe.elementHandle())?.contentFrame();
    if (!frame) throw new Error("the widget has no frame");
    return frame;
  }
}
