// Going from one page to another: what the window says, where the focus is, what loads late.

import { conversation } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

test("the title of the window says where one is, also back in the workspace", async ({ amy }) => {
  await amy.signIn();
  await expect(amy.page).toHaveTitle("Workspace · Sideline");
  const [one, other] = [await amy.workitemOn("chat"), await amy.workitemOn("email")];
  for (const workitem of [one, other]) {
    await amy.workspace.workitem(workitem.subject).click();
    await expect(amy.page).toHaveTitle(`${workitem.subject} · Sideline`);
  }
  await amy.page.goBack();
  await expect(amy.page).toHaveTitle(`${one.subject} · Sideline`);
  await amy.page.goBack();
  await expect(amy.page).toHaveTitle("Workspace · Sideline");
});

test("after closing a workitem the keyboard goes on in the page", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.workspace.wrapUp();
  await amy.workspace.close();
  await expect(amy.page.getByRole("main")).toBeFocused();
});

test("an unknown address has the header for who is signed in, and leads back into the app", async ({ amy }) => {
  amy.expectProblem(/404/);
  await amy.page.goto("/nope");
  await expect(amy.notFound).toBeVisible();
  await expect(amy.header.userMenu).toHaveCount(0);
  await amy.signIn();
  await amy.goto("/nope");
  await expect(amy.notFound).toBeVisible();
  await expect(amy.header.userMenu).toBeVisible();
  await amy.header.directory.click();
  await expect(amy.directory.dialog).toBeVisible();
  await amy.directory.close();
  await amy.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Workspace" }).click();
  await expect(amy.page).toHaveURL("/workspace");
  await amy.openWorkitem((await amy.workitemOn("chat")).customer);
  await amy.page.goBack();
  await amy.page.goBack();
  await expect(amy.notFound).toBeVisible();
  await expect(amy.header.userMenu).toBeVisible();
});

test("a workitem that was opened without a network loads as soon as there is one", async ({ amy }) => {
  await amy.signIn();
  const workitem = await amy.workitemOn("chat");
  await amy.setOffline(true);
  await expect(amy.header.connection).toBeVisible();
  await amy.workspace.workitem(workitem.subject).click();
  await expect(amy.workspace.open).toContainText("could not be loaded");
  await amy.setOffline(false);
  await expect(amy.workspace.composer.text).toBeVisible();
  await expect(amy.page).toHaveTitle(`${workitem.subject} · Sideline`);
});

test("who reads at the end of a conversation stays there when the workitem is closed", async ({ amy, sam, dana }) => {
  const workitem = await conversation(amy, dana);
  for (let line = 1; line <= 40; line += 1) {
    await amy.ask("workitems/message_send", { workitem: workitem.id, key: `line-${line}`, text: `Line ${line} of many` });
  }
  await sam.signIn();
  await sam.monitor(amy, workitem);
  await sam.coaching.composer.text.fill("Not sent yet");
  await amy.workspace.wrapUp();
  await amy.workspace.close();
  await expect(sam.coaching.transcript.entries.filter({ hasText: "closed the workitem" })).toBeInViewport();
  await expect(sam.coaching.transcript.entries.filter({ hasText: "stopped monitoring" })).toBeInViewport();
  await expect(sam.coaching.composer.text).toHaveValue("Not sent yet");
});

test("after a reload with a window open one Back leaves the page", async ({ sam }) => {
  await sam.signIn();
  await sam.goto("/settings");
  await sam.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Dashboard" }).click();
  await sam.page.getByRole("button", { name: "Message a team…" }).click();
  const dialog = sam.page.getByRole("dialog", { name: "Message a team" });
  await expect(dialog).toBeVisible();
  await sam.reload();
  await expect(dialog).toHaveCount(0);
  await expect(sam.page).toHaveURL("/dashboard");
  await sam.page.goBack();
  await expect(sam.page).toHaveURL("/settings");
  await expect(sam.settings.notification).toBeVisible();
});

test("E38 Back closes an agent's list of requests and a list of saved texts before it leaves the page", async ({ amy, sam, dana }) => {
  await sam.signIn();
  const workitem = await conversation(amy, dana);
  await amy.raiseHand();
  const { composer } = amy.workspace;
  for (const [opener, list] of [
    [amy.page.getByRole("button", { name: /^Waiting for help/ }), amy.page.getByRole("region", { name: "My requests" })],
    [composer.savedButton, composer.savedTexts],
  ] as const) {
    await opener.click();
    await expect(list).toBeVisible();
    await expect.poll(() => amy.page.evaluate(() => history.state)).toBe("cover");
    await amy.page.goBack();
    await expect(list).toBeHidden();
    await expect(amy.page).toHaveURL(`/workspace/${workitem.id}`);
  }
});
