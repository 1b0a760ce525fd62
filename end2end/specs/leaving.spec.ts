// Before work leaves somebody who has written something there that was not sent, they are asked, and lose nothing by saying no.

import type { Page } from "@playwright/test";

import { hold } from "../fixtures/gate.ts";
import { conversation, monitored, monitoredByAgent } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";
import { SavedTextsPage } from "../pages/saved-texts.ts";

/** What the question says. */
const UNSENT = "What you wrote here has not been sent";

test("E01 a transfer warns while a message is on its way, and the warning goes when it arrives", async ({ amy, ben, dana }) => {
  await conversation(amy, dana);
  await ben.signIn();
  const release = await hold(amy.page, "message_send");
  await amy.workspace.composer.send("It comes tomorrow.");
  await amy.workspace.transferButton.click();
  const dialog = amy.workspace.transferDialog;
  await expect(dialog.getByRole("alert")).toContainText(UNSENT);
  await expect(dialog.getByRole("button", { name: "Transfer all the same" })).toBeVisible();
  release();
  await expect(dialog.getByRole("alert")).toHaveCount(0);
  await expect(dialog.getByRole("button", { name: "Transfer", exact: true })).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await amy.workspace.transferTo("agent", "Ben Brooks");
  await expect(dana.chat.message("It comes tomorrow.")).toHaveCount(1);
});

test("E01 a transfer warns of a draft, of a note for staff and of an answer to the coach", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.coach("Offer a refund.");
  const { composer, note, noteOpener, toCoach, coachOpener, transferButton, transferDialog } = amy.workspace;
  await noteOpener.click();
  await coachOpener.click();
  for (const box of [composer, note, toCoach]) {
    await box.text.fill("Not finished");
    await transferButton.click();
    await expect(transferDialog.getByRole("alert")).toContainText(UNSENT);
    await amy.page.keyboard.press("Escape");
    await box.text.fill("");
    await transferButton.click();
    await expect(transferDialog.getByRole("button", { name: "Transfer", exact: true })).toBeVisible();
    await expect(transferDialog.getByRole("alert")).toHaveCount(0);
    await amy.page.keyboard.press("Escape");
  }
});

test("E01 a conversation that is about to end asks about what was sent meanwhile", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.answer("It comes tomorrow.");
  await amy.workspace.wrapUpButton.click();
  await expect(amy.workspace.open.getByRole("button", { name: "Undo" })).toBeVisible();
  const release = await hold(amy.page, "message_send");
  await amy.workspace.composer.send("Before noon.");
  await expect(amy.workspace.endQuestion).toContainText(UNSENT);
  release();
  await expect(amy.workspace.endQuestion).not.toContainText(UNSENT);
  await amy.workspace.endQuestion.getByRole("button", { name: "End conversation" }).click();
  await expect(amy.workspace.closeButton).toBeVisible();
  await expect(dana.chat.message("Before noon.")).toHaveCount(1);
});

test("E01 closing asks about a note that was not sent", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.answer("It comes tomorrow.");
  await amy.workspace.wrapUp();
  await amy.workspace.noteOpener.click();
  await amy.workspace.note.text.fill("She was friendly.");
  await amy.workspace.closeButton.click();
  await expect(amy.workspace.leaveQuestion).toContainText(UNSENT);
  await amy.workspace.leaveQuestion.getByRole("button", { name: "Cancel" }).click();
  await expect(amy.workspace.note.text).toHaveValue("She was friendly.");
  await amy.workspace.note.sendButton.click();
  await expect(amy.workspace.transcript.note("She was friendly.")).toBeVisible();
  await amy.workspace.close();
});

test("E01 taking over asks about what was not sent to the agent, and giving back about what was not sent to the customer", async ({
  ada,
  amy,
  sue,
  dana,
}) => {
  const workitem = await monitoredByAgent(ada, amy, sue, dana);
  await sue.coaching.composer.text.fill("Offer a refund.");
  await sue.coaching.takeOverButton.click();
  await expect(sue.coaching.leaveQuestion).toContainText(UNSENT);
  await sue.coaching.leaveQuestion.getByRole("button", { name: "Cancel" }).click();
  const release = await hold(sue.page, "coaching_send");
  await sue.coaching.composer.sendButton.click();
  await sue.coaching.takeOverButton.click();
  await expect(sue.coaching.leaveQuestion).toBeVisible();
  // What arrives leaves nothing to ask.
  release();
  await expect(sue.coaching.leaveQuestion).toBeHidden();
  await expect(amy.workspace.transcript.coaching("Offer a refund.").article).toBeVisible();
  await sue.coaching.takeOverButton.click();
  await expect(sue.page).toHaveURL(`/workspace/${workitem.id}`);

  await sue.workspace.composer.text.fill("Dear Dana,");
  const giveBack = sue.workspace.open.getByRole("button", { name: "Give back to Amy Adler" });
  await giveBack.click();
  await expect(sue.workspace.leaveQuestion).toContainText(UNSENT);
  await sue.workspace.leaveQuestion.getByRole("button", { name: "Leave it unsent" }).click();
  await expect(amy.workspace.workitem("Dana Dietz")).toBeVisible();
});

test("E01 reassigning warns of coaching and of words to the customer that were not sent", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const reassign = sam.page.getByRole("button", { name: "Reassign…" });
  const dialog = sam.page.getByRole("dialog", { name: "Reassign work of Amy Adler" });
  await reassign.click();
  await expect(dialog.getByRole("button", { name: "Reassign", exact: true })).toBeVisible();
  await expect(dialog.getByRole("alert")).toHaveCount(0);
  await sam.page.keyboard.press("Escape");
  await sam.coaching.composer.text.fill("Offer a refund.");
  await reassign.click();
  await expect(dialog.getByRole("alert")).toContainText("What you wrote there has not been sent.");
  await expect(dialog.getByRole("button", { name: "Reassign all the same" })).toBeVisible();
});

test("U08 windows that sign out at the same time, and a double click, count each form once", async ({ sam }) => {
  await sam.signIn();
  const windows = [await sam.openWindow("/dashboard"), await sam.openWindow("/settings")];
  await sam.page.goto("/texts");
  await new SavedTextsPage(sam.page).title.fill("Parcel");
  const question = (page: Page) => page.getByRole("dialog", { name: "Sign out?" });
  const unsaved = "1 form is not saved: Saved texts.";
  await Promise.all(windows.map(({ header }) => header.signOut()));
  for (const { page } of windows) {
    await expect(question(page)).toContainText(unsaved);
    await question(page).getByRole("button", { name: "Cancel" }).click();
  }

  const [{ page, header }] = windows;
  await header.userMenu.click();
  // Both clicks come before the menu goes.
  const item = page.getByRole("menuitem", { name: "Sign out" });
  await item.evaluate((button: HTMLElement) => [1, 2].forEach(() => button.click()));
  await expect(question(page)).toContainText(unsaved);
});
