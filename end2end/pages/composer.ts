// A text box with its Send button, and what it says when sending failed.

import type { Locator } from "@playwright/test";

export class Composer {
  readonly text: Locator;
  readonly sendButton: Locator;
  readonly retryButton: Locator;
  readonly problem: Locator;
  /** The saved texts that a `/` or their button lists. */
  readonly savedTexts: Locator;
  readonly savedButton: Locator;
  readonly attachButton: Locator;
  readonly removeFileButton: Locator;
  /** What is said of the file that was chosen. */
  readonly chosenFile: Locator;

  /** `scope` holds one composer and nothing else that sends. */
  constructor(readonly scope: Locator, label: string, button = "Send") {
    this.text = scope.getByRole("textbox", { name: label, exact: true });
    this.sendButton = scope.getByRole("button", { name: button, exact: true });
    this.retryButton = scope.getByRole("button", { name: "Retry" });
    this.savedTexts = scope.getByRole("listbox", { name: "Saved texts" });
    this.savedButton = scope.getByRole("button", { name: "Insert a saved text" });
    this.attachButton = scope.getByRole("button", { name: "Attach a file" });
    this.removeFileButton = scope.getByRole("button", { name: "Remove the file" });
    const remove = scope.page().getByRole("button", { name: "Remove the file" });
    this.chosenFile = scope.getByRole("status").filter({ has: remove });
    this.problem = scope.getByRole("alert").filter({ hasText: /\S/ });
  }

  async send(text: string): Promise<void> {
    await this.text.fill(text);
    await this.sendButton.click();
  }

  /** Chooses a file in the dialog of the device. */
  async attach(name: string, mimeType: string, buffer: Buffer): Promise<void> {
    const dialog = this.scope.page().waitForEvent("filechooser");
    await this.attachButton.click();
    await (await dialog).setFiles({ name, mimeType, buffer });
  }

  /** Pastes or drops a file into the box. */
  async bring(how: "paste" | "drop", name: string, mimeType: string, buffer: Buffer): Promise<void> {
    await this.text.evaluate(
      (box, { how, name, mimeType, content }) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(content)], name, { type: mimeType }));
        const about = { bubbles: true, cancelable: true };
        box.dispatchEvent(
          how === "drop"
            ? new DragEvent("drop", { ...about, dataTransfer: data })
            : new ClipboardEvent("paste", { ...about, clipboardData: data }),
        );
      },
      { how, name, mimeType, content: [...buffer] },
    );
  }
}
