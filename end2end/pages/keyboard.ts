// The command palette and the sheet of keys, which open over any page.

import type { Locator, Page } from "@playwright/test";

export class Keyboard {
  readonly palette: Locator;
  readonly search: Locator;
  /** What the palette finds, the best first. */
  readonly found: Locator;
  /** What Enter would take. */
  readonly chosen: Locator;
  readonly sheet: Locator;

  constructor(readonly page: Page) {
    this.palette = page.getByRole("dialog", { name: "Command palette" });
    this.search = this.palette.getByRole("combobox", { name: "Search pages, people and actions" });
    this.found = this.palette.getByRole("option");
    this.chosen = this.palette.getByRole("option", { selected: true });
    this.sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  }

  /** Opens the palette by its key and searches. */
  async find(text: string): Promise<void> {
    await this.page.keyboard.press("Control+k");
    await this.search.fill(text);
  }

  /** Presses a key as a layout of another script does: what it writes, and its place as a Latin layout names it. */
  pressAs(key: string, code: string, ctrlKey = false): Promise<void> {
    const event = { key, code, ctrlKey, bubbles: true, cancelable: true };
    return this.page.evaluate((event) => {
      (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", event));
    }, event);
  }

  press(...keys: string[]): Promise<void> {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }
}
