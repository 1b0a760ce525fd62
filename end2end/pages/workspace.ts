// `/workspace` and `/workspace/{workitem}`: an agent's own work.

import { type Locator, type Page, expect } from "@playwright/test";

import { Composer } from "./composer.ts";
import { Labels } from "./labels.ts";
import { Transcript } from "./transcript.ts";

export class Workspace {
  readonly list: Locator;
  /** The workitems in the list, in their order. */
  readonly workitems: Locator;
  /** In which order they stand. */
  readonly sort: Locator;
  /** The open workitem. */
  readonly open: Locator;
  readonly title: Locator;
  readonly transcript: Transcript;
  readonly composer: Composer;
  /** What the workitem is labelled with. */
  readonly labels: Labels;
  /** Where the agent answers those who coach, while it is open. */
  readonly toCoach: Composer;
  /** Opens that box and closes it. */
  readonly coachOpener: Locator;
  /** Where the agent writes notes for staff, while it is open. */
  readonly note: Composer;
  /** Opens that box and closes it. */
  readonly noteOpener: Locator;
  readonly wrapUpButton: Locator;
  /** Takes the end of the conversation back, while there is time. */
  readonly undoButton: Locator;
  /** Until when the customer can be answered, and how long that is. */
  readonly answerWindow: Locator;
  /** Asked while the customer waits or something was not sent. */
  readonly endQuestion: Locator;
  readonly reopenButton: Locator;
  readonly closeButton: Locator;
  readonly transferButton: Locator;
  /** Where the open workitem is handed on. */
  readonly transferDialog: Locator;
  /** What the next agent should know. */
  readonly transferNote: Locator;
  /** Asked before work leaves with something that was not sent. */
  readonly leaveQuestion: Locator;
  /** Unfolds what was closed last. */
  readonly closedLine: Locator;
  /** What stands where a workitem would be that is not the agent's. */
  readonly notYours: Locator;

  constructor(readonly page: Page) {
    this.list = page.getByRole("navigation", { name: "My workitems" });
    this.workitems = this.list.locator(".workspace__held .worklist__link");
    this.sort = this.list.getByRole("combobox", { name: "Sort my workitems" });
    this.open = page.getByRole("region", { name: "Workitem" });
    this.title = this.open.getByRole("heading").first();
    this.transcript = new Transcript(this.open);
    this.composer = new Composer(this.open, "Message to customer");
    this.toCoach = new Composer(this.open.getByRole("region", { name: "Your coach" }), "Message to coach", "Send to coach");
    this.coachOpener = this.open.getByRole("button", { name: /^Write to coach/ });
    this.labels = new Labels(this.open);
    this.note = new Composer(this.open.getByRole("region", { name: "Note for staff" }), "Note", "Add note");
    this.noteOpener = this.open.getByRole("button", { name: /^Note/ });
    this.wrapUpButton = this.open.getByRole("button", { name: /^(End conversation|Wrap up)$/ });
    this.undoButton = this.open.getByRole("button", { name: "Undo" });
    this.answerWindow = this.open.getByRole("paragraph").filter({ hasText: "Can be answered until" });
    this.endQuestion = page.getByRole("dialog", { name: "End the conversation?" });
    this.reopenButton = this.open.getByRole("button", { name: "Reopen", exact: true });
    this.closeButton = this.open.getByRole("button", { name: "Close", exact: true });
    this.transferButton = this.open.getByRole("button", { name: "Transfer", exact: true });
    this.transferDialog = page.getByRole("dialog", { name: "Transfer workitem" });
    this.transferNote = this.transferDialog.getByRole("textbox", { name: "Note for the next agent" });
    this.leaveQuestion = page.getByRole("dialog", { name: "What you wrote here was not sent" });
    this.closedLine = this.list.locator("summary").filter({ hasText: "Recently closed" });
    this.notYours = this.open.getByText("This workitem is not yours");
  }

  /** The entry of a workitem in the list, by its customer or its title. */
  workitem(customer: string): Locator {
    return this.list.getByRole("link").filter({ hasText: customer });
  }

  /** Ends the conversation with the customer. */
  async wrapUp(): Promise<void> {
    await this.wrapUpButton.click();
    // The question has a Close button too.
    await expect(this.endQuestion.or(this.undoButton).or(this.closeButton).first()).toBeVisible();
    if (await this.endQuestion.isVisible()) {
      await this.endQuestion.getByRole("button", { name: "End conversation" }).click();
      await expect(this.endQuestion).toBeHidden();
    }
    await expect(this.closeButton).toBeVisible();
  }

  /** Closes what is in wrap-up. */
  async close(): Promise<void> {
    await this.closeButton.click();
    await expect(this.page).toHaveURL("/workspace");
  }

  /** Hands the open workitem to a colleague or a team, with a note for whom it goes to. */
  async transferTo(kind: "agent" | "team", name: string, note = ""): Promise<void> {
    await this.transferButton.click();
    const dialog = this.transferDialog;
    await dialog.getByRole("radio", { name: kind === "agent" ? "An agent" : "A team" }).check();
    const choice = dialog.getByRole("combobox", { name: kind === "agent" ? "Agent" : "Team" });
    const value = await choice.getByRole("option", { name }).getAttribute("value");
    await choice.selectOption(value);
    await this.transferNote.fill(note);
    await dialog.getByRole("button", { name: "Transfer" }).click();
    await expect(dialog).toBeHidden();
  }
}
