// U17: the agent answers the coach inside the workitem, in a box that is never taken for the one to the customer.

import { expectNoViolations } from "../fixtures/axe.ts";
import { contrastOf } from "../fixtures/colour.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";

test("U17 amy answers sam in the workitem, sam sees it live, and amy sees that he did", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.coach("Offer a refund.");
  await amy.workspace.transcript.coaching("Offer a refund.").replyButton.click();
  await expect(amy.workspace.toCoach.text).toBeFocused();
  await amy.page.keyboard.type("She had one already.");
  await amy.page.keyboard.press("Enter");

  const mine = amy.workspace.transcript.reply("She had one already.");
  await expect(mine).toContainText("To your coach");
  await expect(mine.getByRole("button")).toHaveCount(0);
  const theirs = sam.coaching.transcript.reply("She had one already.");
  await expect(theirs).toContainText("Amy Adler to coach · hidden from the customer");
  await expect(mine).toContainText("Seen by Sam Stone");
  await expect(mine.locator(".entry__seen time")).toHaveAttribute("datetime", /^\d{4}-/);

  // The customer gets what comes next, and nothing before it.
  await amy.answer("Let me see what I can do.");
  await expect(dana.chat.message("Let me see what I can do.")).toBeVisible();
  await expect(dana.page.locator("body")).not.toContainText("She had one already.");
});

test("U17 what is typed at once after the click stands in the box, however late the next frame comes", async ({ amy, sam, dana }) => {
  await amy.page.addInitScript(() => {
    window.requestAnimationFrame = (frame) => window.setTimeout(() => frame(performance.now()), 500);
  });
  await monitored(amy, sam, dana);
  await sam.coach("Offer a refund.");
  await amy.workspace.transcript.coaching("Offer a refund.").replyButton.click();
  await amy.page.keyboard.type("She has one.");
  await expect(amy.workspace.toCoach.text).toHaveValue("She has one.");
  await amy.workspace.noteOpener.click();
  await amy.page.keyboard.type("Called twice.");
  await expect(amy.workspace.note.text).toHaveValue("Called twice.");
});

test("U17 what stands in one box is never sent by the other, and neither gives the focus to it", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const { composer, toCoach, coachOpener, transcript } = amy.workspace;
  await coachOpener.click();
  await expect(toCoach.text).toBeFocused();
  await toCoach.text.fill("Is she right?");
  await composer.text.fill("One moment, please.");
  for (const key of ["Enter", "Control+Enter"]) {
    await composer.text.fill(`One moment, please (${key}).`);
    await composer.text.press(key);
    await expect(dana.chat.message(`One moment, please (${key}).`)).toBeVisible();
    await expect(composer.text).toBeFocused();
    await expect(toCoach.text).toHaveValue("Is she right?");
  }
  await expect(transcript.reply("Is she right?")).toHaveCount(0);

  await composer.text.fill("You are right, and");
  await toCoach.sendButton.click();
  await expect(sam.coaching.transcript.reply("Is she right?")).toBeVisible();
  await expect(toCoach.text).toBeFocused();
  await expect(toCoach.text).toHaveValue("");
  await expect(composer.text).toHaveValue("You are right, and");
  for (const key of ["Enter", "Control+Enter"]) {
    await toCoach.text.fill(`She insists (${key}).`);
    await toCoach.text.press(key);
    await expect(transcript.reply(`She insists (${key}).`)).toBeVisible();
    await expect(toCoach.text).toBeFocused();
    await expect(composer.text).toHaveValue("You are right, and");
  }
  // A key too many in the empty box sends nothing of the other one.
  await amy.page.keyboard.press("Enter");
  await expect(composer.text).toHaveValue("You are right, and");
  await expect(toCoach.text).toBeFocused();
  await expect(dana.chat.messages).toHaveCount(3);
  await expect(dana.page.locator("body")).not.toContainText(/She insists|Is she right|You are right/);
});

test("U17 F2 opens the box, Escape closes it, and what is typed then goes nowhere", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const { composer, toCoach, coachOpener } = amy.workspace;
  await composer.text.fill("Dear Dana");
  await composer.text.press("F2");
  await expect(toCoach.text).toBeFocused();
  await amy.page.keyboard.type("Help me");
  await amy.page.keyboard.press("Escape");
  await expect(toCoach.text).toBeHidden();
  await expect(coachOpener).toBeFocused();
  await expect(coachOpener).toHaveAttribute("aria-expanded", "false");
  await expect(coachOpener).toContainText("Draft");
  await amy.page.keyboard.type("with this");
  await expect(composer.text).toHaveValue("Dear Dana");
  await amy.page.keyboard.press("Escape");
  await expect(coachOpener).toBeFocused();
  await amy.page.keyboard.type("refuse,and-pay-nothing?");
  await amy.page.keyboard.press("Alt+Enter");
  await expect(coachOpener, "no letter leads to another box").toBeFocused();
  await expect(composer.text).toHaveValue("Dear Dana");
  await expect(amy.page.getByRole("dialog")).toHaveCount(0);

  await amy.page.keyboard.press("F2");
  await expect(toCoach.text).toBeFocused();
  await expect(toCoach.text).toHaveValue(/Help me/);
  await expect(composer.text).toHaveValue("Dear Dana");
});

test("U17 a reload, another workitem and another tab keep each draft with its audience", async ({ amy, sam, dana, eli }) => {
  const workitem = await monitored(amy, sam, dana);
  await eli.begin("Hello?");
  const { composer, toCoach, coachOpener } = amy.workspace;
  await composer.text.fill("For Dana");
  await coachOpener.click();
  await toCoach.text.fill("For Sam");
  await amy.reload();
  await expect(composer.text).toHaveValue("For Dana");
  await expect(toCoach.text).toHaveValue("For Sam");

  await amy.openWorkitem("Eli Evans");
  await expect(composer.text).toHaveValue("");
  await expect(toCoach.text).toBeHidden();
  await expect(coachOpener).toBeHidden();
  await amy.openWorkitem("Dana Dietz");
  await expect(composer.text).toHaveValue("For Dana");
  await expect(toCoach.text).toHaveValue("For Sam");

  await composer.text.fill("");
  await toCoach.text.fill("");
  await amy.goto("/workspace");
  const second = await amy.openWindow(`/workspace/${workitem.id}`);
  await second.workspace.composer.text.fill("Dear Dana");
  await second.workspace.coachOpener.click();
  await second.workspace.toCoach.text.fill("Dear Sam");
  await second.page.close();
  await amy.goto(`/workspace/${workitem.id}`);
  await expect(composer.text).toHaveValue("Dear Dana");
  await expect(toCoach.text).toHaveValue("Dear Sam");
});

test("U17 F02 what waits for the network goes to whom it was written, also after a reload", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const { composer, toCoach, coachOpener, transcript } = amy.workspace;
  await coachOpener.click();
  await expect(toCoach.text).toBeFocused();
  await amy.page.route("**/api/app/api/**/*_{send,reply}", (route) => route.abort());
  amy.expectProblem(/ERR_FAILED/);
  await toCoach.send("To Sam alone");
  await composer.send("To Dana");
  await expect(toCoach.scope.getByRole("list", { name: "Not sent yet" })).toContainText("To Sam alone");
  await amy.reload();
  await expect(toCoach.scope.getByRole("list", { name: "Not sent yet" })).toContainText("To Sam alone");
  await amy.page.unroute("**/api/app/api/**/*_{send,reply}");
  await expect(sam.coaching.transcript.reply("To Sam alone")).toBeVisible();
  await expect(dana.chat.message("To Dana")).toBeVisible();
  await expect(transcript.agent("To Dana")).toHaveCount(1);
  await expect(transcript.reply("To Sam alone")).toHaveCount(1);
  await expect(dana.page.locator("body")).not.toContainText("To Sam alone");
});

test("U17 E23 a coach who looks elsewhere is led to the reply, until they have seen it", async ({ amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await sam.coach("Offer a refund.");
  await sam.coaching.back.click();
  await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toBeVisible();
  await amy.workspace.coachOpener.click();
  await amy.workspace.toCoach.send("She had one already.");
  const card = sam.page.getByRole("region", { name: "Reply from Amy Adler" });
  await expect(card).toContainText("She had one already.");
  await expect(sam.page).toHaveTitle(/^\(1\)/);
  await sam.goto("/settings");
  await expect(card).toContainText("She had one already.");
  const mine = amy.workspace.transcript.reply("She had one already.");
  await expect(mine).toContainText("Not seen by a coach yet");

  await card.getByRole("link", { name: "Open workitem" }).click();
  await expect(sam.page).toHaveURL(`/coaching/${await amy.id()}/${workitem.id}`);
  await expect(card).toBeHidden();
  await expect(mine).toContainText("Seen by Sam Stone");

  await sam.coaching.back.click();
  await amy.workspace.toCoach.send("Never mind.");
  await expect(card).toContainText("Never mind.");
  await card.getByRole("button", { name: "Mark as read" }).click();
  await expect(card).toBeHidden();
  await expect(amy.workspace.transcript.reply("Never mind.")).toContainText("Seen by Sam Stone");
  await sam.reload();
  await expect(sam.header.userMenu).toBeVisible();
  await expect(card).toBeHidden();
});

test("U17 where nobody coaches there is no such box, and who was coached can answer after the coach has left", async ({
  amy,
  sam,
  dana,
}) => {
  const workitem = await conversation(amy, dana);
  await expect(amy.workspace.coachOpener).toBeHidden();
  await amy.page.keyboard.press("F2");
  await expect(amy.workspace.toCoach.text).toBeHidden();
  await sam.signIn();
  await sam.monitor(amy, workitem);
  await expect(amy.workspace.coachOpener).toBeVisible();
  await amy.workspace.coachOpener.click();
  await amy.workspace.toCoach.text.fill("Are you there?");
  await sam.coaching.back.click();
  await expect(amy.workspace.toCoach.scope).toContainText("No supervisor coaches you here");
  await expect(amy.workspace.toCoach.text).toHaveValue("Are you there?");
  await expect(amy.workspace.toCoach.sendButton).toBeDisabled();
  await sam.monitor(amy, workitem);
  await sam.coach("I am.");
  await sam.coaching.back.click();
  await expect(amy.workspace.transcript.monitoringEnded("Sam Stone").last()).toBeVisible();
  await amy.workspace.toCoach.sendButton.click();
  await expect(amy.workspace.transcript.reply("Are you there?")).toBeVisible();
});

test("M23 coach and agent see that the other writes, and the customer sees neither", async ({ amy, sam, dana }) => {
  await dana.openChat();
  const recording = await dana.record();
  await monitored(amy, sam, dana);
  await sam.coaching.composer.text.pressSequentially("Ask for the");
  await expect(amy.page.getByText("Sam Stone is typing…")).toBeVisible();
  await sam.coach("Ask for the order number.");
  await expect(amy.page.getByText("Sam Stone is typing…")).toBeHidden();

  await amy.workspace.transcript.coaching("Ask for the order number.").replyButton.click();
  await expect(amy.workspace.toCoach.text).toBeFocused();
  await amy.page.keyboard.type("She has");
  await expect(sam.page.getByText("Amy Adler is typing to you…")).toBeVisible();
  await amy.workspace.toCoach.send("She has none.");
  await expect(sam.coaching.transcript.reply("She has none.")).toBeVisible();
  await expect(sam.page.getByText("Amy Adler is typing to you…")).toBeHidden();
  await amy.workspace.composer.text.fill("Thank you.");
  await amy.workspace.composer.sendButton.click();
  await expect(dana.chat.message("Thank you.")).toBeVisible();
  // The one sign is that of the answer.
  expect(recording.events.filter((event) => /(^| )typing \{/.test(event)).length).toBeLessThanOrEqual(1);
  expect(await recording.everything()).not.toMatch(/She has|Sam Stone|Ask for the/);
});

for (const [width, height] of [[390, 844], [320, 256]] as const) {
  test(`U17 E39 at ${width}×${height} both boxes can be read and used`, async ({ amy, sam, dana }) => {
    await monitored(amy, sam, dana);
    await sam.coach("Offer a refund.");
    await amy.page.setViewportSize({ width, height });
    await amy.workspace.transcript.coaching("Offer a refund.").replyButton.click();
    const { composer, toCoach } = amy.workspace;
    await expect(toCoach.text).toBeFocused();
    await expect(toCoach.text).toBeInViewport();
    await expectNothingSideways(amy.page, "with both boxes");
    await toCoach.send("She had one already.");
    await expect(amy.workspace.transcript.reply("She had one already.")).toBeVisible();
    await composer.text.fill("Let me see.");
    await expect(composer.text).toBeInViewport();
    await composer.sendButton.click();
    await expect(dana.chat.message("Let me see.")).toBeVisible();
    await sam.page.setViewportSize({ width, height });
    await sam.coaching.transcript.reply("She had one already.").scrollIntoViewIfNeeded();
    await expect(sam.coaching.transcript.reply("She had one already.")).toBeInViewport();
    await expectNothingSideways(sam.page, "the Coaching Page");
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`U17 axe-core finds nothing about replies in the ${colorScheme} theme, and they are orange`, async ({ amy, sam, dana }) => {
    for (const person of [amy, sam]) await person.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await monitored(amy, sam, dana);
    await sam.coach("Offer a refund.");
    await amy.workspace.coachOpener.click();
    await amy.workspace.toCoach.send("She had one already.");
    // What arrives ends the sign that it is written.
    await expect(sam.coaching.transcript.reply("She had one already.")).toBeVisible();
    await amy.workspace.toCoach.text.fill("And now?");
    await expect(sam.page.getByText("Amy Adler is typing to you…")).toBeVisible();
    await amy.workspace.composer.text.fill("One moment.");
    for (const transcript of [sam.coaching.transcript, amy.workspace.transcript]) {
      const colour = await contrastOf(transcript.reply("She had one already."), "She had one already.");
      expect(colour.ratio, "contrast of the text").toBeGreaterThanOrEqual(4.5);
      expect(colour.hue, "hue of the reply").toBeGreaterThanOrEqual(15);
      expect(colour.hue, "hue of the reply").toBeLessThanOrEqual(45);
    }
    await expectNoViolations(sam.page, "/coaching/{agent}/{workitem} with a reply");
    await expectNoViolations(amy.page, "/workspace/{workitem} with both boxes");
    await sam.coaching.back.click();
    await amy.workspace.toCoach.send("Never mind.");
    await expect(sam.page.getByRole("region", { name: "Reply from Amy Adler" })).toBeVisible();
    await expectNoViolations(sam.page, "the notice of a reply");
  });
}
