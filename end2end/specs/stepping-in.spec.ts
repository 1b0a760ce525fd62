// A supervisor steps in: writes to the customer under their own name, takes over and gives back, ends, peeks.

import { expectNoViolations } from "../fixtures/axe.ts";
import { becomesAgent, conversation, monitored } from "../fixtures/scenes.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";

test("E01 sam writes to the customer under his name, amy and sue see it live, and the work stays amy's", async ({ amy, sam, sue, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await sue.signIn();
  await sue.monitor(amy, workitem);
  await sam.coaching.customerOpener.click();
  const box = sam.coaching.boxTo(dana.name);
  await expect(box.text).toBeFocused();
  await sam.page.keyboard.type("Sam here, I see to it.");
  await sam.page.keyboard.press("Enter");

  await expect(dana.chat.message("Sam here, I see to it.")).toBeVisible();
  await expect(dana.page.getByRole("log")).toContainText("Sam Stone");
  await expect(dana.page.locator("body")).not.toContainText(/joined|monitoring|supervisor/i);
  for (const person of [amy.workspace, sue.coaching]) {
    await expect(person.transcript.supervisor("Sam here, I see to it.")).toContainText("Sam Stone");
    await expect(person.transcript.notice("Sam Stone joined the conversation.")).toHaveCount(1);
  }
  await box.send("Amy stays with you.");
  await expect(dana.chat.message("Amy stays with you.")).toBeVisible();
  await expect(amy.workspace.transcript.notice("Sam Stone joined the conversation.")).toHaveCount(1);
  await amy.answer("Yes, I do.");
  await expect(dana.chat.message("Yes, I do.")).toBeVisible();
});

test("U17 what stands in the box to the agent is never sent to the customer, and neither box gives the other the focus", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const { composer, customerOpener, toCustomer, transcript } = sam.coaching;
  const box = sam.coaching.boxTo(dana.name);
  await expect(toCustomer).toBeHidden();
  await composer.text.fill("She is angry, give her 40.");
  await customerOpener.focus();
  await sam.page.keyboard.press("Enter");
  await expect(box.text).toBeFocused();
  await box.text.fill("One moment, please.");
  await composer.text.press("Enter");
  await expect(transcript.coaching("She is angry").article).toBeVisible();
  await expect(composer.text).toBeFocused();
  await expect(box.text).toHaveValue("One moment, please.");
  await composer.text.fill("Do not say this");
  await box.sendButton.click();
  await expect(dana.chat.message("One moment, please.")).toBeVisible();
  await expect(box.text).toBeFocused();
  await expect(composer.text).toHaveValue("Do not say this");
  await sam.page.keyboard.type("A draft");
  await sam.page.keyboard.press("Escape");
  await expect(toCustomer).toBeHidden();
  await expect(customerOpener).toBeFocused();
  // A blank would open the same box again, as on any button.
  await sam.page.keyboard.type("goes-nowhere");
  await expect(composer.text).toHaveValue("Do not say this");
  await sam.reload();
  await expect(box.text).toHaveValue("A draft");
  await expect(dana.page.locator("body")).not.toContainText(/angry|Do not say|A draft|goes-nowhere/);
});

test("E13 sue takes over, answers in her workspace, and gives it back to amy", async ({ ada, amy, sam, sue, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  // It is there and says why, so it is pressed all the same.
  await sam.coaching.takeOverButton.click({ force: true });
  await expect(sam.page.getByText("Only somebody who is an agent as well")).toBeVisible();
  await becomesAgent(ada, sue);
  await sue.signIn();
  await sue.monitor(amy, workitem);
  await amy.workspace.composer.text.fill("I was about to say");
  await sue.coaching.takeOverButton.click();
  await expect(sue.page).toHaveURL(`/workspace/${workitem.id}`);
  await expect(amy.workspace.notYours).toBeVisible();
  await expect(amy.workspace.open, "where the work was, not in a passing line alone").toContainText("Sue Silva took over");
  await expect(amy.workspace.open).toContainText("I was about to say");
  await expect(sam.coaching.transcript.notice("Sue Silva took this over from Amy Adler.")).toBeVisible();
  await sue.answer("I have an answer for you.");
  await expect(dana.chat.message("I have an answer for you.")).toBeVisible();
  await sue.page.getByRole("button", { name: "Give back to Amy Adler" }).click();
  await expect(sue.page).toHaveURL(new RegExp(`/coaching/.*/${workitem.id}`));
  // Her page is still open, and shows it again.
  await expect(amy.workspace.transcript.notice("Sue Silva gave this back to Amy Adler.")).toBeVisible();
  await expect(amy.workspace.composer.text).toHaveValue("I was about to say");
  await amy.answer("Here I am again.");
  await expect(dana.chat.message("Here I am again.")).toBeVisible();
  await expect(dana.page.getByRole("log")).not.toContainText(/took|gave|Amy Adler to|Sue Silva to/);
  // Who watched went along with the work, and tried nothing.
  await ada.goto("/admin/audit?act=refused_agent");
  await expect(ada.page.getByText("Nothing found")).toBeVisible();
});

test("M23 sam ends amy's conversation after the question that an agent is asked", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.coaching.customerOpener.click();
  await expect(sam.coaching.boxTo(dana.name).text).toBeFocused();
  await sam.coaching.endButton.click();
  const question = sam.page.getByRole("dialog", { name: "End the conversation?" });
  await expect(question).toContainText("is still waiting for an answer");
  await sam.page.keyboard.press("Escape");
  await expect(question).toBeHidden();
  await sam.coaching.endButton.click();
  await question.getByRole("button", { name: "End conversation" }).click();
  await expect(amy.workspace.transcript.notice("Sam Stone ended the conversation.")).toBeVisible();
  await expect(amy.workspace.closeButton).toBeVisible();
  await expect(dana.page.getByText("This conversation has ended.")).toBeVisible();
  await expect(sam.coaching.endButton).toBeHidden();
  // The customer reads nothing more: the box that said so has gone.
  await expect(sam.coaching.toCustomer).toBeHidden();
  await expect(sam.coaching.customerOpener).toBeHidden();
});

test("M23 sam closes by keyboard what amy forgot in wrap-up; she reads who did, and her note stays", async ({ ada, amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  const { back, closeWrapUpButton, composer, leaveQuestion, main, moreButton } = sam.coaching;
  await amy.answer("It comes tomorrow.");
  await expect(closeWrapUpButton).toBeHidden();
  await amy.workspace.wrapUp();
  await amy.workspace.noteOpener.click();
  await amy.workspace.note.text.fill("She was friendly.");
  await composer.text.fill("Well done.");
  await sam.page.setViewportSize({ width: 320, height: 640 });
  await moreButton.press("Enter");
  await closeWrapUpButton.press("Enter");
  await expect(leaveQuestion, "what sam wrote cannot be sent afterwards").toBeVisible();
  await sam.page.keyboard.press("Escape");
  await composer.text.fill("");
  await closeWrapUpButton.scrollIntoViewIfNeeded();
  await expect(closeWrapUpButton).toBeInViewport({ ratio: 1 });
  await expectNothingSideways(sam.page, "Close wrap-up at 320");
  await expectNoViolations(sam.page, "Close wrap-up");
  const told = amy.page.getByRole("link", { name: /Sam Stone closed “Dana Dietz: / });
  await Promise.all([expect(told).toBeVisible(), closeWrapUpButton.press("Enter")]);
  await expect(main).toContainText("This workitem is closed.");
  await expect(closeWrapUpButton).toBeHidden();
  await expect(back).toBeFocused();
  await expect(sam.coaching.transcript.monitoringEnded("Sam Stone")).toHaveCount(1);

  await expect(amy.workspace.transcript.notice("Sam Stone closed the workitem.")).toBeVisible();
  await expect(amy.workspace.note.text).toHaveValue("She was friendly.");
  await expect(amy.workspace.note.text).toHaveAttribute("readonly");
  await expect(dana.page.locator("body")).not.toContainText(/Sam Stone|wrap-up|workitem/i);
  await ada.signIn();
  await ada.goto("/admin/audit?act=wrap_up_close");
  const row = ada.page.getByRole("row").filter({ hasText: "Closed an agent's wrap-up" }).filter({ hasText: workitem.id });
  await expect(row.first()).toContainText("Sam Stone");
  await ada.goto("/admin/audit?act=monitoring_end");
  const ended = ada.page.getByRole("row").filter({ hasText: workitem.id });
  await expect(ended.first()).toContainText("Reason: Workitem closed");
});

test("M22 a peek from the dashboard tells nobody, is recorded, and closes by Escape", async ({ ada, amy, sam, dana }) => {
  const workitem = await conversation(amy, dana);
  await sam.signIn();
  await sam.dashboard.agent(amy.name).row.focus();
  await sam.page.keyboard.press("Shift+F10");
  await sam.page.keyboard.press("End");
  await expect(sam.dashboard.menuItem("Peek at conversations")).toBeFocused();
  await sam.page.keyboard.press("Enter");
  const dialog = sam.page.getByRole("dialog", { name: "Conversations of Amy Adler" });
  const choice = dialog.getByRole("combobox", { name: "Workitem" });
  // A long one begins at its end.
  const long = (await amy.worklist()).find(({ subject }) => subject === "Extending table is stuck");
  await choice.selectOption(long?.id ?? "");
  await expect(dialog.getByRole("article").filter({ hasText: "Master of the Torch" })).toBeInViewport({ ratio: 1 });
  await expect(dialog.getByRole("article").first()).not.toBeInViewport();
  await choice.selectOption(workitem.id);
  await expect(dialog.getByRole("article").filter({ hasText: "Where is my parcel?" })).toBeVisible();
  await sam.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(sam.page).toHaveURL("/dashboard");
  await amy.answer("Let me look.");
  await expect(amy.workspace.transcript.monitoringStarted(sam.name)).toHaveCount(0);
  await ada.signIn();
  await ada.goto("/admin/audit?act=workitem_peek");
  const row = ada.page.getByRole("row").filter({ hasText: "Peeked at a conversation" }).filter({ hasText: workitem.id });
  await expect(row.first()).toContainText("Sam Stone");
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`E39 the box to the customer and the peek on a phone, in the ${colorScheme} theme, axe-core finds nothing`, async ({ amy, sam, dana }, info) => {
    await sam.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await monitored(amy, sam, dana);
    await sam.coaching.customerOpener.click();
    await sam.coaching.boxTo(dana.name).send("Sam here.");
    await expect(sam.coaching.transcript.supervisor("Sam here.")).toBeVisible();
    const picture = async (name: string) =>
      await info.attach(name, { body: await sam.page.screenshot({ path: info.outputPath(`${name}.png`) }), contentType: "image/png" });
    await expectNoViolations(sam.page, "the box to the customer");
    await picture("wide");
    await sam.page.setViewportSize({ width: 390, height: 844 });
    await expectNothingSideways(sam.page, "the box to the customer at 390");
    await picture("narrow");
    await sam.goto("/dashboard");
    await sam.dashboard.agent(amy.name).actions.click();
    await sam.dashboard.menuItem("Peek at conversations").click();
    await expect(sam.page.getByRole("dialog").getByRole("article").first()).toBeVisible();
    await expectNoViolations(sam.page, "the peek");
    await expectNothingSideways(sam.page, "the peek at 390");
    await picture("peek");
  });
}
