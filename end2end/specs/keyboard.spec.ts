// Working without a pointer: keys that act anywhere, the command palette, the sheet of keys.

import { expectNoViolations } from "../fixtures/axe.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

test("U11 an agent goes from workitem to workitem and answers by keys alone", async ({ amy, dana, eli }) => {
  await amy.signIn();
  // In which nothing changes its place, also when it is answered.
  await amy.workspace.sort.selectOption("Order of arrival");
  await amy.reload();
  await dana.begin("Where is my parcel?");
  await eli.begin("My invoice is wrong.");
  await expect(amy.workspace.workitem(eli.name)).toBeVisible();
  const listed = await amy.workspace.list.getByRole("link").count();
  const open = amy.workspace.list.locator("[aria-current=page]");

  await amy.keyboard.press("Alt+ArrowUp");
  await expect(open).toContainText(eli.name);
  await expect(amy.workspace.composer.text, "writing begins at once").toBeFocused();
  await amy.page.keyboard.type("I am on it.");
  await amy.keyboard.press("Enter");
  await expect(eli.chat.message("I am on it.")).toBeVisible();
  await amy.page.keyboard.type("One moment");

  await amy.keyboard.press("Alt+ArrowUp");
  await expect(open).toContainText(dana.name);
  await expect(amy.workspace.composer.text).toBeFocused();
  await expect(amy.workspace.composer.text, "a draft stays with its conversation").toHaveValue("");
  for (let at = 0; at < listed; at++) await amy.keyboard.press("Alt+ArrowDown");
  await expect(open, "the list goes round").toContainText(dana.name);
  await amy.keyboard.press("Alt+ArrowDown");
  await expect(open).toContainText(eli.name);
  await expect(amy.workspace.composer.text).toHaveValue("One moment");
});

test("U11 letters press what they name, but not while somebody types", async ({ amy, sam, dana }) => {
  await conversation(amy, dana);
  const { composer } = amy.workspace;
  await composer.text.fill("");
  await composer.text.pressSequentially("a?ndr");
  await expect(composer.text).toHaveValue("a?ndr");
  await expect(amy.page.getByRole("dialog")).toHaveCount(0);

  await amy.workspace.title.click();
  await amy.keyboard.press("r");
  await expect(composer.text, "R writes on").toBeFocused();
  await expect(composer.text).toHaveValue("a?ndr");

  await amy.workspace.title.click();
  await amy.keyboard.press("a");
  await expect(amy.assistance.messages).toHaveCount(4);
  await amy.keyboard.press("n", "d");
  await expect(amy.assistance.messages, "nothing behind a dialog acts").toHaveCount(4);
  await amy.keyboard.press("Escape", "p");
  await expect(amy.dialpad.callButton).toBeVisible();
  await amy.keyboard.press("Escape", "n");
  await expect(amy.workspace.list.locator("[aria-current=page]")).not.toContainText(dana.name);

  await sam.signIn();
  await sam.keyboard.press("a");
  await sam.keyboard.press("d");
  await expect(sam.directory.people).toHaveCount(6);
  await expect(sam.page.getByRole("dialog"), "a supervisor has no Assistance").toHaveCount(1);
});

test("U11 keys act on layouts that are not Latin, and still not while somebody types", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.keyboard.pressAs("л", "KeyK", true);
  await expect(amy.keyboard.palette).toBeVisible();
  await amy.keyboard.press("Escape");
  await expect(amy.keyboard.palette).toBeHidden();

  await amy.workspace.composer.text.focus();
  await amy.keyboard.pressAs("в", "KeyD");
  await amy.workspace.title.click();
  await amy.keyboard.pressAs("ö", "Semicolon");
  await expect(amy.page.getByRole("dialog")).toHaveCount(0);
  await amy.keyboard.pressAs("δ", "KeyD");
  await expect(amy.directory.dialog).toBeVisible();
});

test("U11 the sheet lists the keys, and letters can be switched off for good", async ({ amy }) => {
  await amy.signIn();
  await amy.keyboard.press("?");
  await expect(amy.keyboard.sheet).toContainText("Alt↑");
  await expect(amy.keyboard.sheet).toContainText("Ask for assistance");
  await expectNoViolations(amy.page, "Keyboard shortcuts");
  await amy.keyboard.sheet.getByRole("link", { name: "Settings" }).click();
  await expect(amy.keyboard.sheet).toBeHidden();

  const letters = amy.page.getByRole("region", { name: "Keyboard" }).getByRole("switch", { name: "Single-letter shortcuts" });
  await letters.uncheck();
  await expect(amy.page.getByText("Saved")).toBeVisible();
  await amy.page.reload();
  await expect(letters).not.toBeChecked();
  await amy.page.getByRole("heading", { level: 1 }).click();
  await amy.keyboard.press("?", "d");
  await expect(amy.header.directory).not.toHaveAttribute("aria-keyshortcuts", /./);
  await amy.keyboard.press("Control+k");
  await expect(amy.keyboard.palette, "combinations act in any case").toBeVisible();
  await expect(amy.page.getByRole("dialog")).toHaveCount(1);
  await amy.keyboard.press("Escape");

  await amy.header.userMenu.click();
  await amy.page.getByRole("menuitem", { name: "Keyboard shortcuts" }).click();
  await expect(amy.keyboard.sheet).toContainText("switched off");
});

test("U11 the command palette finds workitems, pages, people and actions", async ({ amy, sam, dana }) => {
  await conversation(amy, dana);
  await amy.goto("/settings");
  await amy.keyboard.find("dana parcel");
  await expect(amy.keyboard.found).toHaveCount(1);
  await amy.keyboard.press("Enter");
  await expect(amy.workspace.transcript.customer("Where is my parcel?")).toBeVisible();
  await expect(amy.workspace.composer.text).toBeFocused();

  await amy.keyboard.find("SÄM stone");
  await expect(amy.keyboard.chosen).toContainText("Sam Stone");
  await amy.keyboard.press("Enter");
  await expect(amy.directory.conversation("Sam Stone")).toBeVisible();
  await amy.keyboard.press("Escape");

  await amy.keyboard.find("assist");
  await amy.keyboard.press("Enter");
  await expect(amy.assistance.messages).toHaveCount(4);
  await amy.keyboard.press("Escape");

  await amy.keyboard.find("nothing of this name");
  await expect(amy.keyboard.palette.getByRole("status")).toHaveText("No results");
  await amy.keyboard.press("Enter");
  await expect(amy.keyboard.palette, "Enter on nothing does nothing").toBeVisible();

  await sam.signIn();
  await sam.keyboard.find("");
  await expectNoViolations(sam.page, "Command palette");
  await sam.keyboard.search.fill("workitems of amy");
  await expect(sam.keyboard.found).toHaveCount(1);
  await sam.keyboard.search.fill("amy");
  await sam.keyboard.press("ArrowDown", "ArrowUp");
  await expect(sam.keyboard.chosen).toContainText("Workitems of Amy Adler");
  await sam.keyboard.press("Enter");
  await expect(sam.modal.row(dana.name)).toBeVisible();

  await sam.page.setViewportSize({ width: 320, height: 256 });
  await sam.modal.closeButton.click();
  await sam.keyboard.find("dark");
  await sam.keyboard.found.first().click();
  await expect(sam.page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("M04 U11 the palette of a supervisor names no agent of others", async ({ sid }) => {
  await sid.signIn();
  await sid.keyboard.find("workitems of");
  await expect(sid.keyboard.found).toHaveCount(1);
  await expect(sid.keyboard.found).toContainText("Cleo Costa");
});

test("U11 a supervisor finds agents' workitems by their customers, pages of the host, and what the page offers", async ({ amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  const { chosen } = sam.keyboard;
  await sam.goto("/dashboard");
  await sam.keyboard.find("dana parcel");
  await expect(chosen).toContainText("Where is my parcel?");
  await sam.keyboard.press("Enter");
  await expect(sam.page).toHaveURL(`/coaching/${await amy.id()}/${workitem.id}`);
  await expect(sam.coaching.noteOpener).toBeVisible();
  await sam.keyboard.find("note");
  await sam.keyboard.press("Enter");
  await expect(sam.coaching.note.text).toBeFocused();

  const chosenPresence = sam.page.waitForResponse(/presence_set/);
  await sam.keyboard.find("presence away");
  await sam.keyboard.press("Enter");
  await chosenPresence;
  await sam.goto("/settings");
  await expect(sam.header.presence).toHaveValue("away");
  await amy.raiseHand({ to: "signed-in" });
  await expect(sam.popUpFrom(amy.name).region).toBeVisible();
  await sam.keyboard.find("claim");
  await sam.keyboard.press("Enter");
  await expect(sam.popUpFrom(amy.name).region).toContainText("You have it");

  await sam.keyboard.find("analytics");
  await sam.keyboard.press("Enter");
  await expect(sam.page).toHaveURL("/analytics");
  await sam.page.goBack();
  await expect(sam.page).toHaveURL("/settings");
  await sam.reload();
  await sam.keyboard.find("flagged");
  await sam.keyboard.press("Enter");
  await expect(sam.page).toHaveURL("/history?review=flagged");
  await sam.keyboard.find("sign out");
  await sam.keyboard.press("Enter");
  await expect(sam.page).toHaveURL(/\/login/);
});

test("U11 a supervisor finds agents' workitems by their subjects, accents and case aside", async ({ amy, sam, dana, eli }) => {
  await conversation(amy, dana, "Where is my Páket?");
  await eli.begin("My invoice is wrong.");
  await expect(amy.workspace.workitem(eli.name)).toBeVisible();
  await sam.signIn();
  await sam.goto("/settings");
  for (const search of ["PAKET", "páket dana"]) {
    await sam.keyboard.find(search);
    await expect(sam.keyboard.found).toHaveCount(1);
    await expect(sam.keyboard.chosen).toContainText(dana.name);
    await sam.keyboard.press("Escape");
  }
  await sam.keyboard.find("invoice");
  await expect(sam.keyboard.chosen).toContainText(eli.name);
  await sam.keyboard.press("Enter");
  await expect(sam.page).toHaveURL(/\/coaching\//);
});

test("U11 an agent hands on the open workitem from the palette, and M04 no supervisor of others finds it", async ({ amy, sid, dana }) => {
  await conversation(amy, dana);
  await amy.keyboard.find("transfer");
  await amy.keyboard.press("Enter");
  await expect(amy.workspace.transferDialog).toBeVisible();

  await sid.signIn();
  const asked = sid.page.waitForResponse(/history_search/);
  await sid.keyboard.find("dana");
  expect(await (await asked).json()).toMatchObject({ hits: [] });
  await expect(sid.keyboard.found).toHaveCount(0);
});
