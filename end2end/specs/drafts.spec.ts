// What is typed in dialogs and beside a file outlives Escape and a reload until it is sent, and nobody else finds it.

import { expectNoViolations } from "../fixtures/axe.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { Shop } from "../fixtures/shop.ts";
import { expect, test } from "../fixtures/test.ts";
import { ChatSettings } from "../pages/chat-settings.ts";
import { Users } from "../pages/users.ts";
import { Widget } from "../pages/widget.ts";

const NOTE = "She has called twice.";

test("F05 the note of a transfer outlives Escape, Cancel and a reload, and goes with the transfer", async ({ amy, ben, dana }) => {
  const workitem = await conversation(amy, dana);
  await ben.signIn();
  const { transferButton, transferDialog, transferNote } = amy.workspace;
  await transferButton.click();
  await transferNote.fill(NOTE);
  await amy.page.keyboard.press("Escape");
  await transferButton.click();
  await expect(transferNote).toHaveValue(NOTE);
  await transferDialog.getByRole("button", { name: "Cancel" }).click();
  await amy.reload();
  await transferButton.click();
  await expect(transferNote).toHaveValue(NOTE);
  await transferDialog.getByRole("button", { name: "Cancel" }).click();
  await amy.workspace.transferTo("agent", "Ben Brooks", NOTE);
  await ben.openWorkitem("Dana Dietz");
  await expect(ben.workspace.transcript.log).toContainText(NOTE);
  amy.expectProblem(/404/);
  await amy.goto(`/workspace/${workitem.id}`);
  await expect(amy.workspace.notYours).toBeVisible();
  await expect(amy.workspace.open).not.toContainText(NOTE);
  await expect(amy.workspace.list.getByRole("region", { name: "Not finished" })).toHaveCount(0);
});

test("F05 the note of a transfer is in sight after a supervisor was quicker", async ({ amy, ben, sam, dana }) => {
  await monitored(amy, sam, dana);
  await ben.signIn();
  amy.expectProblem(/404/);
  await amy.workspace.transferButton.click();
  await amy.workspace.transferNote.fill(NOTE);
  await sam.page.getByRole("button", { name: "Reassign…" }).click();
  const dialog = sam.page.getByRole("dialog", { name: "Reassign work of Amy Adler" });
  const target = dialog.getByRole("combobox", { name: "Reassign to" });
  await target.selectOption(await target.getByRole("option", { name: "Ben Brooks" }).getAttribute("value"));
  await dialog.getByRole("button", { name: "Reassign", exact: true }).click();
  await expect(amy.workspace.notYours).toBeVisible();
  const unsent = amy.workspace.open.getByRole("region", { name: "What you wrote here was not sent" });
  await expect(unsent).toContainText(NOTE);
  await amy.goto("/workspace");
  await amy.workspace.list.getByRole("region", { name: "Not finished" }).getByRole("link").click();
  await expect(unsent).toContainText(NOTE);
  await unsent.getByRole("button", { name: "Discard" }).click();
  await expect(unsent).toBeHidden();
  await expect(amy.workspace.list.getByRole("region", { name: "Not finished" })).toHaveCount(0);
});

test("F05 the comment of a flag for review outlives a reload, and is gone when it was saved", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const { review } = sam.coaching;
  await review.flagButton.click();
  await review.comment.fill("Ask why.");
  await sam.reload();
  await expect(review.comment).toHaveValue("Ask why.");
  await review.save.click();
  await expect(review.section).toContainText("Flagged for review");
  await review.finishButton.click();
  await sam.reload();
  await review.flagButton.click();
  await expect(review.comment).toHaveValue("");
});

test("F05 E05 a message to a team outlives a reload, is gone when it was sent, and goes with its user", async ({ sam }) => {
  await sam.signIn();
  await sam.goto("/dashboard");
  const opener = sam.page.getByRole("button", { name: "Message a team…" });
  const dialog = sam.page.getByRole("dialog", { name: "Message a team" });
  const text = dialog.getByRole("textbox");
  await opener.click();
  await text.fill("Meeting at five.");
  await sam.page.keyboard.press("Escape");
  await sam.reload();
  await opener.click();
  await expect(text).toHaveValue("Meeting at five.");
  await text.press("Tab");
  await dialog.locator('button[type="submit"]').click();
  await expect(dialog).toBeHidden();
  await sam.reload();
  await opener.click();
  await expect(text).toHaveValue("");
  await text.fill("Meeting at six.");
  await sam.page.keyboard.press("Escape");
  await sam.header.signOut();
  await sam.page.getByRole("dialog").getByRole("button", { name: "Discard and sign out" }).click();
  await expect(sam.page).toHaveURL(/\/login/);
  expect(await sam.page.evaluate(() => JSON.stringify(localStorage))).not.toContain("Meeting at six.");
});

test("F05 after a reload the agent's box says which file has to be chosen again, as long as its text is there", async ({ amy, dana }) => {
  await conversation(amy, dana);
  const { composer } = amy.workspace;
  await composer.text.fill("Your receipt");
  await composer.attach("receipt.txt", "text/plain", Buffer.from("12 euros"));
  await expect(composer.chosenFile).toContainText("receipt.txt");
  amy.page.once("dialog", (dialog) => void dialog.accept());
  await amy.reload();
  await expect(composer.text).toHaveValue("Your receipt");
  await expect(composer.chosenFile).toContainText("Choose receipt.txt (1 KB) again");
  await composer.text.fill("");
  await expect(composer.chosenFile).toHaveCount(0);
  await composer.text.fill("Your receipt");
  await expect(composer.chosenFile).toHaveCount(0);
  await composer.attach("receipt.txt", "text/plain", Buffer.from("12 euros"));
  await composer.sendButton.click();
  await expect(dana.chat.file("receipt.txt")).toBeVisible();
  await amy.reload();
  await expect(composer.chosenFile).toHaveCount(0);
});

test("F05 after a reload the customer's page says which file has to be chosen again", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await dana.chat.text.fill("My receipt");
  await dana.chat.attach.setInputFiles({ name: "receipt.txt", mimeType: "text/plain", buffer: Buffer.from("12 euros") });
  await dana.page.reload();
  await expect(dana.chat.text).toHaveValue("My receipt");
  const again = dana.chat.content.getByText("receipt.txt has to be chosen again.");
  await expect(again).toBeVisible();
  await dana.page.reload();
  await expect(again).toBeVisible();
  await dana.chat.removeFileButton.click();
  await expect(again).toBeHidden();
  await dana.chat.attach.setInputFiles({ name: "receipt.txt", mimeType: "text/plain", buffer: Buffer.from("12 euros") });
  await dana.chat.sendButton.click();
  await expect(amy.workspace.transcript.file("receipt.txt")).toBeVisible();
  await dana.page.reload();
  await expect(dana.chat.message("My receipt")).toBeVisible();
  await expect(again).toBeHidden();
});

test("F05 after a reload a text goes out without its file only when that is meant", async ({ amy, dana }) => {
  const receipt = { name: "receipt.txt", mimeType: "text/plain", buffer: Buffer.from("12 euros") };
  await conversation(amy, dana);
  const { composer, transcript } = amy.workspace;
  const attach = () => composer.attach(receipt.name, receipt.mimeType, receipt.buffer);
  const begins = async (text: string) => {
    await composer.text.fill(text);
    await attach();
    amy.page.once("dialog", (dialog) => void dialog.accept());
    await amy.reload();
    await expect(composer.chosenFile).toContainText("Choose receipt.txt (1 KB) again");
    await composer.text.press("Enter");
    await expect(composer.problem).toContainText("Send without receipt.txt (1 KB)?");
    await expect(composer.text).toBeFocused();
    await expect(composer.text).toHaveValue(text);
  };
  await begins("See the attached file");
  await expectNoViolations(amy.page, "the question before a text goes without its file");
  await attach();
  await expect(composer.problem).toHaveCount(0);
  await composer.text.press("Enter");
  await expect(dana.chat.message("See the attached file").getByRole("link", { name: "receipt.txt" })).toBeVisible();

  await begins("Forget the file");
  await composer.removeFileButton.click();
  await expect(composer.problem).toHaveCount(0);
  await composer.text.press("Enter");
  await expect(dana.chat.message("Forget the file")).toBeVisible();

  await begins("It comes later");
  await composer.text.press("Enter");
  await expect(dana.chat.message("It comes later")).toBeVisible();
  await expect(dana.chat.file("receipt.txt")).toHaveCount(1);

  const { chat, page } = dana;
  for (const [text, settles] of [
    ["I attached it", () => chat.attach.setInputFiles(receipt)],
    ["Not this time", () => chat.removeFileButton.click()],
    ["Later", () => Promise.resolve()],
  ] as const) {
    await chat.text.fill(text);
    await chat.attach.setInputFiles(receipt);
    await page.reload();
    await expect(chat.content.getByText("receipt.txt has to be chosen again.")).toBeVisible();
    await chat.text.press("Enter");
    await expect(chat.status.filter({ hasText: "Send without receipt.txt?" })).toBeVisible();
    await expect(chat.text).toBeFocused();
    await expect(chat.text).toHaveValue(text);
    await settles();
    await chat.text.press("Enter");
    await expect(transcript.customer(text)).toBeVisible();
    await expect(transcript.file("receipt.txt"), "one of each side").toHaveCount(2);
    await expect(chat.content.getByText("Send without")).toHaveCount(0);
    await expect(chat.removeFileButton).toBeHidden();
  }
});

test("F05 after a reload the customer's page and the widget name a file that was chosen without a text", async ({
  ada,
  amy,
  dana,
  program,
}) => {
  const receipt = { name: "receipt.txt", mimeType: "text/plain", buffer: Buffer.from("12 euros") };
  await conversation(amy, dana);
  await ada.signIn();
  const shop = await Shop.open(program.url);
  await new ChatSettings(ada.page).allow(shop.origin);
  const widget = new Widget(await dana.context.newPage());
  await widget.openAt(shop.origin);
  await widget.chat.begin("Eli Evans", "Hello?");
  for (const [chat, page] of [[dana.chat, dana.page], [widget.chat, widget.page]] as const) {
    await chat.attach.setInputFiles(receipt);
    await expect(chat.removeFileButton).toBeVisible();
    await page.reload();
    const again = chat.content.getByText("receipt.txt has to be chosen again.");
    await expect(again).toBeVisible();
    await expect(chat.text).toHaveValue("");
    await chat.attach.setInputFiles(receipt);
    await expect(again).toBeHidden();
    await chat.sendButton.click();
    await expect(chat.file("receipt.txt")).toBeVisible();
    await page.reload();
    await expect(chat.file("receipt.txt")).toBeVisible();
    await expect(again).toBeHidden();
  }
  await shop.close();
});

test("F05 a message to a team keeps the team that was chosen", async ({ ada, sam }) => {
  await ada.signIn();
  await ada.goto("/admin/teams");
  await ada.teams.edit("Sales");
  await ada.teams.supervisors.getByRole("checkbox", { name: "Sam Stone" }).check();
  await ada.teams.save();
  await sam.signIn();
  const opener = sam.page.getByRole("button", { name: "Message a team…" });
  const dialog = sam.page.getByRole("dialog", { name: "Message a team" });
  const team = dialog.getByRole("combobox", { name: "Team" });
  const chosen = team.getByRole("option", { selected: true });
  await opener.click();
  await expect(chosen).toHaveText("Care");
  await team.selectOption("Sales");
  await dialog.getByRole("textbox").fill("Meeting at five.");
  await sam.page.keyboard.press("Escape");
  await opener.click();
  await expect(chosen).toHaveText("Sales");
  await sam.reload();
  await opener.click();
  await expect(dialog.getByRole("textbox")).toHaveValue("Meeting at five.");
  await expect(chosen).toHaveText("Sales");
  await dialog.getByRole("button", { name: "Send" }).click();
  await expect(sam.page.getByText("Sent to 1 agent")).toBeVisible();
  await opener.click();
  await expect(chosen).toHaveText("Care");
});

test("SPEC 3 what is typed of a new user is there again after a reload, but the password", async ({ ada }) => {
  await ada.signIn();
  const users = new Users(ada.page);
  await users.open();
  await users.newButton.click();
  await users.field("Name").fill("Uma Upton");
  await users.field("Password").fill("a long enough word");
  await ada.page.reload();
  await users.newButton.click();
  await expect(users.field("Name")).toHaveValue("Uma Upton");
  await expect(users.field("Password")).toHaveValue("");
  await expect(users.editor.getByText("You typed this earlier. It is not saved yet.")).toBeVisible();
  await users.editor.getByRole("button", { name: "Cancel" }).click();
  await users.newButton.click();
  await expect(users.field("Name")).toHaveValue("");
});
