// `/demo/phone`: a simulated phone of the demo.

import { type Locator, type Page, expect } from "@playwright/test";

export class PhonePage {
  readonly log: Locator;
  readonly box: Locator;
  /** Why a text was not sent. */
  readonly status: Locator;
  readonly sendButton: Locator;
  readonly stopButton: Locator;
  readonly startButton: Locator;
  readonly offButton: Locator;
  readonly onButton: Locator;
  readonly service: Locator;
  readonly number: Locator;
  readonly takeButton: Locator;
  /** What says on every one of its pages that nothing here is real. */
  readonly simulated: Locator;

  constructor(readonly page: Page) {
    this.log = page.getByRole("log", { name: "Texts" });
    this.box = page.getByRole("textbox", { name: "Text to" });
    this.status = page.getByRole("status");
    this.sendButton = page.getByRole("button", { name: "Send", exact: true });
    this.stopButton = page.getByRole("button", { name: "Send STOP" });
    this.startButton = page.getByRole("button", { name: "Send START" });
    this.offButton = page.getByRole("button", { name: "Switch off" });
    this.onButton = page.getByRole("button", { name: "Switch on" });
    this.service = page.getByRole("combobox", { name: "Service" });
    this.number = page.getByRole("textbox", { name: "Number with country code" });
    this.takeButton = page.getByRole("button", { name: "Take this phone" });
    this.simulated = page.getByText("Simulated: no network, no real number");
  }

  /** A text on the phone. */
  text(said: string): Locator {
    return this.log.getByRole("article").filter({ hasText: said });
  }

  /** Takes the number that is offered, and answers it. Messenger and Instagram have its digits alone. */
  async take(service: "SMS" | "WhatsApp" | "WhatsApp by Meta" | "Messenger" | "Instagram"): Promise<string> {
    await this.page.goto("/demo/phone");
    await this.service.selectOption({ label: service });
    const number = await this.number.inputValue();
    const followed = this.page.waitForRequest(/\/demo\/phone\/live/);
    await this.takeButton.click();
    await expect(this.page.getByRole("heading", { level: 1 })).toContainText(number.replace("+", ""));
    // Its script is there: what is sent from now on leaves the page where it is.
    await followed;
    return number;
  }

  async write(text: string): Promise<void> {
    await this.box.fill(text);
    await this.sendButton.click();
    await expect(this.text(text)).toBeVisible();
    await expect(this.box).toHaveValue("");
  }
}
