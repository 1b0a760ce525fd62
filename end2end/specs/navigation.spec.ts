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
