// Customers who write by text message: a number of Twilio's, from its set-up to a message that did not arrive.

import { Channels } from "../pages/channels.ts";
import type { Person } from "../fixtures/person.ts";
import { expect, test as base } from "../fixtures/test.ts";
import { ACCOUNT, PUBLIC_URL, TOKEN, Twilio } from "../fixtures/twilio.ts";

const OURS = "+15550006789";
const DANAS = "+15551230000";

const test = base.extend<{ twilio: Twilio }>({
  twilio: async ({}, use) => {
    const twilio = await Twilio.start();
    await use(twilio);
    await twilio.stop();
  },
  environment: async ({ twilio }, use) => await use({ SIDELINE_PUBLIC_URL: PUBLIC_URL, SIDELINE_TWILIO_URL: twilio.url }),
});

const NUMBER = { name: "Care by text", number: OURS, team: "Care", account: ACCOUNT, token: TOKEN };

/** Adds the number; answers its webhook address. */
async function addNumber(ada: Person): Promise<string> {
  await ada.signIn();
  await ada.goto("/admin/channels");
  await ada.channels.newButton.click();
  await ada.channels.save(NUMBER);
  return ada.channels.webhook(NUMBER.name);
}

test("an administrator sets a number up, tries it and finds its webhook", async ({ ada, twilio }) => {
  await ada.signIn();
  await ada.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Channels" }).click();
  await expect(ada.page).toHaveURL("/admin/channels");
  await expect(ada.page.getByText("No channels of a provider yet")).toBeVisible();
  // The ways in that no provider carries stand there too.
  const { chats } = ada.channels;
  await expect(chats.getByRole("link", { name: "Care" })).toHaveAttribute("href", /^\/admin\/chat\//);
  const calls = ada.page.getByRole("region", { name: "Phone and email" });
  await expect(calls.getByRole("link", { name: "API tokens" })).toHaveAttribute("href", "/admin/tokens");
  await ada.channels.newButton.click();
  await ada.channels.save(NUMBER);
  expect(await ada.channels.webhook("Care by text")).toMatch(/^https:\/\/desk\.example\.com\/channels\/twilio\//);
  await expect(ada.channels.channel("Care by text").getByText("None yet")).toBeVisible();

  expect(await ada.channels.test("Care by text", DANAS)).toContain("The provider took it");
  expect(twilio.taken[0]).toMatchObject({ From: OURS, To: DANAS, Body: "A test message from Sideline." });
  twilio.refuse({ status: 400, body: { code: 21608, message: "The number is unverified." } });
  const card = ada.channels.channel("Care by text");
  await card.getByRole("button", { name: "Send test message", exact: true }).click();
  await expect(card.getByRole("status")).toContainText("400 The number is unverified. (21608)");

  // The secret is nowhere on the page, after a reload and in the panel either.
  await ada.reload();
  await card.getByRole("button", { name: "Edit" }).click();
  await expect(ada.channels.editor.getByLabel("Auth token")).toHaveValue("");
  expect(await ada.page.content()).not.toContain(TOKEN);
});

test("the page of channels says when a customer last wrote on a chat page", async ({ ada, dana }) => {
  await ada.signIn();
  await ada.goto("/admin/channels");
  const care = ada.channels.chats.getByRole("listitem").filter({ has: ada.page.getByRole("link", { name: "Care" }) });
  await expect(care).toBeVisible();
  await expect(care).not.toContainText("Last customer message");
  await dana.begin("My lamp hums");
  await ada.reload();
  await expect(care.getByText("Last customer message:").locator("time")).toHaveAttribute("datetime", /^20/);
});

test("an administrator switches a chat page off and on where the channels are, and finds where one is added", async ({
  ada,
  dana,
}) => {
  await ada.signIn();
  await ada.goto("/admin/channels");
  const takes = ada.channels.chatSwitch("Larkfield Care");
  await expect(takes).toBeChecked();
  await takes.uncheck();
  await expect(ada.channels.said).toHaveText("Larkfield Care is off.");
  await dana.openChat();
  await expect(dana.chat.status).toHaveText("Nobody takes messages here at the moment.");
  await expect(dana.chat.text).toHaveCount(0);

  await ada.reload();
  await expect(takes).not.toBeChecked();
  await takes.check();
  await expect(ada.channels.said).toHaveText("Larkfield Care is on.");
  await dana.begin("Are you open again?");

  await ada.channels.newChat.click();
  await expect(ada.page).toHaveURL("/admin/teams");
  await ada.teams.addChannel("Care", "Shop");
});

test("a number that cannot be one is refused at its field", async ({ ada }) => {
  ada.expectProblem(/422/);
  await ada.signIn();
  await ada.goto("/admin/channels");
  await ada.channels.newButton.click();
  const { editor } = ada.channels;
  await editor.getByRole("textbox", { name: "Name", exact: true }).fill("Care by text");
  await editor.getByRole("textbox", { name: "Number" }).fill("call us");
  await editor.getByRole("button", { name: "Save" }).click();
  await expect(editor.getByRole("textbox", { name: "Number" })).toHaveAttribute("aria-invalid", "true");
  const save = async (number: string) => {
    await editor.getByRole("textbox", { name: "Number" }).fill(number);
    await editor.getByRole("button", { name: "Save" }).click();
  };
  await editor.getByRole("textbox", { name: "Account SID" }).fill("AC1");
  await editor.getByLabel("Auth token").fill(TOKEN);
  await save("02079460018");
  await expect(editor.getByText(/beginning with \+ and the country code, or a short code of up to 8 digits\.$/)).toBeVisible();
  await save("+442079460018");
  await expect(editor.getByText("Enter AC and the 32 digits and letters from a to f behind it.")).toBeVisible();
  await editor.getByRole("textbox", { name: "Account SID" }).fill(ACCOUNT);
  await editor.getByRole("combobox", { name: "Kind" }).selectOption("Twilio: WhatsApp");
  await save("12345");
  await expect(editor.getByText(/beginning with \+ and the country code\.$/)).toBeVisible();
  await save("+442079460018");
  await expect(editor).toBeHidden();
  await ada.channels.newButton.click();
  await editor.getByRole("textbox", { name: "Name", exact: true }).fill("The same once more");
  await editor.getByRole("textbox", { name: "Account SID" }).fill(ACCOUNT);
  await editor.getByLabel("Auth token").fill(TOKEN);
  await editor.getByRole("combobox", { name: "Kind" }).selectOption("Twilio: WhatsApp");
  await save("+442079460018");
  await expect(editor.getByText("Another channel has this number.")).toBeVisible();
});

test("what Twilio's library signs is taken, whatever it says, and nothing that another token signed", async ({ ada, amy, program, twilio }) => {
  const webhook = await addNumber(ada);
  const message = {
    MessageSid: "SM00000000000000000000000000000777",
    AccountSid: ACCOUNT,
    From: DANAS,
    To: OURS,
    // What has to be escaped in a form, and signs outside of ASCII.
    Body: "100 % & more = äöü 🙂 + \n\"quoted\"",
    NumMedia: "0",
    // What came in since this was written is signed as well.
    SomethingNew: "",
    "a b": "c+d",
  };
  expect(await twilio.tryToCall(program.url, webhook, message, "another-token")).toBe(403);
  const moved = webhook.replace(/twilio\/[^/]+$/, "twilio/nobody");
  expect(await twilio.tryToCall(program.url, moved, message, TOKEN)).toBe(404);
  expect(await twilio.tryToCall(program.url, webhook, message, TOKEN)).toBe(200);
  await amy.signIn();
  await amy.openWorkitem(DANAS);
  await expect(amy.workspace.transcript.customer("100 % & more = äöü 🙂 +")).toBeVisible();
});

test("a customer texts, the agent answers, and both staff see how far it came", async ({ ada, amy, sam, program, twilio }) => {
  const webhook = await addNumber(ada);
  await amy.signIn();
  await twilio.bring(program.url, webhook, { from: DANAS, to: OURS, body: "My lamp hums" });
  await amy.openWorkitem(DANAS);
  const { transcript, composer } = amy.workspace;
  await expect(transcript.customer("My lamp hums")).toBeVisible();

  await composer.text.fill("Which lamp is it?");
  await expect(amy.workspace.open.getByText("1 segment (GSM-7)")).toBeVisible();
  await composer.text.fill("Which lamp is it? 🙂");
  await expect(amy.workspace.open.getByText("1 segment (UCS-2)")).toBeVisible();
  await amy.answer("Which lamp is it?");
  const said = transcript.agent("Which lamp is it?");
  await expect(said).toContainText("Sent");
  expect(twilio.taken[0]).toMatchObject({ From: OURS, To: DANAS, Body: "Which lamp is it?" });

  await sam.signIn();
  const workitem = new URL(amy.page.url()).pathname.split("/").pop();
  await sam.goto(`/coaching/amy/${workitem}`);
  const seen = sam.coaching.transcript.agent("Which lamp is it?");
  await expect(seen).toContainText("Sent");
  await twilio.report(program.url, 0, "delivered");
  await expect(said).toContainText("Delivered");
  await expect(seen).toContainText("Delivered");
  await twilio.report(program.url, 0, "read");
  await expect(said).toContainText("Read");

  // One that does not arrive says why, and is sent again by a click.
  twilio.refuse({ status: 400, body: { code: 21211, message: "No." } });
  await amy.answer("Are you there?");
  const lost = transcript.agent("Are you there?");
  await expect(lost).toContainText("Not delivered: the provider refused it (21211)");
  await expect(sam.coaching.transcript.agent("Are you there?")).toContainText("Not delivered");
  await expect(sam.coaching.transcript.agent("Are you there?").getByRole("button")).toHaveCount(0);
  await lost.getByRole("button", { name: "Retry" }).click();
  await expect(lost).toContainText("Sent");
  expect(twilio.taken.map((message) => message.Body)).toEqual(["Which lamp is it?", "Are you there?"]);

  // After STOP the box is shut and says why, until START opens it again.
  await twilio.bring(program.url, webhook, { from: DANAS, to: OURS, body: "STOP" });
  await expect(transcript.notice("said STOP")).toBeVisible();
  await expect(amy.workspace.open.getByText("The customer has said STOP and gets no messages")).toBeVisible();
  await expect(composer.text).toBeHidden();
  await twilio.bring(program.url, webhook, { from: DANAS, to: OURS, body: "START" });
  await expect(composer.text).toBeVisible();
  await amy.answer("Welcome back");
  await expect(transcript.agent("Welcome back")).toContainText("Sent");
  expect(twilio.taken).toHaveLength(3);
});

test("a number is deleted once no conversation on it is open, and can be set up again", async ({ ada, amy, program, twilio }) => {
  const webhook = await addNumber(ada);
  await amy.signIn();
  await twilio.bring(program.url, webhook, { from: DANAS, to: OURS, body: "My lamp hums" });
  await amy.openWorkitem(DANAS);
  await amy.answer("Which lamp is it?");
  await expect(amy.workspace.transcript.agent("Which lamp is it?")).toContainText("Sent");

  const card = ada.channels.channel(NUMBER.name);
  const question = ada.channels.deletion(NUMBER.name);
  const ask = async () => {
    await ada.channels.editor.getByRole("button", { name: "Delete" }).click();
    await expect(question).toBeVisible();
  };
  await card.getByRole("button", { name: "Edit" }).click();
  await ask();
  await expect(question).toContainText("not deleted while a conversation on it is open");
  await expect(question.getByRole("button", { name: "Delete" })).toHaveCount(0);
  await question.getByRole("button", { name: "Close" }).click();

  await amy.workspace.wrapUp();
  await amy.workspace.close();
  await ask();
  await expect(question).toContainText(`What customers write to ${OURS} is not taken any more`);
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(card).toBeVisible();
  await ask();
  await question.getByRole("button", { name: "Delete" }).click();
  await expect(ada.page.getByText("Deleted Care by text.")).toBeVisible();
  await expect(card).toHaveCount(0);
  await expect(ada.page.getByText("No channels of a provider yet")).toBeVisible();
  const late = { MessageSid: "SM00000000000000000000000000000778", AccountSid: ACCOUNT, From: DANAS, To: OURS, Body: "Hello?" };
  expect(await twilio.tryToCall(program.url, webhook, late, TOKEN)).toBe(404);

  await ada.channels.newButton.click();
  await ada.channels.save(NUMBER);
  await expect(card).toBeVisible();
  expect(await ada.channels.webhook(NUMBER.name)).not.toBe(webhook);
});

test("a message that fails while the agent is elsewhere is marked in both lists, until it is sent again or a later one arrives", async ({
  ada,
  amy,
  sam,
  program,
  twilio,
}) => {
  const webhook = await addNumber(ada);
  await amy.signIn();
  await twilio.bring(program.url, webhook, { from: DANAS, to: OURS, body: "My lamp hums" });
  await amy.openWorkitem(DANAS);
  const { transcript } = amy.workspace;
  await amy.answer("Which lamp is it?");
  await expect(transcript.agent("Which lamp is it?")).toContainText("Sent");
  await amy.goto("/workspace");
  const listed = amy.workspace.workitem(DANAS);
  await expect(listed).toContainText("Which lamp is it?");
  await expect(listed).not.toContainText("Not delivered");
  await sam.signIn();
  await sam.goto("/coaching/amy");
  await expect(sam.modal.row(DANAS)).toBeVisible();

  await twilio.report(program.url, 0, "undelivered", { ErrorCode: "30003" });
  await expect(listed).toContainText("Not delivered");
  await expect(sam.modal.changes).toContainText("waiting");
  await expect(sam.modal.row(DANAS)).not.toContainText("Not delivered");
  await sam.modal.refreshButton.click();
  await expect(sam.modal.row(DANAS)).toContainText("Not delivered");

  await amy.openWorkitem(DANAS);
  await transcript.agent("Which lamp is it?").getByRole("button", { name: "Retry: Which lamp is it?" }).click();
  await expect(transcript.agent("Which lamp is it?")).toContainText("Sent");
  await expect(listed).not.toContainText("Not delivered");
  await twilio.report(program.url, 1, "undelivered", { ErrorCode: "30003" });
  await expect(listed).toContainText("Not delivered");
  await amy.answer("Are you there?");
  await expect(transcript.agent("Are you there?")).toContainText("Sent");
  await expect(listed).toContainText("Not delivered");
  await twilio.report(program.url, 2, "delivered");
  await expect(listed).not.toContainText("Not delivered");
});

test("a number that is switched off begins nothing, goes on with what is under way, and begins again when it is on", async ({
  ada,
  amy,
  program,
  twilio,
}) => {
  const webhook = await addNumber(ada);
  const card = ada.channels.channel(NUMBER.name);
  const begins = card.getByRole("switch", { name: "Care by text begins conversations" });
  await expect(begins).toBeChecked();
  await amy.signIn();
  await twilio.bring(program.url, webhook, { from: DANAS, to: OURS, body: "My lamp hums" });
  await amy.openWorkitem(DANAS);
  const { transcript } = amy.workspace;
  await expect(transcript.customer("My lamp hums")).toBeVisible();

  /** Switches it; what others see, and the page after a reload. */
  const switchTo = async (state: "On" | "Off") => {
    const stored = ada.page.waitForResponse("**/channel_activate");
    await begins.click();
    expect((await stored).ok()).toBe(true);
    await ada.reload();
    await expect(card.getByText(state, { exact: true })).toBeVisible();
  };
  await switchTo("Off");

  // Somebody new is answered as always, so that Twilio keeps calling, and nothing begins. The operator reads why.
  const elis = "+15551230009";
  const message = { AccountSid: ACCOUNT, From: elis, To: OURS, NumMedia: "0" };
  const lost = { ...message, MessageSid: "SM00000000000000000000000000000771", Body: "Are you open?" };
  expect(await twilio.tryToCall(program.url, webhook, lost, TOKEN)).toBe(200);
  await expect
    .poll(() => program.log.filter((line) => line.includes("a message went nowhere, because the channel is switched off")))
    .toHaveLength(1);
  expect(program.log.join("\n")).not.toMatch(/Are you open|15551230009/);

  // Dana's conversation goes on, in both directions.
  await twilio.bring(program.url, webhook, { from: DANAS, to: OURS, body: "It still hums" });
  await expect(transcript.customer("It still hums")).toBeVisible();
  await amy.answer("Which lamp is it?");
  await expect(transcript.agent("Which lamp is it?")).toContainText("Sent");
  expect(twilio.taken.map((sent) => sent.To)).toEqual([DANAS]);
  await expect(amy.workspace.workitem(elis)).toHaveCount(0);

  await switchTo("On");
  const heard = { ...message, MessageSid: "SM00000000000000000000000000000772", Body: "Are you open now?" };
  expect(await twilio.tryToCall(program.url, webhook, heard, TOKEN)).toBe(200);
  await amy.openWorkitem(elis);
  await expect(transcript.customer("Are you open now?")).toBeVisible();
  // What came while it was off is not brought again by anybody.
  await expect(transcript.customer("Are you open?")).toHaveCount(0);
  await amy.answer("Yes, until six.");
  await expect(transcript.agent("Yes, until six.")).toContainText("Sent");
});

test("E03 of a number that two windows change both are kept, and what both changed is named", async ({ ada }) => {
  ada.expectProblem(/409/);
  await addNumber(ada);
  const first = ada.channels;
  const second = new Channels((await ada.openWindow("/admin/channels")).page);
  const field = (channels: Channels, name: string) => channels.editor.getByRole("textbox", { name, exact: true });
  const team = (channels: Channels) => channels.editor.getByRole("combobox", { name: "Team" });
  for (const channels of [first, second]) {
    await channels.channel(NUMBER.name).getByRole("button", { name: "Edit" }).click();
  }
  await field(first, "Number").fill("+15550006780");
  await team(first).selectOption("Sales");
  await first.editor.getByRole("button", { name: "Save" }).click();
  await expect(first.editor).toBeHidden();

  await field(second, "Name").fill("Care by SMS");
  await field(second, "Number").fill("+15550006781");
  await second.editor.getByRole("button", { name: "Save" }).click();
  const told = second.editor.getByRole("alert");
  await expect(told).toContainText("Number: now “+15550006780”. Team: now “Sales”.");
  await expect(told).not.toContainText("Name: now");
  await expect(field(second, "Name")).toHaveValue("Care by SMS");
  await expect(field(second, "Number")).toHaveValue("+15550006781");
  await expect(team(second).getByRole("option", { selected: true })).toHaveText("Sales");
  await second.editor.getByRole("button", { name: "Keep mine" }).click();
  await expect(second.editor).toBeHidden();
  await expect(second.channel("Care by SMS")).toContainText("+15550006781");
  await expect(second.channel("Care by SMS")).toContainText("Sales");
});

test("a number that was switched off can be edited at once", async ({ ada }) => {
  await addNumber(ada);
  await ada.channels.channel(NUMBER.name).getByRole("switch").uncheck();
  await expect(ada.channels.said).toHaveText("Care by text is off.");
  await ada.channels.channel(NUMBER.name).getByRole("button", { name: "Edit" }).click();
  const { editor } = ada.channels;
  await editor.getByRole("textbox", { name: "Name", exact: true }).fill("Care by SMS");
  await editor.getByRole("button", { name: "Save" }).click();
  await expect(editor).toBeHidden();
  await expect(ada.channels.channel("Care by SMS").getByRole("switch")).not.toBeChecked();
});

test("M02 M20 M21 a customer texts, sam coaches, amy forwards, and Twilio gets one ordinary SMS more", async ({
  ada,
  amy,
  sam,
  program,
  twilio,
}) => {
  const webhook = await addNumber(ada);
  await amy.signIn();
  await twilio.bring(program.url, webhook, { from: DANAS, to: OURS, body: "My lamp hums" });
  await amy.openWorkitem(DANAS);
  const { transcript } = amy.workspace;
  await expect(transcript.customer("My lamp hums")).toBeVisible();
  await amy.answer("Which lamp is it?");
  await expect(transcript.agent("Which lamp is it?")).toContainText("Sent");

  await sam.signIn();
  await sam.monitor(amy, await amy.workitemWith(DANAS));
  const offer = "I can send you a new lamp today.";
  await sam.coach(offer);
  await transcript.coaching(offer).forward();
  const said = transcript.agent(offer);
  await expect(said).toContainText("Sent");
  await expect(sam.coaching.transcript.coaching(offer).article).toContainText(/forwarded/i);

  // Messages to one customer keep their order: whatever else went out would stand in front of the last one.
  await amy.answer("Is that all right?");
  await expect(transcript.agent("Is that all right?")).toContainText("Sent");
  expect(twilio.taken.map((message) => message.Body)).toEqual(["Which lamp is it?", offer, "Is that all right?"]);
  for (const [place, { sid, StatusCallback, ...form }] of twilio.taken.entries()) {
    expect(form, sid).toEqual({ From: OURS, To: DANAS, Body: form.Body });
    const report = new URL(StatusCallback);
    expect(report.origin + report.pathname).toBe(`${webhook}/status`);
    expect([...report.searchParams.keys()]).toEqual(["message"]);
    // Which of the messages to this customer it is: coaching does not count.
    expect(report.searchParams.get("message")).toMatch(new RegExp(`^[0-9a-f]+\\.${place + 1}$`));
    expect(JSON.stringify([form, StatusCallback])).not.toMatch(/coach|forward|monitor|supervis|Sam Stone/i);
  }

  await twilio.report(program.url, 1, "delivered");
  await expect(said).toContainText("Delivered");
  await expect(sam.coaching.transcript.agent(offer)).toContainText("Delivered");
});
