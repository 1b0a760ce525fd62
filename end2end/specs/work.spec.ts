// Work gets lost nowhere: it goes back to its team when its agent is gone, and a supervisor can hand it on.

import { conversation } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";
import { Organisation } from "../pages/organisation.ts";
import { Teams } from "../pages/teams.ts";

test("E11 E03 an administrator sets the capacity, and the second editor is told what changed", async ({ ada }) => {
  await ada.signIn();
  await ada.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Organisation" }).click();
  await expect(ada.page).toHaveURL("/admin/settings");
  const here = new Organisation(ada.page);
  const other = await ada.openWindow("/admin/settings");
  await here.setting("Chats at a time").fill("many");
  await here.saveButton.click();
  await expect(ada.page.getByText("Enter a whole number.")).toBeVisible();
  ada.expectProblem(/422/);
  await here.setting("Chats at a time").fill("1000");
  await here.saveButton.click();
  await expect(ada.page.getByText("Enter a number from 0 to 100; this is 1,000.")).toBeVisible();
  await here.change({ "Chats at a time": "4" });
  await ada.reload();
  await expect(here.setting("Chats at a time")).toHaveValue("4");

  ada.expectProblem(/409/);
  const there = new Organisation(other.page);
  await there.setting("Chats at a time").fill("6");
  await there.saveButton.click();
  await expect(other.page.getByRole("alert")).toContainText("Chats at a time: 4 chats (was 8 chats)");
  await other.page.getByRole("button", { name: "Show the present settings" }).click();
  await expect(there.setting("Chats at a time")).toHaveValue("4");
});

test("E11 an agent has numbers of their own, before the organisation's", async ({ ada, amy, dana }) => {
  await ada.signIn();
  await ada.goto("/admin/users");
  const edit = ada.users.row("Amy Adler").getByRole("button", { name: "Edit" });
  await edit.click();
  const capacity = ada.users.editor.getByRole("group", { name: "Capacity" });
  const usual = capacity.getByRole("checkbox", { name: "Use the organisation's numbers" });
  await expect(usual).toBeChecked();
  await expect(capacity.getByRole("textbox")).toHaveCount(0);
  await usual.uncheck();
  // The boxes begin with the organisation's numbers.
  await expect(capacity.getByRole("textbox", { name: "Email" })).toHaveValue("20");
  const chats = capacity.getByRole("textbox", { name: "Chat" });
  await chats.fill("few");
  await ada.users.saveButton.click();
  await expect(capacity.getByText("Enter a whole number.")).toBeVisible();
  await expect(chats).toBeFocused();
  ada.expectProblem(/422/);
  await chats.fill("101");
  await ada.users.saveButton.click();
  await expect(capacity.getByText("Enter a number from 0 to 100; this is 101.")).toBeVisible();
  await chats.fill("0");
  await ada.users.save();

  await amy.signIn();
  await dana.begin("Is anybody there?");
  await ada.reload();
  await edit.click();
  await expect(chats).toHaveValue("0");
  await ada.directory.write("Amy Adler", "Take a break.");
  await expect(amy.popUpFrom("Ada Almond").region).toContainText("Take a break.");
  await expect(amy.workspace.workitem("Dana Dietz")).toHaveCount(0);
  await usual.check();
  await ada.users.save();
  await expect(amy.workspace.workitem("Dana Dietz")).toBeVisible();
});

test("F20 E10 the work of an agent who closed the browser for good is marked and goes to a colleague", async ({
  ada,
  amy,
  ben,
  sam,
  dana,
}) => {
  await ada.signIn();
  await ada.goto("/admin/settings");
  await new Organisation(ada.page).change({ "Mark as lost after": "10", "Back to the queue after a further": "5" });
  await sam.signIn();
  await sam.dashboard.open();
  const chat = await conversation(amy, dana);
  await amy.context.close();
  await dana.write("Are you still there?");
  const lost = sam.dashboard.agent("Amy Adler").cell("Presence");
  await expect(lost).toContainText("No connection", { timeout: 30_000 });
  for (const width of [1280, 390]) {
    await sam.page.setViewportSize({ width, height: 800 });
    await expect(async () => {
      const [needs, has] = await lost.evaluate((cell) => [cell.scrollWidth, cell.clientWidth] as const);
      expect(needs, `the words fit at ${width} px`).toBeLessThanOrEqual(has);
    }).toPass();
  }
  await ben.signIn();
  await expect(ben.workspace.workitem("Dana Dietz")).toBeVisible({ timeout: 60_000 });
  await ben.goto(`/workspace/${chat.id}`);
  await expect(ben.workspace.transcript.log).toContainText("Amy Adler has had no connection for 15 seconds.");
  await ben.answer("Ben here, I have it now.");
  await expect(dana.chat.message("Ben here, I have it now.")).toBeVisible();
  await expect(dana.chat.content).not.toContainText("connection");
});

test("E10 what an agent left in wrap-up is closed when they closed the browser for good", async ({
  ada,
  amy,
  sam,
  dana,
}) => {
  await ada.signIn();
  await ada.goto("/admin/settings");
  await new Organisation(ada.page).change({ "Mark as lost after": "10", "Back to the queue after a further": "5" });
  const chat = await conversation(amy, dana);
  await amy.workspace.wrapUp();
  await sam.signIn();
  await sam.goto(`/coaching/${await amy.id()}/${chat.id}`);
  await expect(sam.coaching.main).toContainText("Wrap-up");
  await amy.context.close();
  await expect(sam.coaching.main).toContainText("This workitem is closed.", { timeout: 60_000 });
  const line = "Closed: Amy Adler has had no connection for 15 seconds.";
  await expect(sam.coaching.transcript.log).toContainText(line);
});

test("F22 E12 a transfer to somebody who is not there is asked for once more", async ({ amy, dana }) => {
  await conversation(amy, dana);
  amy.expectProblem(/422/);
  await amy.workspace.transferButton.click();
  const dialog = amy.page.getByRole("dialog", { name: "Transfer workitem" });
  await dialog.getByRole("radio", { name: "An agent" }).check();
  const choice = dialog.getByRole("combobox", { name: "Agent" });
  await choice.selectOption(await choice.getByRole("option", { name: "Ben Brooks" }).getAttribute("value"));
  await dialog.getByRole("button", { name: "Transfer", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("Ben Brooks is offline");
  await expect(amy.workspace.workitem("Dana Dietz")).toHaveCount(1);
  await dialog.getByRole("button", { name: "Transfer all the same" }).click();
  await expect(dialog).toBeHidden();
  await expect(amy.workspace.workitem("Dana Dietz")).toHaveCount(0);
});

test("E12 a team without agents is no target of a transfer", async ({ ada, amy, dana }) => {
  await ada.signIn();
  await ada.goto("/admin/teams");
  const teams = new Teams(ada.page);
  await teams.newButton.click();
  await teams.name.fill("Night");
  await teams.save();
  await conversation(amy, dana);
  await amy.workspace.transferButton.click();
  const dialog = amy.page.getByRole("dialog", { name: "Transfer workitem" });
  await dialog.getByRole("radio", { name: "A team" }).check();
  await expect(dialog.getByRole("combobox", { name: "Team" }).getByRole("option")).toContainText(["Care"]);
  await expect(dialog.getByRole("option", { name: "Night" })).toHaveCount(0);
});

test("F23 E13 who is taken out of a team leaves its open work to the team", async ({ ada, amy, ben, sam, sid, dana }) => {
  const chat = await conversation(amy, dana);
  await sam.signIn();
  await sid.signIn();
  await ada.signIn();
  await ada.goto("/admin/teams");
  for (const [team, member] of [["Care", false], ["Sales", true]] as const) {
    await ada.teams.edit(team);
    await ada.teams.agents.getByRole("checkbox", { name: "Amy Adler" }).setChecked(member);
    await ada.teams.save();
  }
  await expect(amy.workspace.workitem("Dana Dietz")).toHaveCount(0);
  const asked = { workitem: chat.id };
  expect((await sam.call("workitems/conversation_load", asked)).status()).toBe(200);
  expect((await sid.call("workitems/conversation_load", asked)).status()).toBe(404);
  await ben.signIn();
  await expect(ben.workspace.workitem("Dana Dietz")).toBeVisible();
});

test("F24 E14 a chat goes on when its channel is switched off, and newcomers are told", async ({
  ada,
  amy,
  dana,
  eli,
}) => {
  await conversation(amy, dana);
  await ada.signIn();
  const channel = amy.program.chatPage.split("/").at(-1);
  const key = `off-${Date.now()}`;
  expect((await ada.call("administration/channel_activate", { channel, active: false, key })).status()).toBe(200);
  await dana.write("Still here?");
  await expect(amy.workspace.transcript.customer("Still here?")).toBeVisible();
  await amy.answer("Of course.");
  await expect(dana.chat.message("Of course.")).toBeVisible();
  await dana.page.reload();
  await dana.write("Good.");
  await eli.openChat();
  await expect(eli.chat.status).toHaveText("Nobody takes messages here at the moment.");
  await expect(eli.chat.text).toHaveCount(0);
});

test("U15 a supervisor hands on an agent's work from the dashboard and from the Coaching Page", async ({
  amy,
  ben,
  sam,
  dana,
}) => {
  const chat = await conversation(amy, dana);
  await ben.signIn();
  await sam.signIn();
  await sam.goto(`/coaching/${await amy.id()}/${chat.id}`);
  // By the keyboard alone.
  await sam.page.getByRole("button", { name: "Reassign…" }).focus();
  await sam.page.keyboard.press("Enter");
  const dialog = sam.page.getByRole("dialog", { name: "Reassign work of Amy Adler" });
  const target = dialog.getByRole("combobox", { name: "Reassign to" });
  await target.selectOption(await target.getByRole("option", { name: "Ben Brooks" }).getAttribute("value"));
  await dialog.getByRole("button", { name: "Reassign", exact: true }).click();
  await expect(amy.page.getByText("Sam Stone reassigned").first()).toBeVisible();
  await expect(dialog).toBeHidden();
  await expect(ben.workspace.workitem("Dana Dietz")).toBeVisible();
  await expect(amy.workspace.workitem("Dana Dietz")).toHaveCount(0);

  await ben.header.presence.selectOption({ label: "Away" });
  await sam.goto("/dashboard");
  await sam.page.setViewportSize({ width: 320, height: 640 });
  await sam.page.getByRole("button", { name: "Reassign work of Ben Brooks" }).click();
  const second = sam.page.getByRole("dialog", { name: "Reassign work of Ben Brooks" });
  await second.getByRole("checkbox", { name: /^Dana Dietz/ }).check();
  await second.getByRole("button", { name: "Reassign", exact: true }).click();
  await expect(second).toBeHidden();
  // Amy is there and has room, so the queue gives it to her.
  await expect(amy.workspace.workitem("Dana Dietz")).toBeVisible();
  await expect(dana.chat.messages).toHaveCount(1);
});

test("U09 what an agent closed last is found again by clicking, and says what was said", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.answer("It arrives tomorrow.");
  await amy.workspace.wrapUp();
  await amy.workspace.close();
  await expect(amy.workspace.workitem("Dana Dietz")).toHaveCount(0);
  await amy.workspace.closedLine.click();
  await amy.workspace.workitem("Dana Dietz").click();
  await expect(amy.workspace.transcript.agent("It arrives tomorrow.")).toBeVisible();
  await expect(amy.workspace.open).toContainText("This workitem is closed.");
  // The list is there on every page of the workspace, and says when there is nothing.
  await amy.reload();
  await amy.workspace.closedLine.press("Enter");
  await expect(amy.workspace.workitem("Dana Dietz")).toBeVisible();
});

test("U09 an agent reopens what ended too early, and the customer reads that it goes on", async ({ amy, sam, dana }) => {
  const chat = await conversation(amy, dana);
  const ended = dana.chat.log.getByText("This conversation has ended.");
  const resumed = dana.chat.log.getByText("This conversation goes on.");
  await amy.answer("It arrives tomorrow.");
  await sam.signIn();
  await sam.goto(`/coaching/${await amy.id()}/${chat.id}`);
  await amy.workspace.wrapUp();
  await expect(ended).toBeVisible();
  await expect(dana.chat.text).toBeHidden();
  await expect(dana.chat.startAgain).toBeVisible();

  // By the keyboard alone; it goes on in the box.
  await amy.workspace.reopenButton.focus();
  await amy.page.keyboard.press("Enter");
  await expect(amy.workspace.composer.text).toBeFocused();
  await expect(amy.workspace.open).toContainText("Amy Adler reopened the conversation.");
  await expect(sam.page.getByText("Amy Adler reopened the conversation.")).toBeVisible();
  await expect(resumed).toBeVisible();
  await expect(dana.chat.startAgain).toBeHidden();
  await amy.answer("Or the day after.");
  await expect(dana.chat.message("Or the day after.")).toBeVisible();
  await dana.chat.send("Thank you");
  await expect(amy.workspace.transcript.customer("Thank you")).toBeVisible();
  await expect(dana.chat.messages).toHaveCount(4);

  // The next end is another one, and so is what begins after it.
  await amy.workspace.wrapUp();
  await expect(ended).toHaveCount(2);
  await dana.chat.startAgain.click();
  await dana.chat.send("It broke");
  await expect(amy.workspace.list.getByRole("link").filter({ hasText: "It broke" })).toBeVisible();
  amy.expectProblem(/409/);
  await amy.workspace.reopenButton.click();
  await expect(amy.page.getByText("The customer has begun another conversation since")).toBeVisible();
  await amy.workspace.close();
});

test("U09 what has gone on meanwhile is not lost to a customer who was about to begin again", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.workspace.wrapUp();
  await dana.chat.startAgain.click();
  await dana.chat.text.fill("It broke");
  await amy.workspace.reopenButton.click();
  await expect(dana.chat.log.getByText("This conversation goes on.")).toBeVisible();
  await expect(dana.chat.text).toHaveValue("It broke");
  await dana.chat.sendButton.click();
  await expect(amy.workspace.transcript.customer("It broke")).toBeVisible();
  await amy.answer("I see.");
  await expect(dana.chat.message("I see.")).toBeVisible();
});

test("U09 E41 what the customer ended is not reopened", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await dana.chat.end();
  await expect(amy.workspace.closeButton).toBeVisible();
  await expect(amy.workspace.reopenButton).toHaveCount(0);
});

test("E11 a supervisor sees what waits in a queue and gives it to an agent by hand", async ({ amy, sam, dana }) => {
  await amy.signIn();
  await amy.header.presence.selectOption({ label: "Busy" });
  await expect(amy.header.presence).toHaveValue("busy");
  await sam.signIn();
  await dana.begin("Is anybody there?");
  const queues = sam.page.getByRole("list", { name: "Queues" });
  const open = queues.getByRole("button", { name: "1 waiting" });
  await open.press("Enter");
  const queue = sam.page.getByRole("dialog", { name: "Queue of Care" });
  const waiting = queue.getByRole("list", { name: "Waiting workitems" }).getByRole("listitem");
  await expect(waiting).toHaveCount(1);
  await expect(waiting).toContainText("Dana Dietz");
  await sam.page.setViewportSize({ width: 320, height: 640 });
  await waiting.getByRole("button", { name: /^Assign Dana Dietz/ }).click();
  const dialog = sam.page.getByRole("dialog", { name: "Assign a queued workitem" });
  const target = dialog.getByRole("combobox", { name: "Assign to" });
  await target.selectOption(await target.getByRole("option", { name: "Amy Adler" }).getAttribute("value"));
  sam.expectProblem(/422/);
  await dialog.getByRole("button", { name: "Assign", exact: true }).click();
  // She is busy, so the host asks once whether that is meant.
  await dialog.getByRole("button", { name: "Assign all the same" }).click();
  await expect(sam.page.getByText(/^Assigned “/)).toBeVisible();
  await expect(amy.workspace.workitem("Dana Dietz")).toBeVisible();
  await expect(queue).toContainText("No one is waiting in this queue.");
  await sam.page.keyboard.press("Escape");
  await expect(queue).toBeHidden();
  await amy.openWorkitem("Dana Dietz");
  await expect(amy.workspace.transcript.notice("Sam Stone assigned this to Amy Adler.")).toBeVisible();
  await expect(queues).toContainText("No one waiting");
  await expect(dana.chat.messages).toHaveCount(1);
});

test("E11 a queue shows how long the first customer in it has waited, live", async ({ amy, sam, dana, eli }) => {
  await amy.signIn();
  await amy.header.presence.selectOption({ label: "Busy" });
  await expect(amy.header.presence).toHaveValue("busy");
  await sam.signIn();
  const queue = sam.page.getByRole("list", { name: "Queues" }).getByRole("listitem").filter({ hasText: "Care" });
  await expect(queue).toContainText("No one waiting");
  await expect(queue).not.toContainText("longest");
  /** When the wait that is shown began, in seconds. */
  const began = async () => {
    const [, waited] = /longest\s+(\d+)\ss/.exec((await queue.textContent()) ?? "") ?? [];
    return Date.now() / 1_000 - Number(waited);
  };
  await dana.begin("Is anybody there?");
  await expect(queue).toContainText("1 waiting");
  // Long enough to tell the first from the second.
  await expect(queue).toContainText(/longest\s+([6-9]|[1-5]\d)\ss/, { timeout: 20_000 });
  const first = await began();
  await eli.begin("Hello?");
  await expect(queue).toContainText("2 waiting");
  expect(Math.abs((await began()) - first), "it is still Dana's").toBeLessThan(3);
  await dana.chat.end();
  await expect(queue).toContainText("1 waiting");
  expect((await began()) - first, "it is Eli's now").toBeGreaterThan(3);
  await eli.chat.end();
  await expect(queue).toContainText("No one waiting");
  await expect(queue).not.toContainText("longest");
});

test("E11 a supervisor assigns what waits all at once, and ends several conversations of an agent", async ({
  amy,
  ben,
  sam,
  dana,
  eli,
}) => {
  await amy.signIn();
  await amy.header.presence.selectOption({ label: "Busy" });
  await ben.signIn();
  await ben.header.presence.selectOption({ label: "Away" });
  await sam.signIn();
  await dana.begin("Is anybody there?");
  await eli.begin("Hello?");
  await sam.page.getByRole("list", { name: "Queues" }).getByRole("button", { name: "2 waiting" }).click();
  const queue = sam.page.getByRole("dialog", { name: "Queue of Care" });
  await queue.getByRole("button", { name: "Assign several…" }).press("Enter");
  const assign = sam.page.getByRole("dialog", { name: "Assign queued workitems" });
  const submit = assign.getByRole("button", { name: "Assign", exact: true });
  // Nothing is chosen yet.
  await expect(submit).toBeDisabled();
  await assign.getByRole("checkbox", { name: "All of them" }).check();
  await assign.getByRole("checkbox", { name: /^Eli Evans/ }).uncheck();
  await expect(assign.getByRole("checkbox", { name: "All of them" })).not.toBeChecked();
  await assign.getByRole("checkbox", { name: "All of them" }).check();
  const target = assign.getByRole("combobox", { name: "Assign to" });
  // Nobody can take it at once, so nobody is proposed.
  await expect(target.locator("option:checked")).toHaveText("Choose an agent");
  await expect(submit).toBeDisabled();
  await expect(target.getByRole("option", { name: "Back to the team’s queue" })).toHaveCount(0);
  await target.selectOption(await target.getByRole("option", { name: "Amy Adler" }).getAttribute("value"));
  sam.expectProblem(/422/);
  await submit.click();
  // She is busy: the host asks once, for all of them.
  await assign.getByRole("button", { name: "Assign all the same" }).click();
  await expect(sam.page.getByText("Assigned 2 workitems")).toBeVisible();
  await expect(amy.workspace.workitem("Dana Dietz")).toBeVisible();
  await expect(amy.workspace.workitem("Eli Evans")).toBeVisible();
  await expect(queue).toContainText("No one is waiting in this queue.");
  await sam.page.keyboard.press("Escape");

  // Dana ends hers while Sam is choosing, so it cannot be ended once more; Eli's can.
  await sam.page.getByRole("button", { name: "Reassign work of Amy Adler" }).click();
  const work = sam.page.getByRole("dialog", { name: "Reassign work of Amy Adler" });
  await work.getByRole("checkbox", { name: /^Dana Dietz/ }).check();
  await work.getByRole("checkbox", { name: /^Eli Evans/ }).check();
  await dana.chat.end();
  await work.getByRole("button", { name: "End conversations…" }).click();
  await expect(work.getByRole("alert")).toHaveText("End 2 conversations? The customers see that they have ended.");
  await expect(eli.chat.text).toBeEditable();
  sam.expectProblem(/409/);
  await work.getByRole("button", { name: "End conversations", exact: true }).click();
  await expect(sam.page.getByText("Ended “Hello?”")).toBeVisible();
  await expect(work.getByRole("checkbox", { name: /^Eli Evans/ })).toHaveCount(0);
  await expect(work.getByRole("alert")).toContainText("ended");
  await expect(eli.chat.startAgain).toBeVisible();
  await sam.page.keyboard.press("Escape");
  await expect(work).toBeHidden();
});

test("E11 an administrator puts the queue of one team in front of others", async ({ ada }) => {
  await ada.signIn();
  await ada.teams.open();
  await ada.teams.edit("Care");
  await ada.teams.editor.getByRole("combobox", { name: "Queue priority" }).selectOption({ label: "High" });
  await ada.teams.save();
  await expect(ada.teams.team("Care")).toContainText("High priority");
  await ada.reload();
  await expect(ada.teams.team("Care")).toContainText("High priority");
});
