// What may never break: acknowledged means durable, once and in order, resume, nothing typed is lost.

import type { Page } from "@playwright/test";

import { conversation, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Conversation } from "../fixtures/wire.ts";

/** What windows say while the program is away. */
const AWAY = /WebSocket|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED/;

test("a supervisor who was offline gets exactly what was missed, each entry once and in order", async ({
  amy,
  sam,
  sue,
  dana,
}) => {
  const workitem = await monitored(amy, sam, dana);
  await sam.setOffline(true);
  await expect(sam.header.connection).toBeVisible();
  await dana.write("One");
  await amy.answer("Two");
  await sue.signIn();
  await sue.monitor(amy, workitem);
  await sue.coach("Three");
  await dana.write("Four");
  await sam.setOffline(false);
  await expect(sam.coaching.transcript.customer("Four")).toBeVisible();
  await expect(sam.header.connection).toBeHidden();
  const { entries } = await amy.ask<Conversation>("workitems/conversation_load", { workitem: workitem.id });
  await expect(sam.coaching.transcript.entries).toHaveCount(entries.length);
  const texts = await sam.coaching.transcript.entries.allInnerTexts();
  const places = ["One", "Two", "Three", "Four"].map((word) =>
    texts.flatMap((text, index) => (text.split("\n").includes(word) ? [index] : [])),
  );
  expect(places.map((found) => found.length)).toEqual([1, 1, 1, 1]);
  const order = places.flat();
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test("an agent who was offline keeps the draft, sends it afterwards and has missed nothing", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.setOffline(true);
  await expect(amy.header.connection).toBeVisible();
  await dana.write("Are you still there?");
  await amy.workspace.composer.text.fill("Yes, one moment");
  await amy.setOffline(false);
  await expect(amy.workspace.transcript.customer("Are you still there?")).toHaveCount(1);
  await expect(amy.workspace.composer.text).toHaveValue("Yes, one moment");
  await amy.workspace.composer.sendButton.click();
  await expect(dana.chat.message("Yes, one moment")).toHaveCount(1);
});

test("drafts survive a reload: to the customer, to the agent, to a colleague", async ({ amy, sam, dana }) => {
  const workitem = await conversation(amy, dana);
  await amy.workspace.composer.text.fill("Dear Dana,");
  await amy.reload();
  await expect(amy.workspace.composer.text).toHaveValue("Dear Dana,");

  await sam.signIn();
  await sam.monitor(amy, workitem);
  await sam.coaching.composer.text.fill("Be brief");
  await sam.reload();
  await expect(sam.coaching.composer.text).toHaveValue("Be brief");

  await sam.directory.openConversation("Amy Adler");
  await sam.directory.composer("Amy Adler").text.fill("By the way");
  await sam.reload();
  await sam.directory.openConversation("Amy Adler");
  await expect(sam.directory.composer("Amy Adler").text).toHaveValue("By the way");
  // A draft belongs to one conversation.
  await sam.directory.openConversation("Ben Brooks");
  await expect(sam.directory.composer("Ben Brooks").text).toHaveValue("");
});

test("a coaching message that was refused keeps its text, and Retry sends it once", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  sam.expectProblem(/409/);
  const refusal = { status: 409, json: { Conflict: { reason: "Not at the moment." } } };
  await sam.page.route("**/coaching_send", (route) => route.fulfill(refusal), { times: 1 });
  await sam.coaching.composer.send("Offer a refund.");
  await expect(sam.coaching.composer.scope).toContainText("Not sent.");
  await expect(sam.coaching.composer.scope).toContainText("Offer a refund.");
  await expect(sam.coaching.transcript.allCoaching).toHaveCount(0);
  await sam.reload();
  await expect(sam.coaching.composer.scope).toContainText("Offer a refund.");
  await sam.coaching.composer.retryButton.click();
  await expect(amy.workspace.transcript.coaching("Offer a refund.").article).toHaveCount(1);
  await expect(sam.coaching.composer.retryButton).toHaveCount(0);
  await expect(sam.coaching.transcript.allCoaching).toHaveCount(1);
});

test("an answer that was lost on the way back does not make a second message", async ({ amy, dana }) => {
  await conversation(amy, dana);
  amy.expectProblem(/ERR_FAILED/);
  await amy.page.route(
    "**/message_send",
    async (route) => {
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
  await amy.workspace.composer.send("We will call you.");
  await expect(dana.chat.message("We will call you.")).toHaveCount(1);
  await expect(amy.workspace.composer.retryButton).toHaveCount(0);
  await amy.answer("Today.");
  await expect(dana.chat.message("Today.")).toBeVisible();
  await expect(amy.workspace.composer.retryButton).toHaveCount(0);
  await expect(dana.chat.message("We will call you.")).toHaveCount(1);
  await expect(amy.workspace.transcript.agent("We will call you.")).toHaveCount(1);
});

test("M20 a double click on Forward, and one more in another window, send once", async ({ amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await sam.coach("Your parcel is in Leipzig.");
  const other = await amy.openWindow(`/workspace/${workitem.id}`);
  const here = amy.workspace.transcript.coaching("Your parcel is in Leipzig.");
  const there = other.workspace.transcript.coaching("Your parcel is in Leipzig.");
  await here.moreActions.click();
  await there.moreActions.click();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const windows = [amy.page, other.page];
  for (const window of windows) {
    await window.route("**/coaching_forward", async (route) => {
      await released;
      await route.continue();
    });
  }
  for (const window of windows) await window.getByRole("menuitem", { name: "Forward to customer" }).dblclick();
  release();
  await expect(here.article).toContainText(/forwarded/i);
  await amy.answer("Is that all?");
  await expect(dana.chat.message("Is that all?")).toBeVisible();
  await expect(dana.chat.message("Your parcel is in Leipzig.")).toHaveCount(1);
  await expect(other.workspace.transcript.agent("Your parcel is in Leipzig.")).toHaveCount(1);
});

test("a message that was acknowledged is there, once, after kill -9", async ({ amy, sam, dana, program }) => {
  await monitored(amy, sam, dana);
  for (const person of [amy, sam]) person.expectProblem(AWAY);
  dana.expectProblem(AWAY);
  const acknowledged = amy.page.waitForResponse("**/message_send");
  await amy.workspace.composer.send("This must not be lost.");
  expect((await acknowledged).status()).toBe(200);
  await program.kill();
  await expect(amy.header.connection).toBeVisible();
  await program.resume();
  await expect(amy.header.connection).toBeHidden();
  await dana.page.reload();
  await expect(dana.chat.message("This must not be lost.")).toHaveCount(1);
  await amy.reload();
  await expect(amy.workspace.transcript.agent("This must not be lost.")).toHaveCount(1);
  await amy.answer("And on we go.");
  await expect(dana.chat.message("And on we go.")).toHaveCount(1);
  await expect(sam.coaching.transcript.agent("And on we go.")).toHaveCount(1);
  await expect(sam.coaching.transcript.agent("This must not be lost.")).toHaveCount(1);
});

test("what is sent while the program restarts arrives once it is back", async ({ amy, dana, program }) => {
  await conversation(amy, dana);
  amy.expectProblem(AWAY);
  dana.expectProblem(AWAY);
  await program.kill();
  await amy.workspace.composer.send("Written into the void");
  await expect(amy.workspace.composer.scope).toContainText("Not sent.");
  await expect(amy.header.connection).toBeVisible();
  await program.resume();
  await expect(amy.header.connection).toBeHidden();
  // Without a click (U16).
  await expect(amy.workspace.transcript.agent("Written into the void")).toHaveCount(1);
  await expect(dana.chat.message("Written into the void")).toHaveCount(1);
});

/** Holds the app back, as a slow line does, until the returned function is called. */
async function heldBack(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/*.wasm", async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

test("what is typed before the wasm has arrived joins the draft that was kept", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.workspace.composer.text.fill("Dear Dana,");
  const release = await heldBack(amy.page);
  await amy.page.reload({ waitUntil: "commit" });
  await amy.workspace.composer.text.fill("Typed early");
  release();
  await expect(amy.workspace.composer.text).toHaveValue("Dear Dana,\nTyped early");
});

test("the page shows content before the wasm has arrived, and clicks made meanwhile count", async ({ amy }) => {
  await amy.signIn();
  const workitem = await amy.workitemOn("chat");
  const release = await heldBack(amy.page);
  await amy.page.goto(`/workspace/${workitem.id}`, { waitUntil: "commit" });
  await expect(amy.workspace.title).toContainText(workitem.subject);
  await expect(amy.workspace.transcript.entries.first()).toBeVisible();
  await amy.workspace.composer.text.fill("Typed early");
  await amy.header.dialpad.click();
  release();
  await expect(amy.dialpad.dialog).toBeVisible();
  await amy.page.keyboard.press("Escape");
  await expect(amy.workspace.composer.text).toHaveValue("Typed early");
});

test("a long conversation opens at its end and loads older entries on scrolling up", async ({ amy, dana }) => {
  const workitem = await conversation(amy, dana, "The very first line");
  for (let line = 1; line <= 130; line += 1) {
    await amy.ask("workitems/message_send", { workitem: workitem.id, key: `line-${line}`, text: `Line ${line} of many` });
  }
  await amy.reload();
  await expect(amy.workspace.transcript.agent("Line 130 of many")).toBeInViewport();
  await expect(amy.workspace.transcript.customer("The very first line")).toHaveCount(0);
  await amy.workspace.transcript.entries.first().scrollIntoViewIfNeeded();
  await expect(amy.workspace.transcript.customer("The very first line")).toHaveCount(1);
  const { entries } = await amy.ask<Conversation>("workitems/conversation_load", { workitem: workitem.id });
  const last = entries.at(-1)?.seq ?? 0;
  await expect(amy.workspace.transcript.entries).toHaveCount(last);
});
