// What is typed into the forms of the host's own pages outlives a session that ends, a lost network and a reload, until it is saved.

import type { Page } from "@playwright/test";

import { DEMO_PASSWORD, type Person } from "../fixtures/person.ts";
import { expect, test } from "../fixtures/test.ts";
import { ChatSettings } from "../pages/chat-settings.ts";
import { Header } from "../pages/header.ts";
import { LabelsPage } from "../pages/labels.ts";
import { LoginPage } from "../pages/login.ts";
import { SavedTextsPage } from "../pages/saved-texts.ts";
import { SingleSignOn } from "../pages/single-sign-on.ts";
import { Tokens } from "../pages/tokens.ts";
import { WallsPage } from "../pages/views.ts";

const BACK = "You typed this earlier. It is not saved yet.";

/** What the page says about what it put back. */
function line(page: Page) {
  return page.getByRole("status").filter({ hasText: "You typed this earlier" });
}

/** Everything that a user of developer tools finds about forms in the storage of a tab. */
function kept(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify({ ...sessionStorage }));
}

/** On the page of saved texts, with a text that is typed and not saved. */
async function typing(person: Person): Promise<SavedTextsPage> {
  await person.signIn();
  // The browser asks before the page is left.
  person.page.on("dialog", (dialog) => void dialog.accept());
  await person.page.goto("/texts");
  const texts = new SavedTextsPage(person.page);
  await texts.title.fill("Parcel");
  await texts.text.fill("I am looking for it, {customer}.\nOne moment.");
  return texts;
}

/** What signing out asks. */
function question(page: Page) {
  return page.getByRole("dialog", { name: "Sign out?" });
}

async function expectTyped(texts: SavedTextsPage): Promise<void> {
  await expect(texts.title).toHaveValue("Parcel");
  await expect(texts.text).toHaveValue("I am looking for it, {customer}.\nOne moment.");
}

test("E05 ben is signed out from elsewhere while he types, signs in again, and saves what he typed", async ({
  ben,
  meet,
}) => {
  const texts = await typing(ben);
  const elsewhere = await meet("ben", "Ben Brooks");
  await elsewhere.signIn();
  const sessions = await elsewhere.ask<{ id: string; here: boolean }[]>("account/session_list");
  for (const { id } of sessions.filter((session) => !session.here)) {
    await elsewhere.ask("account/session_end", { session: id, key: crypto.randomUUID() });
  }
  await texts.saveButton.click();
  const login = new LoginPage(ben.page);
  await expect(login.problem).toContainText("You were signed out");
  await login.signIn("ben", DEMO_PASSWORD);
  await expect(ben.page).toHaveURL("/texts");
  await expectTyped(texts);
  await expect(line(ben.page)).toHaveText(BACK);
  await texts.saveButton.click();
  await expect(texts.row("Parcel")).toBeVisible();
  await expect(texts.title).toHaveValue("");
  await expect.poll(() => kept(ben.page)).not.toContain("Parcel");
  await ben.page.goto("/texts");
  await expect(texts.title).toHaveValue("");
  await expect(line(ben.page)).toHaveCount(0);
});

test("a reload keeps what is typed, until it is discarded", async ({ ben }) => {
  const texts = await typing(ben);
  await ben.page.reload();
  await expectTyped(texts);
  await expect(line(ben.page)).toHaveText(BACK);
  await ben.page.getByRole("button", { name: "Discard", exact: true }).click();
  await expect(texts.title).toHaveValue("");
  await expect(texts.text).toHaveValue("");
  await expect(texts.writtenFor).toBeFocused();
  await expect(line(ben.page)).toHaveCount(0);
  await ben.page.reload();
  await expect(texts.title).toHaveValue("");
});

test("F01 a form that is sent without a network is there again with what was typed", async ({ ben }) => {
  const texts = await typing(ben);
  await ben.setOffline(true);
  await texts.saveButton.click({ noWaitAfter: true });
  await expect(texts.saveButton).toHaveCount(0);
  await ben.setOffline(false);
  await ben.page.goto("/texts");
  await expectTyped(texts);
  await texts.saveButton.click();
  await expect(texts.row("Parcel")).toHaveCount(1);
});

test("a form that the host refuses holds what was typed without a word, and keeps it for the next visit", async ({
  ben,
}) => {
  ben.expectProblem(/422/);
  const texts = await typing(ben);
  await texts.text.fill(" ");
  await texts.saveButton.click();
  await expect(ben.page.getByRole("alert")).toBeVisible();
  await expect(texts.title).toHaveValue("Parcel");
  await expect(line(ben.page)).toHaveCount(0);
  // The browser sends the form once more, which is refused as before.
  await ben.page.reload();
  await expect(ben.page.getByRole("alert")).toBeVisible();
  await ben.page.goto("/texts");
  await expect(texts.title).toHaveValue("Parcel");
  await expect(line(ben.page)).toHaveText(BACK);
});

test("what ben sends after he signed out in another tab is there when he is back", async ({ ben }) => {
  const texts = await typing(ben);
  const other = await ben.openWindow("/workspace");
  await other.header.signOut();
  await question(other.page).getByRole("button", { name: "Discard and sign out" }).click();
  await expect(ben.page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await texts.saveButton.click();
  await new LoginPage(ben.page).signIn("ben", DEMO_PASSWORD);
  await expect(ben.page).toHaveURL("/texts");
  await expectTyped(texts);
  await expect(line(ben.page)).toHaveText(BACK);
});

test("what sam typed overwrites nothing that sue saved meanwhile, and the page says so", async ({ sam, sue }) => {
  sam.expectProblem(/422/);
  const texts = await typing(sam);
  await texts.writtenFor.selectOption("Customers");
  await texts.whose.selectOption("Care");
  await texts.saveButton.click();
  await texts.row("Parcel").getByRole("link", { name: "Edit Parcel" }).click();
  await texts.title.fill("Parcel of Sam");

  await sue.signIn();
  await sue.page.goto("/texts");
  const hers = new SavedTextsPage(sue.page);
  await hers.row("Parcel").getByRole("link", { name: "Edit Parcel" }).click();
  await hers.title.fill("Parcel of Sue");
  await hers.saveButton.click();
  await expect(hers.row("Parcel of Sue")).toBeVisible();

  await sam.page.reload();
  await expect(texts.title).toHaveValue("Parcel of Sam");
  await expect(line(sam.page)).toContainText("What is stored has changed since then");
  await texts.saveButton.click();
  await expect(sam.page.getByRole("alert")).toContainText("Sue Silva");
  await hers.page.goto("/texts");
  await expect(hers.row("Parcel of Sue")).toBeVisible();
});

test("a secret is never kept beside what is typed", async ({ ada }) => {
  await ada.signIn();
  ada.page.on("dialog", (dialog) => void dialog.accept());
  await ada.page.goto("/admin/single-sign-on");
  const page = new SingleSignOn(ada.page);
  await page.field("Client ID").fill("sideline");
  await page.field("Client secret").fill("nobody may read this");
  expect(await kept(ada.page)).toContain("sideline");
  expect(await kept(ada.page)).not.toContain("nobody may read this");
  await ada.page.reload();
  await expect(page.field("Client ID")).toHaveValue("sideline");
  await expect(page.field("Client secret")).toHaveValue("");
});

test("S25 signing out takes along what was typed, and another user of the tab finds nothing of it", async ({ ben }) => {
  const texts = await typing(ben);
  await ben.goto("/workspace");
  expect(await kept(ben.page)).toContain("Parcel");
  await ben.header.signOut();
  await expect(question(ben.page)).toContainText("1 form is not saved: Saved texts.");
  await question(ben.page).getByRole("button", { name: "Discard and sign out" }).click();
  await expect(new LoginPage(ben.page).signInButton).toBeVisible();
  expect(await kept(ben.page)).not.toContain("Parcel");
  await new LoginPage(ben.page).signIn("amy", DEMO_PASSWORD);
  await expect(ben.header.userMenu).toBeVisible();
  await ben.page.goto("/texts");
  await expect(texts.title).toHaveValue("");
});

test("U08 signing out names the forms of other tabs that are not saved, and saying no keeps what is typed there", async ({
  sam,
}) => {
  const texts = await typing(sam);
  const other = await sam.context.newPage();
  other.on("dialog", (dialog) => void dialog.accept());
  await other.goto("/dashboard/walls");
  const walls = new WallsPage(other);
  await walls.name.fill("Hall");
  const desk = await sam.openWindow("/dashboard");
  await desk.header.signOut();
  const asked = question(desk.page);
  await expect(asked).toContainText(/2 forms are not saved: (Saved texts, Walls|Walls, Saved texts)\./);
  await expect(asked).not.toContainText("not sent");
  await asked.getByRole("button", { name: "Cancel" }).click();
  await sam.page.reload();
  await expectTyped(texts);
  await expect(line(sam.page)).toHaveText(BACK);

  // What was saved meanwhile is lost to nobody.
  await walls.team("Care").check();
  await walls.makeButton.click();
  await expect(walls.address).toBeVisible();
  await desk.header.signOut();
  await expect(asked).toContainText("1 form is not saved: Saved texts.");
  await asked.getByRole("button", { name: "Discard and sign out" }).click();
  await expect(new LoginPage(desk.page).signInButton).toBeVisible();
  await expect.poll(() => kept(sam.page)).not.toContain("Parcel");
});

test("U08 signing out asks nothing about what another user left in a tab", async ({ ben }) => {
  await typing(ben);
  const other = await ben.context.newPage();
  await ben.context.clearCookies();
  await other.goto("/login");
  await new LoginPage(other).signIn("amy", DEMO_PASSWORD);
  await expect(other).toHaveURL("/workspace");
  await new Header(other).signOut();
  await expect(new LoginPage(other).signInButton).toBeVisible();
});

test("what is saved is said once where the page opens, and neither Back nor Reload sends it again", async ({ ben }) => {
  const texts = await typing(ben);
  const sent: string[] = [];
  ben.page.on("request", (request) => {
    if (request.method() === "POST" && request.isNavigationRequest()) sent.push(new URL(request.url()).pathname);
  });
  const said = ben.page.getByText("Saved.", { exact: true });
  await texts.saveButton.click();
  await expect(said).toBeFocused();
  await expect(texts.row("Parcel")).toHaveCount(1);
  await expect.poll(() => kept(ben.page)).not.toContain("Parcel");

  await ben.page.reload();
  await expect(texts.row("Parcel")).toHaveCount(1);
  await expect(said).toHaveCount(0);
  await ben.page.goBack();
  await ben.page.goForward();
  await expect(ben.page).toHaveURL("/texts");
  await expect(texts.row("Parcel")).toHaveCount(1);
  for (const field of [texts.title, texts.text]) await expect(field).toHaveValue("");
  await expect(line(ben.page)).toHaveCount(0);
  expect(sent, "the one form that he sent").toEqual(["/texts"]);
});

test("a secret that is made is shown once, and neither Back nor Reload makes another", async ({ ada }) => {
  await ada.signIn();
  ada.page.on("dialog", (dialog) => void dialog.accept());
  const sent: string[] = [];
  ada.page.on("request", (request) => {
    if (request.method() === "POST" && request.isNavigationRequest()) sent.push(new URL(request.url()).pathname);
  });
  await ada.page.goto("/admin/tokens");
  const tokens = new Tokens(ada.page);
  expect(await tokens.make("Telephony", ["teams:read"])).toMatch(/^slt_/);
  await expect(ada.page.getByText("The token is ready.")).toBeFocused();
  await expect.poll(() => kept(ada.page)).not.toContain("Telephony");
  await ada.page.reload();
  await expect(tokens.row("Telephony")).toContainText("Valid");
  await expect(tokens.secret).toHaveCount(0);

  await ada.page.goto("/dashboard/walls");
  const walls = new WallsPage(ada.page);
  await walls.name.fill("Hall");
  await walls.team("Care").check();
  await walls.makeButton.click();
  await expect(walls.address).toHaveValue(/\/wall\/slw_/);
  await ada.page.goto("/admin/labels");
  await ada.page.goBack();
  await expect(ada.page.getByRole("rowheader", { name: "Hall" })).toBeVisible();
  await expect(walls.address).toHaveCount(0);
  expect(sent, "each form once").toEqual(["/admin/tokens", "/dashboard/walls"]);
});

test("what ada saves in one tab is said there, and not in another that is open on another page", async ({ ada }) => {
  await ada.signIn();
  await ada.page.goto("/admin/labels");
  const other = await ada.context.newPage();
  await other.goto("/admin/escalation");
  await new LabelsPage(ada.page).add("Tag", "Delivery");
  const said = (page: Page) => page.getByText("Saved.", { exact: true });
  await expect(said(ada.page)).toBeVisible();
  await other.reload();
  await expect(other.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(said(other)).toHaveCount(0);
});

test("who is second to save a channel reads what the first changed, and nothing that nobody else did", async ({ ada, meet }) => {
  const elsewhere = await meet("ada", "Ada Almond");
  elsewhere.expectProblem(/422/);
  await ada.signIn();
  await elsewhere.signIn();
  const [first, second] = [new ChatSettings(ada.page), new ChatSettings(elsewhere.page)];
  await first.open();
  await first.greeting.fill("Good morning");
  await first.save();
  await second.open();

  await first.open();
  await first.greeting.fill("Good evening");
  await first.save();
  await second.origins.fill("https://shop.example.com");
  await second.offlineForm.check();
  await second.saveButton.click();
  await expect(second.problem).toContainText("Greeting: now “Good evening”.");
  await expect(second.problem).not.toContainText(/(Allowed origins|Offline form|Opening hours|Time zone): now/);
  await expect(second.problem).toBeFocused();
  await expect(second.origins).toHaveValue("https://shop.example.com");
  // What she left alone stays as the first one wrote it.
  await expect(second.greeting).toHaveValue("Good evening");
  await second.save();
  await first.open();
  await expect(first.greeting).toHaveValue("Good evening");
  await expect(first.origins).toHaveValue("https://shop.example.com");
});
