// The Assistance picker: which message, and to whom.

import type { Locator, Page } from "@playwright/test";

export class AssistancePicker {
  readonly dialog: Locator;
  readonly messages: Locator;
  readonly recipients: Locator;
  readonly allAvailable: Locator;
  readonly allSignedIn: Locator;
  readonly oneSupervisor: Locator;
  readonly supervisor: Locator;
  readonly sendButton: Locator;

  constructor(readonly page: Page) {
    this.dialog = page.getByRole("dialog", { name: "Ask for assistance" });
    this.messages = this.dialog.getByRole("radiogroup", { name: "Message" }).getByRole("radio");
    this.recipients = this.dialog.getByRole("radiogroup", { name: "Recipient" });
    this.allAvailable = this.recipients.getByRole("radio", { name: "All available supervisors" });
    this.allSignedIn = this.recipients.getByRole("radio", { name: "All signed-in supervisors" });
    this.oneSupervisor = this.recipients.getByRole("radio", { name: "One supervisor" });
    this.supervisor = this.dialog.getByRole("combobox", { name: "Supervisor" });
    this.sendButton = this.dialog.getByRole("button", { name: "Send request" });
  }

  message(title: string): Locator {
    return this.dialog.getByRole("radiogroup", { name: "Message" }).getByRole("radio", { name: title, exact: true });
  }

  /** The choice of one supervisor, with the presence that it shows. */
  option(name: string): Locator {
    return this.supervisor.getByRole("option", { name });
  }

  async chooseRecipient(to: "available" | "signed-in" | { name: string }): Promise<void> {
    if (to === "available") {
      await this.allAvailable.check();
    } else if (to === "signed-in") {
      await this.allSignedIn.check();
    } else {
      await this.oneSupervisor.check();
      const value = await this.option(to.name).getAttribute("value");
      await this.supervisor.selectOption(value);
    }
  }
}
