// The end of a session, tabs of another release, and what the browser's Back closes.

import type { Page } from "@playwright/test";

import { DEMO_PASSWORD } from "../fixtures/person.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";
import { LoginPage } from "../pages/login.ts";
import { SignInSteps } from "../pages/sign-in-steps.ts";

/** What a window says of a refusal that is part of the story. */
const ENDED = /401|WebSocket/;

/** Everything that a user of developer tools finds in the browser's storages. */
function stored(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
}

test("E05 F01 a session that ended while the network was away leads to the sign-in page, and back to what was typed", async ({
  amy,
  dana,
  ada,
}) => {
  const workitem = await conversation(amy, dana);
  await ada.signIn();
  await amy.workspace.composer.text.fill("Dear Dana,");
  const id = await amy.id();
  await amy.setOffline(true);
  await expect(amy.header.connection).toBeVisible();
  const password = "another word for amy";
  await ada.ask("administration/user_password_reset", { user: id, password, key: crypto.randomUUID() });
  amy.expectProblem(ENDED);
  await amy.setOffline(false);
  const login = new LoginPage(amy.page);
  await expect(login.signInButton).toBeVisible();
  await expect(login.problem).toContainText("You were signed out");
  await login.signIn("amy", password);
  await new SignInSteps(amy.page).choosePassword("stone-by-stone");
  await expect(amy.page).toHaveURL(`/workspace/${workitem.id}`);
  await expect(amy.workspace.composer.text).toHaveValue("Dear Dana,");
});

test("E05 a call that finds the session over leads to the sign-in page, and the message goes after signing in", async ({
  amy,
  dana,
}) => {
  await conversation(amy, dana);
  amy.expectProblem(ENDED);
  await amy.page.route("**/message_send", (route) => route.fulfill({ status: 401, json: "Unauthenticated" }), { times: 1 });
  await amy.context.clearCookies();
  await amy.workspace.composer.send("Written a moment too late");
  const login = new LoginPage(amy.page);
  await expect(login.signInButton).toBeVisible();
  await login.signIn("amy", DEMO_PASSWORD);
  await expect(amy.workspace.transcript.agent("Written a moment too late")).toHaveCount(1);
});

test("U08 E05 signing out asks about drafts, removes them, and takes the other tabs along", async ({ amy, dana }) => {
  const workitem = await conversation(amy, dana);
  const other = await amy.openWindow(`/workspace/${workitem.id}`);
  await other.workspace.composer.text.fill("Dana owes us 80 EUR");
  await amy.workspace.composer.text.fill("A secret of Dana");
  await amy.header.signOut();
  const question = amy.page.getByRole("dialog", { name: "Sign out?" });
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(amy.workspace.composer.text).toHaveValue("A secret of Dana");
  await amy.header.signOut();
  await question.getByRole("button", { name: "Discard and sign out" }).click();
  const login = new LoginPage(amy.page);
  await expect(login.signInButton).toBeVisible();
  expect(new URL(amy.page.url()).search).toBe("");
  await expect(other.page.getByRole("alert")).toContainText("You were signed out");
  for (const page of [amy.page, other.page]) {
    expect(await stored(page)).not.toMatch(/secret|80 EUR/);
    expect(new URL(page.url()).searchParams.has("next")).toBe(false);
  }
  await login.signIn("ben", DEMO_PASSWORD);
  await expect(amy.page).toHaveURL("/workspace");
  await expect(amy.workspace.list).toBeVisible();
  await expect(amy.notFound).toHaveCount(0);
  expect(await stored(amy.page)).not.toMatch(/secret|80 EUR/);
  await amy.page.goBack();
  await expect(amy.page.getByRole("main")).toBeVisible();
  // A draft comes back with the script, and so does the menu.
  await amy.header.userMenu.click();
  await expect(amy.page.getByRole("menu")).toBeVisible();
  await expect(amy.page.getByText("A secret of Dana")).toHaveCount(0);
  for (const box of await amy.page.getByRole("textbox").all()) await expect(box).not.toHaveValue("A secret of Dana");
});

test("U08 signing out with nothing typed asks nothing", async ({ amy }) => {
  await amy.signIn();
  await amy.signOut();
  await expect(amy.page).toHaveURL("/login");
});

test("S25 signing out clears the storage of the browser, also what no rule names, and the theme stays", async ({ amy }) => {
  await amy.signIn();
  await amy.header.userMenu.click();
  await amy.page.getByRole("menuitem", { name: "Dark" }).click();
  await amy.page.evaluate(() => {
    localStorage.setItem("of-an-earlier-release", "a secret of Dana");
    sessionStorage.setItem("of-an-earlier-release", "a secret of Dana");
  });
  await amy.signOut();
  await expect(new LoginPage(amy.page).signInButton).toBeVisible();
  expect(await stored(amy.page)).not.toContain("secret");
  await expect(amy.page.locator("html")).toHaveAttribute("data-theme", "dark");
  await amy.page.goto("/login");
  await expect(amy.page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("U08 E05 the next user of a shared desk lands on a page of their own and finds nothing of the one before", async ({
  amy,
  dana,
}) => {
  const workitem = await conversation(amy, dana);
  await amy.workspace.composer.text.fill("A secret of Dana");
  amy.expectProblem(ENDED);
  await amy.context.clearCookies();
  await amy.page.reload();
  const login = new LoginPage(amy.page);
  await expect(login.signInButton).toBeVisible();
  expect(new URL(amy.page.url()).searchParams.get("next")).toBe(`/workspace/${workitem.id}`);
  await login.signIn("sam", DEMO_PASSWORD);
  await expect(amy.page).toHaveURL("/dashboard");
  await expect(amy.header.userMenu).toBeVisible();
  await expect.poll(() => stored(amy.page)).not.toContain("secret");
});

test("E06 F06 a tab that does not know an event goes on, and offers to load the new version", async ({ amy, sam }) => {
  let unknown = 0;
  await amy.page.routeWebSocket("**/live", (socket) => {
    const host = socket.connectToServer();
    host.onMessage((message) => {
      let text = message.toString();
      const frame = JSON.parse(text) as Record<string, Record<string, unknown>>;
      if (frame.hello) frame.hello.release = "/pkg/another";
      if (frame.own && unknown === 0) {
        unknown += 1;
        frame.own.event = { SomethingNew: { with: ["more"] } };
      }
      text = JSON.stringify(frame);
      socket.send(text);
    });
  });
  await amy.signIn();
  await sam.signIn();
  await expect(amy.page.getByRole("status").filter({ hasText: "A new version" })).toBeVisible();
  await sam.directory.write("Amy Adler", "Nobody here knows this one");
  await sam.directory.write("Amy Adler", "But this one");
  await expect(amy.popUpFrom("Sam Stone").region).toContainText("But this one");
  expect(unknown).toBe(1);
  await amy.page.unrouteAll();
  await amy.page.getByRole("button", { name: "Reload" }).click();
  await expect(amy.header.userMenu).toBeVisible();
});

test("F07 Back closes the Company Directory and the coaching goes on", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const here = sam.page.url();
  await sam.directory.openConversation("Amy Adler");
  await sam.page.goBack();
  await expect(sam.directory.dialog).toBeHidden();
  await expect(sam.page).toHaveURL(here);
  // Had sam left, the line would stand before his next word.
  await sam.coach("Ask for the order number.");
  await expect(amy.workspace.transcript.coaching("Ask for the order number.").article).toBeVisible();
  await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toHaveCount(0);
  // Closed by hand it leaves nothing behind that Back would have to close.
  await sam.directory.openConversation("Amy Adler");
  await sam.directory.close();
  await sam.coach("Offer a refund.");
  await sam.header.userMenu.click();
  await expect(sam.page.getByRole("menu")).toBeVisible();
  await sam.page.goBack();
  await expect(sam.page.getByRole("menu")).toBeHidden();
  await expect(sam.page).toHaveURL(here);
  await sam.coach("And apologise.");
  await expect(amy.workspace.transcript.coaching("And apologise.").article).toBeVisible();
  await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toHaveCount(0);
});

test("F07 Back closes a dialog, and a menu that leads on leaves no dead step behind", async ({ amy }) => {
  await amy.signIn();
  const workitem = await amy.workitemOn("chat");
  await amy.workspace.workitem(workitem.subject).click();
  await expect(amy.page).toHaveURL(`/workspace/${workitem.id}`);
  await amy.header.dialpad.click();
  await expect(amy.dialpad.dialog).toBeVisible();
  await amy.page.goBack();
  await expect(amy.dialpad.dialog).toBeHidden();
  await expect(amy.page).toHaveURL(`/workspace/${workitem.id}`);
  await amy.header.userMenu.click();
  await amy.page.getByRole("menuitem", { name: "Settings" }).click();
  await expect(amy.page).toHaveURL("/settings");
  await amy.page.goBack();
  await expect(amy.page).toHaveURL(`/workspace/${workitem.id}`);
  await amy.page.goBack();
  await expect(amy.page).toHaveURL("/workspace");
});
