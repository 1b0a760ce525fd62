// M01 to M04: which work a supervisor sees, and who sees none of it.

import { expect, test } from "../fixtures/test.ts";
import { newKey, type Workitem } from "../fixtures/wire.ts";

const CHANNELS = { chat: "Chat", social: "Social", sms: "SMS", phone: "Phone", email: "Email" } as const;

test("M01 the dashboard shows what each agent of the supervisor is working on, by channel", async ({ amy, sam }) => {
  await amy.signIn();
  const worklist = await amy.worklist();
  await sam.signIn();
  const row = sam.dashboard.agent("Amy Adler");
  await expect(row.cell("Presence")).toContainText("Available");
  for (const [channel, label] of Object.entries(CHANNELS)) {
    const count = worklist.filter((item) => item.channel === channel).length;
    await expect(row.count(label, count)).toBeVisible();
  }
  await expect(sam.dashboard.agent("Ben Brooks").row).toBeVisible();
});

test("M01 the dashboard follows presence, new work and the longest wait without being reloaded", async ({
  amy,
  sam,
  dana,
}) => {
  await sam.signIn();
  const row = sam.dashboard.agent("Amy Adler");
  await expect(row.cell("Presence")).toContainText("Offline");
  await amy.signIn();
  await expect(row.cell("Presence")).toContainText("Available");
  await amy.header.presence.selectOption({ label: "Away" });
  await expect(row.cell("Presence")).toContainText("Away");
  await amy.header.presence.selectOption({ label: "Available" });
  await expect(row.cell("Presence")).toContainText("Available");

  const worklist = await amy.worklist();
  const chats = worklist.filter((item) => item.channel === "chat").length;
  await expect(row.count("Chat", chats)).toBeVisible();
  await dana.begin("Hello?");
  await expect(row.count("Chat", chats + 1)).toBeVisible();
  await expect(row.cell("Longest wait")).toHaveText(/\d+ (s|min)/);

  await amy.signOut();
  await expect(row.cell("Presence")).toContainText("Offline");
});

test("M01 the longest wait leads to the workitem that waits longest, and tells nobody", async ({ amy, sam }) => {
  await amy.signIn();
  const since = (item: Workitem) => item.waiting_since ?? Infinity;
  const [longest] = (await amy.worklist()).sort((one, other) => since(one) - since(other));
  await sam.signIn();
  await sam.dashboard.agent("Amy Adler").cell("Longest wait").getByRole("link").click();
  await expect(sam.modal.dialogOf("Amy Adler")).toBeVisible();
  await expect(sam.modal.row(longest?.subject ?? "")).toBeFocused();
  expect((await amy.worklist()).flatMap((item) => item.monitors)).toEqual([]);
  await sam.modal.editButton.click();
  await expect(sam.page).toHaveURL(`/coaching/${await amy.id()}/${longest?.id}`);
});

test("M01 U06 where agents are chosen by a channel, the longest wait is the longest on it", async ({ amy, sam }) => {
  await amy.signIn();
  const since = (item: Workitem) => item.waiting_since ?? Infinity;
  const waiting = (await amy.worklist()).sort((one, other) => since(one) - since(other));
  const [longest] = waiting;
  const other = waiting.find((item) => item.waiting_since && item.channel !== longest?.channel);
  if (!other) throw new Error("customers wait on two channels");
  await sam.signIn();
  await sam.goto(`/dashboard?channel=${other.channel}&sort=wait`);
  await sam.dashboard.agent("Amy Adler").cell("Longest wait").getByRole("link").click();
  await expect(sam.page).toHaveURL(`/coaching/${await amy.id()}?show=longest-wait&channel=${other.channel}`);
  await expect(sam.modal.row(other.subject)).toBeFocused();
});

test("M01 a raised hand stands in the agent's row until somebody answers it", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  const row = sam.dashboard.agent("Amy Adler");
  await expect(row.cell("Request")).toContainText("none");
  const [template] = (await amy.ask<{ templates: { title: string; text: string }[] }>(
    "assistance/assistance_options_load",
  )).templates;
  await amy.raiseHand({ to: "available" });
  await expect(row.cell("Request")).toContainText(template?.text ?? "a template of the demo data");
  await sam.popUpFrom("Amy Adler").reply("On my way.");
  await expect(row.cell("Request")).toContainText("none");
});

test("M02 a supervisor coaches in chat, social and SMS workitems", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  for (const channel of ["chat", "social", "sms"] as const) {
    const workitem = await amy.workitemOn(channel);
    await sam.monitor(amy, workitem);
    await expect(sam.coaching.main).toContainText(CHANNELS[channel]);
    await sam.coach(`A word in a ${channel} workitem`);
    await amy.goto(`/workspace/${workitem.id}`);
    await expect(amy.workspace.transcript.coaching(`A word in a ${channel} workitem`).article).toBeVisible();
  }
});

for (const channel of ["phone", "email"] as const) {
  test(`M03 ${channel} workitems can be looked at but not coached, and the page says why`, async ({ amy, sam }) => {
    await amy.signIn();
    const workitem = await amy.workitemOn(channel);
    await sam.signIn();
    await sam.dashboard.viewWorkitems("Amy Adler");
    const row = sam.modal.row(workitem.customer).filter({ hasText: CHANNELS[channel] });
    await expect(row).toContainText("view only");
    await row.dblclick();
    await sam.modal.editButton.click();
    await expect(sam.coaching.title(workitem.subject)).toBeVisible();
    await expect(sam.coaching.transcript.log).toBeVisible();
    await expect(sam.coaching.main).toContainText("Coaching isn't available for phone and email.");
    await expect(sam.page.getByRole("textbox", { name: "Message to agent" })).toHaveCount(0);

    const refusal = await sam.refused(
      "coaching/coaching_send",
      { workitem: workitem.id, key: newKey(), text: "Say sorry." },
      422,
    );
    expect(refusal).toBe("NotCoachable");
  });
}

test("M04 a supervisor of another team sees neither the agent nor the work", async ({ amy, sid }) => {
  await amy.signIn();
  const workitem = await amy.workitemOn("chat");
  await sid.signIn();
  await expect(sid.dashboard.agent("Cleo Costa").row).toBeVisible();
  await expect(sid.dashboard.agent("Amy Adler").row).toHaveCount(0);

  sid.expectProblem(/404/);
  for (const path of [`/coaching/${await amy.id()}`, `/coaching/${await amy.id()}/${workitem.id}`]) {
    const response = await sid.page.goto(path);
    expect(response?.status(), path).toBe(404);
    await expect(sid.notFound).toBeVisible();
    await expect(sid.page.getByRole("main")).not.toContainText(workitem.subject);
    await expect(sid.page.getByRole("main")).not.toContainText("Amy");
  }
});

test("M04 an agent has no dashboard and no way to a colleague's work", async ({ amy, ben }) => {
  await amy.signIn();
  const workitem = await amy.workitemOn("chat");
  await ben.signIn();
  await expect(ben.page.getByRole("link", { name: /dashboard/i })).toHaveCount(0);
  ben.expectProblem(/404/);
  const amysId = await amy.id();
  for (const path of [
    "/dashboard",
    `/coaching/${amysId}`,
    `/coaching/${amysId}/${workitem.id}`,
    "/admin/templates",
    "/admin/users",
    "/admin/teams",
  ]) {
    const response = await ben.page.goto(path);
    expect(response?.status(), path).toBe(404);
    await expect(ben.notFound).toBeVisible();
  }
  const response = await ben.page.goto(`/workspace/${workitem.id}`);
  expect(response?.status()).toBe(404);
  await expect(ben.workspace.notYours).toBeVisible();
});

test("M04 losing the permission ends what a supervisor was looking at", async ({ amy, sam, ada }) => {
  await amy.signIn();
  const workitem = await amy.workitemOn("chat");
  await sam.signIn();
  await sam.monitor(amy, workitem);
  await ada.signIn();
  sam.expectProblem(/401|404|WebSocket/);
  await ada.ask("administration/user_update", { user: await sam.id(), name: "Sam Stone", roles: ["agent"] });
  await amy.goto(`/workspace/${workitem.id}`);
  await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toBeVisible();
  await expect(sam.page.getByRole("button", { name: "Sign in" })).toBeVisible();
});
