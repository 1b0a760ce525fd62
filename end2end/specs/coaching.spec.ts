// M17 to M23: coaching inside a workitem, seen by supervisor, agent and customer.

import { contrastOf } from "../fixtures/colour.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Conversation, Sent } from "../fixtures/wire.ts";

for (const scheme of ["light", "dark"] as const) {
  test(`M17 coaching messages are orange, labelled in words and readable in the ${scheme} theme`, async ({
    amy,
    sam,
    dana,
  }) => {
    for (const person of [amy, sam]) await person.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await monitored(amy, sam, dana);
    await sam.coach("Offer a refund.");
    for (const transcript of [sam.coaching.transcript, amy.workspace.transcript]) {
      const article = transcript.coaching("Offer a refund.").article;
      await expect(article).toContainText(/coach/i);
      await expect(article).toContainText("Sam Stone");
      const colour = await contrastOf(article, "Offer a refund.");
      expect(colour.ratio, "contrast of the text").toBeGreaterThanOrEqual(4.5);
      expect(colour.hue, "hue of the message").toBeGreaterThanOrEqual(15);
      expect(colour.hue, "hue of the message").toBeLessThanOrEqual(45);
    }
  });
}

test("M17 several lines of coaching reach the agent as they were written", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.coaching.composer.text.fill("First line");
  await sam.coaching.composer.text.press("End");
  await sam.coaching.composer.text.press("Shift+Enter");
  await sam.page.keyboard.type("Second line");
  await sam.coaching.composer.text.press("Enter");
  const message = amy.workspace.transcript.coaching("Second line").article;
  await expect(message).toContainText("First line");
  await expect(amy.workspace.transcript.allCoaching).toHaveCount(1);
  await expect(sam.coaching.composer.text).toHaveValue("");
});

test("M18 the agent learns at once who monitors, in a line with name and time", async ({ amy, sam, dana }) => {
  const workitem = await conversation(amy, dana);
  await amy.goto("/settings");
  await sam.signIn();
  await sam.monitor(amy, workitem);
  await expect(amy.page.getByRole("status").filter({ hasText: "Sam Stone" })).toBeVisible();
  await amy.goto(`/workspace/${workitem.id}`);
  for (const transcript of [amy.workspace.transcript, sam.coaching.transcript]) {
    const line = transcript.monitoringStarted("Sam Stone");
    await expect(line).toHaveCount(1);
    await expect(line.locator("time")).toHaveAttribute("datetime", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
  }
  // The customer gets the next ordinary message, and nothing before it.
  await amy.answer("Here I am.");
  await expect(dana.chat.message("Here I am.")).toBeVisible();
  await expect(dana.page.locator("body")).not.toContainText("Sam");
});

test("M19 the agent's thumb is seen live, can be changed and be taken back", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.coach("Offer a refund.");
  const mine = amy.workspace.transcript.coaching("Offer a refund.");
  const theirs = sam.coaching.transcript.coaching("Offer a refund.").article;

  await mine.thumbsUp.click();
  await expect(mine.thumbsUp).toHaveAttribute("aria-pressed", "true");
  await expect(theirs).toContainText("Thumbs up");

  await mine.thumbsDown.click();
  await expect(mine.thumbsDown).toHaveAttribute("aria-pressed", "true");
  await expect(mine.thumbsUp).toHaveAttribute("aria-pressed", "false");
  await expect(theirs).toContainText("Thumbs down");
  await expect(theirs).not.toContainText("Thumbs up");

  await mine.thumbsDown.click();
  await expect(mine.thumbsDown).toHaveAttribute("aria-pressed", "false");
  await expect(theirs).not.toContainText("Thumbs down");

  await mine.thumbsUp.click();
  await expect(theirs).toContainText("Thumbs up");
  await amy.reload();
  await expect(mine.thumbsUp).toHaveAttribute("aria-pressed", "true");
  // Nobody reacts to their own words.
  await expect(theirs.getByRole("button", { name: "Thumbs up" })).toHaveCount(0);
});

test("M20 the agent copies a coaching message to the clipboard", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.coach("Your parcel is in Leipzig.");
  await amy.workspace.transcript.coaching("Your parcel is in Leipzig.").copy();
  await expect.poll(() => amy.page.evaluate(() => navigator.clipboard.readText())).toBe("Your parcel is in Leipzig.");
  await amy.answer("One moment, please.");
  await expect(sam.coaching.transcript.agent("One moment, please.")).toBeVisible();
  await expect(dana.chat.message("One moment, please.")).toBeVisible();
  await expect(dana.chat.message("Your parcel is in Leipzig.")).toHaveCount(0);
  await expect(sam.coaching.transcript.coaching("Your parcel is in Leipzig.").article).not.toContainText(/forwarded/i);
});

test("M20 a forwarded message goes out once, as an ordinary message of the agent that cannot be edited", async ({
  amy,
  sam,
  dana,
}) => {
  const workitem = await monitored(amy, sam, dana);
  await sam.coach("Your parcel is in Leipzig.");
  const mine = amy.workspace.transcript.coaching("Your parcel is in Leipzig.");
  await mine.forward();
  await expect(amy.workspace.transcript.agent("Your parcel is in Leipzig.")).toHaveCount(1);
  await expect(amy.workspace.composer.text).toHaveValue("");
  await expect(dana.chat.message("Your parcel is in Leipzig.")).toHaveCount(1);
  await expect(dana.chat.message("Your parcel is in Leipzig.")).toContainText("Amy");
  await expect(sam.coaching.transcript.coaching("Your parcel is in Leipzig.").article).toContainText(/forwarded/i);
  await expect(mine.article).toContainText(/forwarded/i);
  await expect(mine.article.getByRole("button", { name: /edit/i })).toHaveCount(0);
  await expect(mine.article.getByRole("textbox")).toHaveCount(0);

  // The menu offers it no more, and a program that asks again gets the first answer again.
  await mine.moreActions.click();
  await expect(amy.page.getByRole("menuitem", { name: "Copy" })).toBeVisible();
  await expect(amy.page.getByRole("menuitem", { name: "Forward to customer" })).toHaveCount(0);
  await amy.page.keyboard.press("Escape");
  const { entries } = await amy.ask<Conversation>("workitems/conversation_load", { workitem: workitem.id });
  const coaching = entries.find((entry) => "Coaching" in entry.body);
  const forwarded = entries.find((entry) => entry.body.Message?.author === "agent");
  const again = { workitem: workitem.id, entry: coaching?.id };
  const answers = await Promise.all([1, 2, 3].map(() => amy.ask<Sent>("coaching/coaching_forward", again)));
  for (const answer of answers) expect(answer.entry.id).toBe(forwarded?.id);
  await amy.answer("Anything else?");
  await expect(dana.chat.message("Anything else?")).toBeVisible();
  await expect(dana.chat.message("Your parcel is in Leipzig.")).toHaveCount(1);
});

test("M21 the customer sees the ordinary conversation and nothing else", async ({ amy, sam, dana }) => {
  await dana.openChat();
  const recording = await dana.record();
  await dana.begin("Where is my parcel?");
  await amy.signIn();
  await amy.openWorkitem("Dana Dietz");
  const workitem = await amy.workitemWith("Dana Dietz");
  await sam.signIn();
  await sam.monitor(amy, workitem);
  const before = await dana.chat.content.innerText();
  await sam.coaching.composer.text.pressSequentially("Ask for the order number");
  await sam.coaching.composer.text.press("Enter");
  await expect(amy.workspace.transcript.coaching("Ask for the order number").article).toBeVisible();
  await amy.workspace.transcript.coaching("Ask for the order number").thumbsUp.click();
  await expect(sam.coaching.transcript.coaching("Ask for the order number").article).toContainText("Thumbs up");
  await sam.coaching.back.click();
  await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toBeVisible();
  expect(await dana.chat.content.innerText()).toBe(before);

  await amy.answer("Which order is it?");
  await expect(dana.chat.message("Which order is it?")).toBeVisible();
  await dana.page.reload();
  await expect(dana.chat.messages).toHaveCount(2);
  await expect(dana.page.locator("body")).not.toContainText(/Sam|Stone|order number|coach|monitor/i);
  expect(await recording.everything()).not.toMatch(/Sam Stone|Ask for the order number|coaching|monitor|supervis/i);
});

test("M22 the back arrow ends the coaching: the agent is told and a line with the time stands", async ({
  amy,
  sam,
  dana,
}) => {
  await monitored(amy, sam, dana);
  await sam.coaching.back.click();
  const line = amy.workspace.transcript.monitoringEnded("Sam Stone");
  await expect(line).toHaveCount(1);
  await expect(line.locator("time")).toHaveAttribute("datetime", /^\d{4}-\d\d-\d\dT/);
  await expect(sam.page).toHaveURL(`/coaching/${await amy.id()}`);
  await expect(sam.modal.dialogOf("Amy Adler")).toBeVisible();
  expect((await amy.workitemWith("Dana Dietz")).monitors).toEqual([]);
});

test("M22 closing the tab ends the coaching", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.page.close();
  await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toHaveCount(1);
});

test("M22 signing out ends the coaching", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.signOut();
  await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toHaveCount(1);
});

test("M22 losing the network for longer than the grace time ends the coaching", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.setOffline(true);
  await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toHaveCount(1);
  await sam.setOffline(false);
  await expect(amy.workspace.transcript.monitoringStarted("Sam Stone")).toHaveCount(2);
  await expect(sam.coaching.transcript.monitoringStarted("Sam Stone")).toHaveCount(2);
});

test("M22 a restart of the server leaves no ghost monitor behind", async ({ amy, sam, dana, program }) => {
  const workitem = await monitored(amy, sam, dana);
  amy.expectProblem(/WebSocket|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED/);
  dana.expectProblem(/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED/);
  sam.expectProblem(/WebSocket|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/);
  await program.kill();
  await sam.page.close();
  await program.resume();
  await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toHaveCount(1);
  expect((await amy.worklist()).find((item) => item.id === workitem.id)?.monitors).toEqual([]);
});

test.describe("with time to come back on a busy machine", () => {
  test.use({ environment: { SIDELINE_MONITOR_GRACE: "5" } });

  test("M22 a page reload writes neither a leave nor a join", async ({ amy, sam, sue, dana }) => {
    const workitem = await monitored(amy, sam, dana);
    await sue.signIn();
    await sue.monitor(amy, workitem);
    await sam.reload();
    await sue.page.close();
    // When sue's absence has been noticed, sam's would have been, too.
    await expect(amy.workspace.transcript.monitoringEnded("Sue Silva")).toHaveCount(1, { timeout: 20_000 });
    await sam.coach("Still here");
    await expect(amy.workspace.transcript.coaching("Still here").article).toBeVisible();
    await expect(amy.workspace.transcript.monitoringStarted("Sam Stone")).toHaveCount(1);
    await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toHaveCount(0);
  });
});

test("M23 monitoring marks nothing as read and stops no waiting clock", async ({ amy, sam, dana }) => {
  await amy.signIn();
  await dana.begin("Where is my parcel?");
  await expect(amy.workspace.workitem("Dana Dietz")).toContainText(/1/);
  const before = await amy.workitemWith("Dana Dietz");
  expect(before.unread).toBe(1);
  expect(before.waiting_since).not.toBeNull();

  await sam.signIn();
  await sam.monitor(amy, before);
  await sam.coach("Somebody waits.");
  const after = await amy.workitemWith("Dana Dietz");
  expect(after.unread).toBe(1);
  expect(after.waiting_since).toBe(before.waiting_since);
  expect(after.monitors.map((person) => person.name)).toEqual(["Sam Stone"]);
  await expect(dana.chat.messages).toHaveCount(1);
});

test("M23 several supervisors monitor one workitem and each sees who else is there", async ({
  amy,
  sam,
  sue,
  dana,
}) => {
  const workitem = await monitored(amy, sam, dana);
  await sue.signIn();
  await sue.monitor(amy, workitem);
  await expect(sam.coaching.main).toContainText("Also monitoring: Sue Silva");
  await expect(sue.coaching.main).toContainText("Also monitoring: Sam Stone");
  await sue.coach("I would call them.");
  await expect(sam.coaching.transcript.coaching("I would call them.").article).toContainText("Sue Silva");
  await sue.coaching.back.click();
  await expect(sam.coaching.main).not.toContainText("Also monitoring");
});

test("M23 work that is transferred within the team takes the monitoring along", async ({ amy, ben, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await ben.signIn();
  await amy.workspace.transferTo("agent", "Ben Brooks");
  await expect(sam.page).toHaveURL(`/coaching/${await ben.id()}/${workitem.id}`);
  await expect(sam.coaching.transcript.notice("Ben Brooks")).toHaveCount(1);
  await ben.openWorkitem("Dana Dietz");
  await sam.coach("Welcome to this one, Ben.");
  await expect(ben.workspace.transcript.coaching("Welcome to this one, Ben.").article).toBeVisible();
  await expect(ben.workspace.transcript.monitoringEnded("Sam Stone")).toHaveCount(0);
});

test("M23 work that leaves the supervisor's teams ends the monitoring", async ({ amy, cleo, sam, dana }) => {
  await monitored(amy, sam, dana);
  await cleo.signIn();
  sam.expectProblem(/404/);
  await amy.workspace.transferTo("agent", "Cleo Costa");
  await expect(sam.coaching.main).toContainText("You no longer have access to this workitem.");
  await cleo.openWorkitem("Dana Dietz");
  await expect(cleo.workspace.transcript.monitoringEnded("Sam Stone")).toHaveCount(1);
  await expect(sam.coaching.composer.text).toBeHidden();
});

test("M23 work that is closed ends the monitoring, with a line in the conversation", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await amy.workspace.wrapUp();
  await expect(sam.coaching.main).toContainText("Wrap-up");
  await sam.coach("Note how it went.");
  await expect(sam.coaching.transcript.monitoringEnded("Sam Stone")).toHaveCount(0);
  await amy.workspace.close();
  await expect(sam.coaching.main).toContainText("This workitem is closed. The coaching has ended.");
  await expect(sam.coaching.transcript.monitoringEnded("Sam Stone")).toHaveCount(1);
});
