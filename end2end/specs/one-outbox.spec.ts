// What staff send leaves the browser in the order in which it was written, once, whatever the network does.

import type { Page, Route } from "@playwright/test";

import { takeClock } from "../fixtures/clock.ts";
import { hold } from "../fixtures/gate.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

/** The host says no, once for each time. */
async function refuse(page: Page, call: string, times: number): Promise<void> {
  const answer = (route: Route) =>
    route.fulfill({ status: 409, json: { Conflict: { reason: "Not at the moment." } } });
  await page.route(`**/${call}`, answer, { times });
}

/** The texts in the order in which they stand in a log. */
async function inOrder(log: { innerText(): Promise<string> }, texts: string[]): Promise<string[]> {
  const lines = (await log.innerText()).split("\n");
  return lines.filter((line) => texts.includes(line));
}

const BOTH = ["First of two", "Second of two"];

test("E01 F02 what was sent first stands first, though its call is slow: to the customer", async ({ amy, dana }) => {
  await conversation(amy, dana);
  const release = await hold(amy.page, "message_send");
  for (const text of BOTH) await amy.workspace.composer.send(text);
  await expect(amy.workspace.composer.scope).toContainText("Waiting for the message above.");
  release();
  await expect(dana.chat.message("Second of two")).toBeVisible();
  await expect(amy.workspace.composer.scope.getByRole("list", { name: "Not sent yet" })).toBeHidden();
  expect(await inOrder(amy.workspace.transcript.log, BOTH)).toEqual(BOTH);
});

test("E01 F02 what was sent first stands first, though its call is slow: coaching, and to a colleague", async ({
  amy,
  sam,
  dana,
}) => {
  await monitored(amy, sam, dana);
  let release = await hold(sam.page, "coaching_send");
  for (const text of BOTH) await sam.coaching.composer.send(text);
  release();
  await expect(amy.workspace.transcript.coaching("Second of two").article).toBeVisible();
  expect(await inOrder(amy.workspace.transcript.log, BOTH)).toEqual(BOTH);

  await sam.directory.openConversation("Amy Adler");
  release = await hold(sam.page, "directory_send");
  for (const text of BOTH) await sam.directory.composer("Amy Adler").send(text);
  release();
  await amy.directory.openConversation("Sam Stone");
  await expect(amy.directory.conversation("Sam Stone")).toContainText("Second of two");
  expect(await inOrder(amy.directory.conversation("Sam Stone"), BOTH)).toEqual(BOTH);
});

test("E01 F02 what was refused keeps what is behind it waiting, with one Retry, also after a reload", async ({
  amy,
  dana,
}) => {
  await conversation(amy, dana);
  amy.expectProblem(/409/);
  await refuse(amy.page, "message_send", 1);
  for (const text of BOTH) await amy.workspace.composer.send(text);
  await expect(amy.workspace.composer.scope).toContainText("Not sent. Not at the moment.");
  await amy.reload();
  await expect(amy.workspace.composer.scope).toContainText("Not sent. Not at the moment.");
  await expect(amy.workspace.composer.scope).toContainText("Second of two");
  await expect(amy.workspace.composer.retryButton).toHaveCount(1);
  await dana.write("Are you there?");
  await expect(amy.workspace.transcript.customer("Are you there?")).toBeVisible();
  await expect(dana.chat.message("Second of two")).toHaveCount(0);
  await amy.workspace.composer.retryButton.click();
  await expect(dana.chat.message("Second of two")).toHaveCount(1);
  await expect(amy.workspace.composer.retryButton).toHaveCount(0);
  expect(await inOrder(amy.workspace.transcript.log, BOTH)).toEqual(BOTH);
});

const COACHED = "Your parcel is in Leipzig.";

test("E01 M20 a coaching message is forwarded behind what was sent before, and before what is sent after it", async ({
  amy,
  sam,
  dana,
}) => {
  await monitored(amy, sam, dana);
  await sam.coach(COACHED);
  const release = await hold(amy.page, "message_send");
  await amy.workspace.composer.send("First of two");
  await amy.workspace.transcript.coaching(COACHED).forward();
  await amy.workspace.composer.send("Second of two");
  const waiting = amy.workspace.composer.scope.getByRole("list", { name: "Not sent yet" });
  await expect(waiting.getByRole("listitem").nth(1)).toContainText("Forward of a coaching message.");
  await expect(waiting.getByRole("listitem").nth(1)).toContainText("Waiting for the message above.");
  release();
  await expect(dana.chat.message("Second of two")).toBeVisible();
  await expect(waiting).toBeHidden();
  const said = await dana.chat.messages.filter({ hasText: /of two|Leipzig/ }).allInnerTexts();
  expect(said.map((text) => /First|Leipzig|Second/.exec(text)?.[0])).toEqual(["First", "Leipzig", "Second"]);
  await expect(amy.workspace.transcript.coaching(COACHED).article).toContainText(/forwarded/i);
});

test("E04 M20 what was forwarded without a network outlives a reload, and goes once when the network is back", async ({
  amy,
  sam,
  dana,
}) => {
  await monitored(amy, sam, dana);
  await sam.coach(COACHED);
  amy.expectProblem(/502|ERR_FAILED/);
  const fates: ((route: Route) => Promise<void>)[] = [
    (route) => route.abort(),
    // The host stored it, but its answer does not come through.
    async (route) => {
      await route.fetch();
      await route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" });
    },
  ];
  const keys = new Set<string>();
  let cut = true;
  await amy.page.route("**/coaching_forward", (route) => {
    keys.add((route.request().postDataJSON() as { key: string }).key);
    const fate = cut ? fates[0] : fates.pop();
    return fate ? fate(route) : route.continue();
  });
  const { composer, transcript } = amy.workspace;
  await transcript.coaching(COACHED).forward();
  for (const again of [false, true]) {
    if (again) await amy.reload();
    await expect(composer.scope).toContainText("Forward of a coaching message.");
    await expect(composer.scope).toContainText("Not sent.");
    await expect(composer.retryButton).toHaveCount(1);
    await expect(composer.scope.getByRole("button", { name: "Back to draft" })).toHaveCount(0);
  }
  // It is not offered a second time while it waits.
  await transcript.coaching(COACHED).moreActions.click();
  await expect(amy.page.getByRole("menuitem", { name: "Copy" })).toBeVisible();
  await expect(amy.page.getByRole("menuitem", { name: "Forward to customer" })).toHaveCount(0);
  await amy.page.keyboard.press("Escape");
  cut = false;
  await composer.retryButton.click();
  await expect(composer.scope.getByRole("list", { name: "Not sent yet" })).toBeHidden({ timeout: 60_000 });
  expect(keys.size).toBe(1);
  await expect(dana.chat.message(COACHED)).toHaveCount(1);
  await expect(transcript.agent(COACHED)).toHaveCount(1);
  await expect(transcript.coaching(COACHED).article).toContainText(/forwarded/i);
});

test("E04 M20 a forward that was refused stays in sight, is not taken for a draft, and can be discarded", async ({
  amy,
  sam,
  dana,
}) => {
  await monitored(amy, sam, dana);
  await sam.coach(COACHED);
  amy.expectProblem(/422/);
  const refusal = { status: 422, json: { Invalid: { field: "text", problem: { code: "too_long", max: 5, actual: 26 } } } };
  await amy.page.route("**/coaching_forward", (route) => route.fulfill(refusal), { times: 1 });
  const { composer, transcript } = amy.workspace;
  await transcript.coaching(COACHED).forward();
  await expect(composer.scope).toContainText("Not sent.");
  await expect(composer.scope).toContainText(COACHED);
  await expect(composer.text).toHaveValue("");
  await expect(composer.scope.getByRole("button", { name: "Back to draft" })).toHaveCount(0);
  await composer.scope.getByRole("button", { name: "Discard" }).click();
  await expect(composer.scope.getByRole("list", { name: "Not sent yet" })).toBeHidden();
  await amy.answer("One moment, please.");
  await expect(dana.chat.message("One moment, please.")).toBeVisible();
  await expect(dana.page.locator("body")).not.toContainText("Leipzig");
});

test("E04 an answer that a proxy replaced is no refusal: the message arrives once, without a click", async ({ amy, dana }) => {
  await takeClock(amy.page);
  await conversation(amy, dana);
  amy.expectProblem(/502|408|401|ERR_FAILED/);
  const fates: ((route: Route) => Promise<void>)[] = [
    // The host stored it, but its answer does not come through.
    async (route) => {
      await route.fetch();
      await route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" });
    },
    (route) => route.fulfill({ status: 408, body: "" }),
    // Of the proxy itself: the session goes on.
    (route) => route.fulfill({ status: 401, contentType: "text/html", body: "<h1>Sign in to the proxy</h1>" }),
    (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<h1>Sign in to the network</h1>" }),
    (route) => route.abort(),
  ];
  const keys = new Set<string>();
  await amy.page.route("**/message_send", (route) => {
    keys.add((route.request().postDataJSON() as { key: string }).key);
    const fate = fates.shift();
    return fate ? fate(route) : route.continue();
  });
  await amy.workspace.composer.send("We will call you.");
  await expect(async () => {
    await amy.page.clock.runFor(5_000);
    expect(fates).toHaveLength(0);
    await expect(amy.workspace.composer.scope.getByRole("list", { name: "Not sent yet" })).toBeHidden({ timeout: 100 });
  }).toPass();
  expect(keys.size).toBe(1);
  await expect(dana.chat.message("We will call you.")).toHaveCount(1);
  await expect(amy.workspace.transcript.agent("We will call you.")).toHaveCount(1);
});

test("E04 an answer that stops half-way is given up, and the message is sent again under its key", async ({ amy, dana }) => {
  await takeClock(amy.page);
  await conversation(amy, dana);
  const keys: string[] = [];
  amy.page.on("request", (request) => {
    if (request.url().endsWith("/message_send")) keys.push((request.postDataJSON() as { key: string }).key);
  });
  await amy.page.evaluate(() => {
    const send = window.fetch.bind(window);
    let stops = true;
    window.fetch = async (input, init) => {
      const answer = await send(input, init);
      if (!stops || !(input as Request).url.endsWith("/message_send")) return answer;
      stops = false;
      // Head and status have arrived; the body never ends.
      return new Response(new ReadableStream(), { status: answer.status, headers: answer.headers });
    };
  });
  await amy.workspace.composer.send("We will call you.");
  await expect(dana.chat.message("We will call you.")).toHaveCount(1);
  await amy.page.clock.runFor(60_000);
  expect(keys).toHaveLength(1);
  await expect(async () => {
    await amy.page.clock.runFor(5_000);
    expect(keys).toHaveLength(2);
  }).toPass();
  await expect(amy.workspace.composer.scope.getByRole("list", { name: "Not sent yet" })).toBeHidden();
  expect(new Set(keys).size).toBe(1);
  await expect(dana.chat.message("We will call you.")).toHaveCount(1);
  await expect(amy.workspace.transcript.agent("We will call you.")).toHaveCount(1);
});

test("U16 E01 what is sent without a network goes without a click when it is back, from whatever page", async ({
  amy,
  dana,
}) => {
  await conversation(amy, dana);
  const other = await amy.workitemOn("sms");
  await amy.setOffline(true);
  await expect(amy.header.connection).toBeVisible();
  for (const text of BOTH) await amy.workspace.composer.send(text);
  await expect(amy.workspace.composer.scope).toContainText("Not sent.");
  await expect(amy.workspace.workitem("Dana Dietz")).toContainText("Not sent");
  await amy.workspace.workitem(other.subject).click();
  await expect(amy.workspace.workitem("Dana Dietz")).toContainText("Not sent");
  await amy.setOffline(false);
  await expect(dana.chat.message("Second of two")).toHaveCount(1);
  await expect(amy.workspace.workitem("Dana Dietz")).not.toContainText("Not sent");
  await expect(dana.chat.message("First of two")).toHaveCount(1);
});

test("E01 U16 what was written in a workitem that was handed on meanwhile stays in sight", async ({
  amy,
  ben,
  sam,
  dana,
}) => {
  const workitem = await conversation(amy, dana);
  await ben.signIn();
  await sam.signIn();
  await sam.goto(`/coaching/${await amy.id()}/${workitem.id}`);
  amy.expectProblem(/40[349]/);
  await amy.setOffline(true);
  await expect(amy.header.connection).toBeVisible();
  await amy.workspace.composer.send("It comes tomorrow.");
  await expect(amy.workspace.composer.scope).toContainText("Not sent.");
  await amy.workspace.composer.text.fill("And another thing");
  await sam.page.getByRole("button", { name: "Reassign…" }).click();
  const dialog = sam.page.getByRole("dialog", { name: "Reassign work of Amy Adler" });
  const target = dialog.getByRole("combobox", { name: "Reassign to" });
  await target.selectOption(await target.getByRole("option", { name: "Ben Brooks" }).getAttribute("value"));
  await dialog.getByRole("button", { name: "Reassign", exact: true }).click();
  await expect(ben.workspace.workitem("Dana Dietz")).toBeVisible();
  await amy.setOffline(false);
  await expect(amy.workspace.notYours).toBeVisible();
  const unsent = amy.workspace.open.getByRole("region", { name: "What you wrote here was not sent" });
  await expect(unsent).toContainText("It comes tomorrow.");
  await expect(unsent).toContainText("Not sent.");
  await expect(unsent).toContainText("And another thing");

  await amy.goto("/workspace");
  const elsewhere = amy.workspace.list.getByRole("region", { name: "1 message not sent" });
  await elsewhere.getByRole("link").filter({ hasText: "It comes tomorrow." }).click();
  await expect(unsent).toContainText("It comes tomorrow.");
  await expect(unsent.getByRole("button", { name: "Copy" })).toHaveCount(2);
  await unsent.getByRole("button", { name: "Discard" }).first().click();
  await expect(unsent).not.toContainText("It comes tomorrow.");
  await unsent.getByRole("button", { name: "Discard" }).click();
  await expect(unsent).toBeHidden();
  await expect(amy.workspace.list.getByRole("region", { name: /not sent|Not finished/ })).toHaveCount(0);
  await ben.openWorkitem("Dana Dietz");
  await ben.answer("It comes today.");
  await expect(dana.chat.message("It comes today.")).toBeVisible();
  await expect(dana.chat.message("It comes tomorrow.")).toHaveCount(0);
});

test("E01 U16 a draft elsewhere is marked in the list of one's work", async ({ amy, dana }) => {
  await conversation(amy, dana);
  const other = await amy.workitemOn("sms");
  await amy.workspace.composer.text.fill("Dear Dana,");
  await amy.workspace.workitem(other.subject).click();
  await expect(amy.workspace.workitem("Dana Dietz")).toContainText("Draft");
  await amy.workspace.workitem("Dana Dietz").click();
  await expect(amy.workspace.composer.text).toHaveValue("Dear Dana,");
  await amy.workspace.composer.text.fill("");
  await expect(amy.workspace.workitem("Dana Dietz")).not.toContainText("Draft");
});

test("E01 U16 coaching that was not sent is found after the work left the supervisor's teams", async ({
  amy,
  cleo,
  sam,
  dana,
}) => {
  await monitored(amy, sam, dana);
  await cleo.signIn();
  sam.expectProblem(/40[49]/);
  await refuse(sam.page, "coaching_send", 1);
  await sam.coaching.composer.send("Apologise first.");
  await expect(sam.coaching.composer.scope).toContainText("Not sent. Not at the moment.");
  await amy.workspace.transferTo("agent", "Cleo Costa");
  await expect(sam.coaching.main).toContainText("You no longer have access to this workitem.");
  await sam.goto("/dashboard");
  const elsewhere = sam.page.getByRole("region", { name: "1 message not sent" });
  await elsewhere.getByRole("link").filter({ hasText: "Apologise first." }).click();
  const unsent = sam.page.getByRole("region", { name: "What you wrote here was not sent" });
  await expect(unsent).toContainText("Apologise first.");
  await unsent.getByRole("button", { name: "Discard" }).click();
  await expect(unsent).toBeHidden();
});

test("M10 U16 what was not sent or not finished to a colleague is marked in the Company Directory", async ({ amy }) => {
  await amy.signIn();
  amy.expectProblem(/409/);
  await refuse(amy.page, "directory_send", 1);
  await amy.directory.openConversation("Sam Stone");
  await amy.directory.composer("Sam Stone").send("Do you have a minute?");
  await expect(amy.directory.dialog).toContainText("Not sent. Not at the moment.");
  await amy.directory.openConversation("Sue Silva");
  await amy.directory.composer("Sue Silva").text.fill("Dear Sue,");
  await amy.directory.dialog.getByRole("button", { name: "All people" }).click();
  await expect(amy.directory.people.nth(0)).toContainText(/Sam Stone.*Not sent/);
  await expect(amy.directory.people.nth(1)).toContainText(/Sue Silva.*Draft/);
  await amy.directory.close();
  await expect(amy.header.directory).toHaveAccessibleDescription("1 not sent, 1 not finished");
  await amy.directory.openConversation("Sam Stone");
  await amy.directory.composer("Sam Stone").retryButton.click();
  await expect(amy.directory.conversation("Sam Stone")).toContainText("Do you have a minute?");
  await expect(amy.header.directory).toHaveAccessibleDescription("1 not finished");
});

test("E02 F03 what is older than a day is not sent without a click", async ({ amy, dana }) => {
  await conversation(amy, dana);
  amy.expectProblem(/ERR_FAILED/);
  await amy.page.route("**/message_send", (route) => route.abort());
  await amy.workspace.composer.send("Your parcel comes today.");
  await expect(amy.workspace.composer.scope).toContainText("Not sent.");
  // Two days pass.
  await amy.page.evaluate((hours) => {
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith("sideline-outbox:"))) {
      const entry = JSON.parse(localStorage.getItem(key) ?? "");
      for (const time of ["at", "asked"]) entry[time] -= hours * 3_600_000;
      localStorage.setItem(key, JSON.stringify(entry));
    }
  }, 49);
  await amy.page.unroute("**/message_send");
  await amy.reload();
  await expect(amy.workspace.composer.scope).toContainText("Written 2 days ago");
  await amy.workspace.composer.send("Something new");
  await expect(amy.workspace.composer.scope).toContainText("Waiting for the message above.");
  await expect(amy.workspace.composer.scope.getByRole("button", { name: "Discard" })).toHaveCount(1);
  await amy.workspace.composer.retryButton.click();
  await expect(dana.chat.message("Something new")).toHaveCount(1);
  await expect(dana.chat.message("Your parcel comes today.")).toHaveCount(1);
});

test("F05 E01 two tabs do not destroy each other's drafts and unsent messages", async ({ amy, dana }) => {
  const workitem = await conversation(amy, dana);
  amy.expectProblem(/409/);
  await refuse(amy.page, "message_send", 1);
  await amy.workspace.composer.send("Refused in the first tab");
  await expect(amy.workspace.composer.scope).toContainText("Not sent. Not at the moment.");
  await amy.workspace.composer.text.fill("Draft of the first tab");
  const other = await amy.openWindow(`/workspace/${workitem.id}`);
  await expect(other.workspace.composer.text).toHaveValue("");
  await other.workspace.composer.send("Sent in the second tab");
  // One order for both: it waits behind what was refused.
  await expect(other.workspace.composer.scope).toContainText("Waiting for the message above.");
  await amy.reload();
  await expect(amy.workspace.composer.scope).toContainText("Refused in the first tab");
  await expect(amy.workspace.composer.text).toHaveValue("Draft of the first tab");
  await amy.workspace.composer.retryButton.click();
  await expect(dana.chat.message("Sent in the second tab")).toHaveCount(1);
  const both = ["Refused in the first tab", "Sent in the second tab"];
  expect(await inOrder(other.workspace.transcript.log, both)).toEqual(both);
  await expect(other.workspace.composer.retryButton).toHaveCount(0);
  await amy.reload();
  await expect(amy.workspace.composer.text).toHaveValue("Draft of the first tab");
});

test("F05 a draft of a tab that was closed is found again in the next one", async ({ amy, dana }) => {
  const workitem = await conversation(amy, dana);
  const other = await amy.openWindow(`/workspace/${workitem.id}`);
  await other.workspace.composer.text.fill("Typed in a tab that is closed");
  await expect(amy.workspace.workitem("Dana Dietz")).toContainText("Draft");
  await other.page.close();
  await amy.reload();
  await expect(amy.workspace.composer.text).toHaveValue("Typed in a tab that is closed");
});
