// The focus of the keyboard when what had it goes: it goes on with what stands there next, and never at the top of the page.

import { monitored, monitoredByAgent } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";
import { AlertRulesPage } from "../pages/alerts.ts";

test("E20 after Done the next request has the focus, and after the last one the panel", async ({ amy, ben, sam }) => {
  await amy.signIn();
  await ben.signIn();
  await sam.signIn();
  await amy.raiseHand();
  await ben.raiseHand();
  const [first, second] = [sam.dashboard.request(amy.name), sam.dashboard.request(ben.name)];
  await expect(second.claim).toBeVisible();
  await first.done.focus();
  await sam.page.keyboard.press("Enter");
  await expect(first.row).toHaveCount(0);
  await expect(second.claim).toBeFocused();
  await sam.page.keyboard.press("Tab");
  await sam.page.keyboard.press("Enter");
  await expect(second.row).toHaveCount(0);
  await expect(sam.dashboard.requests).toBeFocused();
});

test("a dismissed alert leaves the focus in the head of the Coaching Page", async ({ ada, amy, sam, dana }) => {
  await ada.signIn();
  const rules = new AlertRulesPage(ada.page);
  await rules.open();
  await rules.add("Words in a message", "Parcel", "Words and phrases", "parcel");
  await expect(rules.rule("Parcel")).toBeVisible();
  await monitored(amy, sam, dana);
  const dismiss = sam.page.getByRole("button", { name: /^Dismiss Parcel/ });
  await dismiss.focus();
  await sam.page.keyboard.press("Enter");
  await expect(dismiss).toHaveCount(0);
  await expect(sam.coaching.main.locator("header :focus")).toHaveText("Labels");
});

test("M10 after Dismiss the next pop-up has the focus, and after the last one the page", async ({ amy, ben, sam }) => {
  await amy.signIn();
  await ben.signIn();
  await sam.signIn();
  await amy.raiseHand();
  await ben.raiseHand();
  const [one, other] = [sam.popUpFrom(amy.name), sam.popUpFrom(ben.name)];
  await expect(other.region).toBeVisible();
  await sam.reload();
  await one.dismissButton.focus();
  await sam.page.keyboard.press("Enter");
  await expect(one.region).toHaveCount(0);
  await expect(other.region.locator(":focus")).toHaveCount(1);
  await other.composer.text.fill("On my way.");
  await other.composer.text.press("Enter");
  await expect(other.region).toHaveCount(0);
  await expect(sam.page.getByRole("main")).toBeFocused();
});

test("E20 E24 when somebody else claims a row whose Claim has the focus, the keyboard goes on in that row, which stays one", async ({
  amy,
  ben,
  sam,
  sue,
}) => {
  for (const person of [amy, ben, sam, sue]) await person.signIn();
  await ben.raiseHand();
  const [amys, bens] = [sam.popUpFrom(amy.name), sam.popUpFrom(ben.name)];
  await expect(bens.composer.text).toBeInViewport();
  await amy.raiseHand();
  await expect(amys.region).toBeVisible();
  await amys.words.focus();
  await sam.page.keyboard.press("Tab");
  await expect(amys.region.getByRole("button", { name: "Claim the request of Amy Adler" })).toBeFocused();
  await sue.popUpFrom(amy.name).region.getByRole("button", { name: "Claim the request of Amy Adler" }).click();
  await expect(amys.region).toContainText("Sue Silva has it");
  await expect(amys.dismissButton).toBeFocused();
  await expect(amys.composer.text).not.toBeInViewport({ ratio: 0.5 });
  await expect(bens.composer.text).toBeInViewport();
});

test("Undo gives the focus back to End conversation", async ({ amy, dana }) => {
  await amy.signIn();
  await dana.begin("Hello?");
  await amy.openWorkitem(dana.name);
  await amy.answer("Hello.");
  const { wrapUpButton, undoButton } = amy.workspace;
  await wrapUpButton.focus();
  await amy.page.keyboard.press("Enter");
  await undoButton.focus();
  await amy.page.keyboard.press("Enter");
  await expect(undoButton).toHaveCount(0);
  await expect(wrapUpButton).toBeFocused();
});

for (const width of [1280, 390, 320]) {
  test(`Escape in the Company Directory gives the focus back at ${width} px`, async ({ amy }) => {
    await amy.page.setViewportSize({ width, height: 720 });
    await amy.signIn();
    await amy.header.directory.focus();
    await amy.page.keyboard.press("Enter");
    await expect(amy.directory.search).toBeFocused();
    await amy.page.keyboard.press("Escape");
    await expect(amy.directory.dialog).toHaveCount(0);
    await expect(amy.header.directory).toBeFocused();
  });
}

test("a pointer that dismisses a pop-up leaves the others alone", async ({ amy, ben, sam }) => {
  await amy.signIn();
  await ben.signIn();
  await sam.signIn();
  await amy.raiseHand();
  await ben.raiseHand();
  const other = sam.popUpFrom(ben.name);
  await expect(other.region).toBeVisible();
  await sam.popUpFrom(amy.name).dismissButton.click();
  await expect(sam.popUpFrom(amy.name).region).toHaveCount(0);
  await expect(other.region.locator(":focus")).toHaveCount(0);
});

test("M23 E26 while sam writes to amy her closing the work takes neither his words nor the focus", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const { composer, main } = sam.coaching;
  await amy.answer("It comes tomorrow.");
  await amy.workspace.wrapUp();
  await expect(sam.coaching.closeWrapUpButton).toBeVisible();
  await composer.text.fill("Well done, and");
  await composer.text.press("End");
  await amy.workspace.close();
  await expect(main).toContainText("This workitem is closed.");
  await expect(sam.coaching.closeWrapUpButton).toBeHidden();
  await expect(composer.text).toBeFocused();
  await expect(composer.text).toHaveValue("Well done, and");
  await expect(composer.text).toHaveAttribute("readonly");
});

test("M23 E26 a box that is shut before a word stands in it stays until its supervisor leaves it", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const { back, composer, main } = sam.coaching;
  await amy.answer("It comes tomorrow.");
  await amy.workspace.wrapUp();
  await expect(sam.coaching.closeWrapUpButton).toBeVisible();
  await composer.text.focus();
  await amy.workspace.close();
  await expect(main).toContainText("This workitem is closed.");
  await expect(sam.coaching.closeWrapUpButton).toBeHidden();
  await expect(composer.text).toBeFocused();
  // What he types then is neither a shortcut nor a click.
  await sam.page.keyboard.type("dk");
  await sam.page.keyboard.press("Enter");
  await expect(composer.text).toBeFocused();
  await expect(sam.page.getByRole("dialog")).toHaveCount(0);
  await expect(composer.text).toHaveValue("");
  await back.focus();
  await expect(composer.text).toBeHidden();
  await expect(back).toBeFocused();
});

test("E13 what amy goes on typing does nothing while sue has her work, and when it is back goes into her box again", async ({
  ada,
  amy,
  sue,
  dana,
}) => {
  const workitem = await monitoredByAgent(ada, amy, sue, dana);
  const { composer, notYours, sort } = amy.workspace;
  const order = await sort.inputValue();
  await composer.text.focus();
  await amy.page.keyboard.type("I was about");
  await sue.coaching.takeOverButton.click();
  await expect(notYours).toBeFocused();
  // Among them letters that are shortcuts, and blanks, which would press a button.
  await amy.page.keyboard.type(" to add n ?");
  await expect(notYours).toBeFocused();
  await expect(amy.page.getByRole("dialog")).toHaveCount(0);
  await expect(amy.page).toHaveURL(`/workspace/${workitem.id}`);
  await sue.page.getByRole("button", { name: "Give back to Amy Adler" }).click();
  await expect(composer.text).toBeFocused();
  await amy.page.keyboard.type(" to say");
  await expect(composer.text).toHaveValue("I was about to say");
  await expect(sort).toHaveValue(order);
});

test("E13 words for staff do not go on in the box to the customer when the work is back", async ({ ada, amy, sue, dana }) => {
  await monitoredByAgent(ada, amy, sue, dana);
  const { composer, note, noteOpener, notYours } = amy.workspace;
  await noteOpener.click();
  await expect(note.text).toBeFocused();
  await amy.page.keyboard.type("She is");
  await sue.coaching.takeOverButton.click();
  await expect(notYours).toBeFocused();
  await sue.page.getByRole("button", { name: "Give back to Amy Adler" }).click();
  await expect(composer.text).toBeVisible();
  await amy.page.keyboard.type(" angry");
  await expect(composer.text).toHaveValue("");
});

test("E13 what amy goes on typing when her question to transfer is taken away presses nothing and reaches no customer", async ({
  ada,
  amy,
  sue,
  dana,
}) => {
  await monitoredByAgent(ada, amy, sue, dana);
  const { composer, notYours, transferButton, transferNote } = amy.workspace;
  await transferButton.focus();
  await amy.page.keyboard.press("Enter");
  await transferNote.focus();
  await amy.page.keyboard.type("She is");
  await sue.coaching.takeOverButton.click();
  await expect(notYours).toBeFocused();
  await amy.page.keyboard.type(" angry");
  await expect(amy.page.getByRole("dialog")).toHaveCount(0);
  await expect(notYours).toBeFocused();
  await sue.page.getByRole("button", { name: "Give back to Amy Adler" }).click();
  await expect(composer.text).toBeVisible();
  await amy.page.keyboard.type(" now");
  await expect(composer.text).toHaveValue("");
});

test("E26 when the last agent leaves a supervisor's view the dashboard says so, wherever the focus was, and goes on", async ({
  ada,
  amy,
  sam,
}) => {
  await ada.signIn();
  await ada.goto("/admin/teams");
  await amy.signIn();
  await sam.signIn();
  await amy.raiseHand();
  const supervises = ada.teams.supervisors.getByRole("checkbox", { name: "Sam Stone" });
  const { row } = sam.dashboard.agent(amy.name);
  for (const place of [sam.dashboard.request(amy.name).claim, row]) {
    await place.focus();
    await expect(place).toBeFocused();
    await ada.teams.edit("Care");
    await supervises.uncheck();
    await ada.teams.save();
    await expect(sam.page.getByText("No agents in your teams yet.")).toBeVisible();
    await expect(row).toHaveCount(0);
    await ada.teams.edit("Care");
    await supervises.check();
    await ada.teams.save();
    await expect(row).toBeVisible();
  }
});

test("E24 one Escape dismisses one raised hand and leaves the dock, so that the next is for no other", async ({ amy, ben, sam }) => {
  for (const person of [amy, ben, sam]) await person.signIn();
  const all = sam.page.getByRole("region", { name: /^Message from / });
  for (const [before, agent] of [amy, ben, amy].entries()) {
    await agent.raiseHand();
    await expect(all).toHaveCount(before + 1);
  }
  const { filter } = sam.dashboard;
  await filter.focus();
  await all.first().getByRole("textbox", { name: "Reply" }).focus();
  const bens = sam.popUpFrom(ben.name).region;
  await bens.getByRole("button", { name: "Claim the request of Ben Brooks" }).focus();
  await sam.page.keyboard.press("Escape");
  await expect(bens).toHaveCount(0);
  await expect(filter).toBeFocused();
  for (const key of ["Escape", "Escape"]) await sam.page.keyboard.press(key);
  await expect(filter).toBeFocused();
  await expect(all).toHaveCount(2);
});
