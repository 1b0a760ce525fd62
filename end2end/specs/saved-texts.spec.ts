// Texts that people keep: written on a page of their own, found by `/` in a box, filled in, looked at, and then sent.

import { expectNoViolations } from "../fixtures/axe.ts";
import type { Person } from "../fixtures/person.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import { SavedTextsPage } from "../pages/saved-texts.ts";

test("amy inserts a saved text by its title, and the customer gets it with the names filled in", async ({
  amy,
  dana,
}) => {
  await conversation(amy, dana);
  const { composer } = amy.workspace;
  await composer.text.focus();
  await amy.page.keyboard.type("/");
  await expect(composer.savedTexts.getByRole("option")).not.toHaveCount(0);
  await amy.page.keyboard.type("GREET");
  const text = "Hello Dana Dietz, this is Amy Adler of Larkfield. I am looking into it right away.";
  await expect(composer.savedTexts.getByRole("option")).toHaveCount(1);
  // What is offered reads as what will stand in the box.
  await expect(composer.savedTexts.getByRole("option")).toContainText(text);
  await amy.page.keyboard.press("Enter");
  await expect(composer.text).toHaveValue(text);
  await expect(composer.text).toBeFocused();
  await expect(composer.savedTexts).toBeHidden();
  await expect(dana.page.locator("body")).not.toContainText("Larkfield. I am");
  await amy.page.keyboard.press("Enter");
  await expect(dana.chat.message(text)).toBeVisible();
});

test("the list answers to arrows, Escape, the pointer and a button, and takes no key that is not for it", async ({
  amy,
  dana,
}) => {
  await conversation(amy, dana);
  const { composer } = amy.workspace;
  await composer.text.fill("Yes.");
  await composer.savedButton.click();
  const options = composer.savedTexts.getByRole("option");
  await expect(options.first()).toHaveAttribute("aria-selected", "true");
  await amy.page.keyboard.press("ArrowUp");
  await expect(options.last()).toHaveAttribute("aria-selected", "true");
  await expect(composer.text).toHaveAttribute("aria-activedescendant", (await options.last().getAttribute("id")) ?? "");
  await amy.page.keyboard.press("Escape");
  await expect(composer.savedTexts).toBeHidden();
  await composer.savedButton.click();
  await options.filter({ hasText: "One moment" }).click();
  await expect(composer.text).toHaveValue(/^Yes\. Thank you for waiting, Dana Dietz\./);
  await expect(composer.text).toBeFocused();
  // What was searched for is not sent by the key that would have chosen it.
  await composer.text.fill("/home is where your files are");
  await expect(composer.scope.getByText("No saved text matches.")).toBeVisible();
  await composer.text.press("Enter");
  await expect(composer.text).toHaveValue("/home is where your files are");
  await composer.text.press("Escape");
  await composer.text.press("Enter");
  await expect(dana.chat.message("/home is where your files are")).toBeVisible();
  await composer.text.pressSequentially("/moment");
  await expect(options).toHaveCount(1);
});

test("a quick Enter sends no search while the list is loaded, and a text that begins with a slash can be sent", async ({
  amy,
  dana,
}) => {
  await conversation(amy, dana);
  const texts = new SavedTextsPage(await amy.openTexts());
  await texts.title.fill("Slashy");
  await texts.text.fill("/slash stays");
  await texts.saveButton.click();
  await expect(texts.row("Slashy")).toBeVisible();
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await amy.page.route("**/saved_text_list", async (route) => {
    await held;
    await route.continue();
  });
  const { composer } = amy.workspace;
  await composer.text.pressSequentially("/slashy");
  await composer.text.press("Enter");
  await expect(composer.text).toHaveValue("/slashy");
  answer();
  await expect(composer.text).toHaveAttribute("aria-controls", /saved$/);
  await expect(composer.savedTexts.getByRole("option")).toHaveCount(1);
  await composer.text.press("Enter");
  await expect(composer.text).toHaveValue("/slash stays");
  await expect(composer.savedTexts).toBeHidden();
  await composer.text.press("Enter");
  await expect(dana.chat.message("/slash stays")).toBeVisible();
});

test("sam finds coaching, and amy's box to the customer never offers it", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const { composer } = sam.coaching;
  await composer.text.focus();
  await sam.page.keyboard.type("/happens");
  await expect(composer.savedTexts.getByRole("option")).toHaveCount(1);
  await sam.page.keyboard.press("Tab");
  const words = "Good so far, Amy Adler. Tell Dana Dietz what happens next and by when.";
  await expect(composer.text).toHaveValue(words);
  await composer.text.press("Enter");
  await expect(amy.workspace.transcript.coaching(words).article).toBeVisible();
  await amy.workspace.composer.text.fill("/happens");
  await expect(amy.workspace.composer.scope.getByText("No saved text matches.")).toBeVisible();
});

test("sam writes a text for his team, amy uses it at once, and he changes and deletes it", async ({ amy, sam, dana }) => {
  await conversation(amy, dana);
  await sam.signIn();
  const texts = new SavedTextsPage(await sam.openTexts());
  await expectNoViolations(texts.page, "/texts");
  await texts.writtenFor.selectOption("Customers");
  await texts.whose.selectOption("Care");
  await texts.title.fill("Opening hours");
  await texts.text.fill("We are here from 8 to 18, {customer}.\nAlways.");
  await texts.saveButton.click();
  await expect(texts.row("Opening hours")).toContainText("Care");
  const { composer } = amy.workspace;
  await composer.text.fill("/hours");
  await composer.savedTexts.getByRole("option").click();
  await expect(composer.text).toHaveValue("We are here from 8 to 18, Dana Dietz.\nAlways.");

  await texts.row("Opening hours").getByRole("link", { name: "Edit Opening hours" }).click();
  await expect(texts.text).toHaveValue("We are here from 8 to 18, {customer}.\nAlways.");
  await texts.title.fill("Hours");
  await texts.saveButton.click();
  await texts.page.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(texts.page, "/texts");
  await texts.delete("Hours");
  await expect(texts.page.getByRole("status")).toHaveText("Deleted.");
  await expect(texts.row("Hours")).toHaveCount(0);
});

test("a box for coaching offers what helped before in a conversation like this one, with where it comes from", async ({
  amy,
  sam,
  dana,
  eli,
}) => {
  await monitored(amy, sam, dana);
  await sam.coach("Ask for the parcel's number first.");
  await amy.workspace.transcript.coaching("Ask for the parcel's number first.").thumbsUp.click();
  await expect(sam.coaching.transcript.coaching("Ask for the parcel's number first.").article).toContainText("Thumbs up");
  await sam.coach("Say nothing yet.");
  await eli.begin("My parcel is late again.");
  await sam.monitor(amy, await amy.workitemWith(eli.name));
  const { composer } = sam.coaching;
  await composer.text.fill("/parcel");
  const helped = composer.savedTexts.getByRole("option").filter({ hasText: "Ask for the parcel's number first." });
  await expect(helped).toContainText("Helped before");
  await expect(helped).toContainText("Sam Stone on “Where is my parcel?”");
  await expect(composer.savedTexts.getByRole("option").filter({ hasText: "Say nothing yet." })).toHaveCount(0);
  await composer.text.press("Enter");
  await expect(composer.text).toHaveValue("Ask for the parcel's number first.");
  await composer.text.press("Enter");
  await expect(sam.coaching.transcript.coaching("Ask for the parcel's number first.").article).toBeVisible();
});

test("coaching that helped where the same was asked is offered while the request is open", async ({
  amy,
  sam,
  dana,
  eli,
}) => {
  await monitored(amy, sam, dana);
  await amy.raiseHand();
  await sam.coach("Yes, in full.");
  await amy.workspace.transcript.coaching("Yes, in full.").thumbsUp.click();
  await expect(sam.coaching.transcript.coaching("Yes, in full.").article).toContainText("Thumbs up");
  await eli.begin("The lamp flickers.");
  await amy.openWorkitem(eli.name);
  await amy.raiseHand();
  await sam.monitor(amy, await amy.workitemWith(eli.name));
  const { composer } = sam.coaching;
  await composer.text.fill("/full");
  const helped = composer.savedTexts.getByRole("option").filter({ hasText: "Yes, in full." });
  await expect(helped).toContainText("Helped before");
  await expect(helped).toContainText("Sam Stone on “Where is my parcel?”");
});

/** Sam keeps a text for Care and changes its title, while sue has the list before her. */
async function bothHave(sam: Person, sue: Person): Promise<[SavedTextsPage, SavedTextsPage]> {
  await sam.signIn();
  await sue.signIn();
  const [his, hers] = [new SavedTextsPage(sam.page), new SavedTextsPage(sue.page)];
  await sam.page.goto("/texts");
  await his.writtenFor.selectOption("Customers");
  await his.whose.selectOption("Care");
  await his.title.fill("Opening hours");
  await his.text.fill("We are here from 8 to 18.\nAlways.");
  await his.saveButton.click();
  await his.edit("Opening hours");
  await his.title.fill("Hours");
  await sue.page.goto("/texts");
  return [his, hers];
}

test("E03 sam renames a text while sue rewrites it, reads what she wrote, and takes nothing of it back", async ({ sam, sue }) => {
  const [his, hers] = await bothHave(sam, sue);
  await hers.edit("Opening hours");
  await hers.text.fill("We are here from 9 to 17.\nAlways.");
  await hers.saveButton.click();
  await expect(hers.page.getByText("Saved.", { exact: true })).toBeVisible();

  sam.expectProblem(/422/);
  await his.saveButton.click();
  await expect(his.problem).toContainText("Sue Silva has changed this meanwhile.");
  await expect(his.problem).toContainText("Text: now “We are here from 9 to 17.");
  await expect(his.problem).not.toContainText("Title: now");
  await expect(his.problem).toBeFocused();
  await expect(his.title).toHaveValue("Hours");
  await expect(his.text).toHaveValue("We are here from 9 to 17.\nAlways.");
  await his.saveButton.click();
  await expect(his.row("Hours")).toContainText("from 9 to 17");
});

test("what sam typed into a text that sue deleted meanwhile can be copied", async ({ sam, sue }) => {
  const [his, hers] = await bothHave(sam, sue);
  await hers.delete("Opening hours");
  await expect(hers.page.getByText("Deleted.", { exact: true })).toBeVisible();

  sam.expectProblem(/404/);
  await his.saveButton.click();
  await expect(his.problem).toContainText("This was deleted meanwhile");
  await expect(his.problem).toBeFocused();
  await expect(his.lost.getByRole("textbox", { name: "Title" })).toHaveValue("Hours");
  await expect(his.lost.getByRole("textbox", { name: "Text" })).toHaveValue("We are here from 8 to 18.\nAlways.");
  await expect(his.row("Opening hours")).toHaveCount(0);
  await expectNoViolations(his.page, "/texts about a text that is gone");
});
