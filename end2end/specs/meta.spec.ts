// Customers who write to a Facebook page: from its set-up to a message that did not arrive, and until when they can be answered;
// and those who write to a number on WhatsApp.

import messenger from "messaging-api-messenger";

import { ACCESS_TOKEN, APP_SECRET, Meta } from "../fixtures/meta.ts";
import type { Person } from "../fixtures/person.ts";
import { hasPywa, readByPywa, sendByPywa } from "../fixtures/pywa.ts";
import { expect, test as base } from "../fixtures/test.ts";
import { PUBLIC_URL } from "../fixtures/twilio.ts";

const PAGE = "104060501234567";
const DANA = "6543217890123456";
/** How staff see her: Messenger names nobody. */
const DANAS_NAME = "Messenger 3456";
const CHANNEL = { name: "Care on Messenger", page: PAGE, team: "Care", token: ACCESS_TOKEN, secret: APP_SECRET };
/** What Meta calls the contact centre's number on WhatsApp, and the number of a customer there. */
const NUMBER = "106540352242922";
const ERIN = "447700900142";
const ON_WHATSAPP = { name: "Care on WhatsApp", number: NUMBER, team: "Care", token: ACCESS_TOKEN, secret: APP_SECRET };
const HOUR = 3600;

const test = base.extend<{ meta: Meta }>({
  meta: async ({}, use) => {
    const meta = await Meta.start();
    await use(meta);
    await meta.stop();
  },
  environment: async ({ meta }, use) => await use({ SIDELINE_PUBLIC_URL: PUBLIC_URL, SIDELINE_META_URL: meta.url }),
});

/** Adds the page; answers its webhook address. */
async function addPage(ada: Person): Promise<string> {
  await ada.signIn();
  await ada.goto("/admin/channels");
  await ada.channels.newButton.click();
  await ada.channels.savePage(CHANNEL);
  return ada.channels.webhook(CHANNEL.name);
}

/** Adds the number on WhatsApp; answers its webhook address. */
async function addNumber(ada: Person): Promise<string> {
  await ada.signIn();
  await ada.goto("/admin/channels");
  await ada.channels.newButton.click();
  await ada.channels.saveWhatsApp(ON_WHATSAPP);
  return ada.channels.webhook(ON_WHATSAPP.name);
}

test("an administrator adds a page, verifies its webhook and tries it", async ({ ada, meta, program }) => {
  const webhook = await addPage(ada);
  expect(webhook).toMatch(/^https:\/\/desk\.example\.com\/channels\/meta\//);
  const card = ada.channels.channel(CHANNEL.name);
  const copied = () => ada.page.evaluate(() => navigator.clipboard.readText());
  await card.getByRole("button", { name: `Copy the webhook address of ${CHANNEL.name}` }).click();
  await expect.poll(copied).toBe(webhook);
  await card.getByRole("button", { name: `Copy the verify token of ${CHANNEL.name}` }).click();
  await expect.poll(copied).not.toBe(webhook);
  const token = await copied();
  const ask = async (word: string) => {
    const query = new URLSearchParams({ "hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": "1158201444" });
    const answer = await fetch(`${webhook.replace(PUBLIC_URL, program.url)}?${query}`);
    return [answer.status, await answer.text()];
  };
  expect(await ask(token)).toEqual([200, "1158201444"]);
  expect(await ask("another word")).toEqual([403, ""]);

  expect(await ada.channels.test(CHANNEL.name, DANA)).toContain("The provider took it");
  expect(meta.texts()).toEqual(["A test message from Sideline."]);
  meta.refuse({ status: 400, error: { code: 10, error_subcode: 2018278, message: "(#10) Outside of the allowed window." } });
  await card.getByRole("button", { name: "Send test message", exact: true }).click();
  await expect(card.getByRole("status")).toContainText("400 (#10) Outside of the allowed window. (10)");

  // The secrets are nowhere on the page, after a reload and in the panel either.
  await ada.reload();
  await card.getByRole("button", { name: "Edit" }).click();
  await expect(ada.channels.editor.getByLabel("Access token")).toHaveValue("");
  await expect(ada.channels.editor.getByLabel("App secret")).toHaveValue("");
  const html = await ada.page.content();
  expect(html).not.toContain(ACCESS_TOKEN);
  expect(html).not.toContain(APP_SECRET);
});

test("M20 M21 a customer writes, sam coaches, amy forwards, and Meta gets one ordinary message", async ({
  ada,
  amy,
  sam,
  meta,
  program,
}) => {
  const webhook = await addPage(ada);
  await amy.signIn();
  await meta.bring(program.url, webhook, { from: DANA, to: PAGE, text: "My lamp hums" });
  await amy.openWorkitem(DANAS_NAME);
  const { transcript } = amy.workspace;
  await expect(transcript.customer("My lamp hums")).toBeVisible();

  await sam.signIn();
  await sam.monitor(amy, await amy.workitemWith(DANAS_NAME));
  const offer = "I can send you a new lamp today.";
  await sam.coach(offer);
  await transcript.coaching(offer).forward();
  const said = transcript.agent(offer);
  await expect(said).toContainText("Sent");
  const [asked, ...more] = meta.taken;
  expect(more).toEqual([]);
  expect(asked.path).toBe(`/v25.0/${PAGE}/messages`);
  expect(asked.query).toEqual({});
  expect(asked.body).toMatchObject({ recipient: { id: DANA }, messaging_type: "RESPONSE", message: { text: offer } });

  // What the vendor's library asks for, when it is told to say the same.
  const library = new messenger.MessengerClient({
    accessToken: ACCESS_TOKEN,
    appSecret: APP_SECRET,
    origin: meta.url,
    version: "25.0",
  });
  await library.sendMessage(DANA, { text: offer }, { messagingType: "RESPONSE" });
  const theirs = meta.taken[1];
  expect({ ...asked.body, ...asked.query }).toEqual({ ...theirs.body, ...theirs.query });

  await meta.read(program.url, webhook, { from: DANA, to: PAGE });
  await expect(said).toContainText("Read");
  await expect(sam.coaching.transcript.agent(offer)).toContainText("Read");
});

test("a message that did not arrive says why and is sent again by a click", async ({ ada, amy, meta, program }) => {
  const webhook = await addPage(ada);
  await amy.signIn();
  await meta.bring(program.url, webhook, { from: DANA, to: PAGE, text: "My lamp hums" });
  await amy.openWorkitem(DANAS_NAME);
  meta.refuse({ status: 400, error: { code: 551, message: "This person isn't available right now." } });
  await amy.answer("Are you there?");
  const lost = amy.workspace.transcript.agent("Are you there?");
  await expect(lost).toContainText("Not delivered: the provider refused it (551)");
  await lost.getByRole("button", { name: "Retry" }).click();
  await expect(lost).toContainText("Sent");
  expect(meta.texts()).toEqual(["Are you there?"]);

  // The composer knows how long a message on Messenger may be.
  await amy.workspace.composer.text.fill("x".repeat(2001));
  await expect(amy.workspace.composer.problem).toContainText("2,001 of 2,000 characters");
});

test("the agent sees how long the customer can be answered, and why no longer", async ({ ada, amy, meta, program }) => {
  const webhook = await addPage(ada);
  await amy.signIn();
  // Meta brings it late: most of the day is over.
  await meta.bring(program.url, webhook, { from: DANA, to: PAGE, text: "My lamp hums", ago: 24 * HOUR - 50 });
  await amy.openWorkitem(DANAS_NAME);
  const { answerWindow, composer, open, transcript } = amy.workspace;
  await expect(answerWindow).toContainText(/· \d+ s left$/);
  const first = (await answerWindow.textContent()) ?? "";
  await expect(answerWindow).not.toHaveText(first);
  await amy.answer("I look into it");

  // As soon as she writes again, the 24 hours begin again.
  await meta.bring(program.url, webhook, { from: DANA, to: PAGE, text: "Thank you", ago: HOUR });
  await expect(transcript.customer("Thank you")).toBeVisible();
  await expect(answerWindow).toContainText("22 h 59 min left");

  // Another one, whose message comes more than a day late.
  await meta.bring(program.url, webhook, { from: "1000000000000001", to: PAGE, text: "Hello?", ago: 25 * HOUR });
  await amy.openWorkitem("Messenger 0001");
  await expect(open.getByText("It is too long since the customer wrote")).toBeVisible();
  await expect(answerWindow).toBeHidden();
  await expect(composer.text).toBeHidden();
  await meta.bring(program.url, webhook, { from: "1000000000000001", to: PAGE, text: "Anybody?" });
  await expect(composer.text).toBeVisible();
  await amy.answer("Here I am");
  await expect(transcript.agent("Here I am")).toContainText("Sent");
});

test("M20 M21 a customer on WhatsApp writes, sam coaches, amy forwards, and Meta gets one ordinary message", async ({
  ada,
  amy,
  sam,
  meta,
  program,
}) => {
  const webhook = await addNumber(ada);
  await amy.signIn();
  await meta.bringOnWhatsApp(program.url, webhook, { from: ERIN, to: NUMBER, name: "Erin Quinn", text: "My lamp hums" });
  await amy.openWorkitem("Erin Quinn");
  const { transcript } = amy.workspace;
  await expect(transcript.customer("My lamp hums")).toBeVisible();
  const way = `Social · WhatsApp · +${ERIN}`;
  await expect(amy.workspace.open.getByText(way)).toBeVisible();

  await sam.signIn();
  await sam.monitor(amy, await amy.workitemWith("Erin Quinn"));
  await expect(sam.page.getByText(way)).toBeVisible();
  const offer = "I can send you a new lamp today.";
  await sam.coach(offer);
  await transcript.coaching(offer).forward();
  const said = transcript.agent(offer);
  await expect(said).toContainText("Sent");
  const [asked, ...more] = meta.taken;
  expect(more).toEqual([]);
  expect(asked.path).toBe(`/v25.0/${NUMBER}/messages`);
  const { biz_opaque_callback_data: reference, ...message } = asked.body;
  expect(reference).toEqual(expect.stringMatching(/^[0-9a-f]+\.1$/));
  const text = { body: offer };
  expect(message).toEqual({ messaging_product: "whatsapp", recipient_type: "individual", to: ERIN, type: "text", text });

  for (const [status, shown] of [["delivered", "Delivered"], ["read", "Read"]] as const) {
    await meta.reportOnWhatsApp(program.url, webhook, { from: ERIN, to: NUMBER, taken: asked, status });
    await expect(said).toContainText(shown);
    await expect(sam.coaching.transcript.agent(offer)).toContainText(shown);
  }
});

test("others' library for WhatsApp asks for the same, and reads what its stand-in brings", async ({
  ada,
  amy,
  meta,
  program,
}) => {
  test.skip(!hasPywa, "there is no pywa here");
  const webhook = await addNumber(ada);
  await amy.signIn();
  await meta.bringOnWhatsApp(program.url, webhook, { from: ERIN, to: NUMBER, name: "Erin Quinn", text: "My lamp hums" });
  await amy.openWorkitem("Erin Quinn");
  await amy.answer("Which lamp is it?");
  const said = amy.workspace.transcript.agent("Which lamp is it?");
  await expect(said).toContainText("Sent");
  const asked = meta.taken[0];
  await meta.reportOnWhatsApp(program.url, webhook, { from: ERIN, to: NUMBER, taken: asked, status: "delivered" });
  await expect(said).toContainText("Delivered");

  const account = { phone_id: NUMBER, token: ACCESS_TOKEN, secret: APP_SECRET };
  const reference = asked.body.biz_opaque_callback_data;
  await sendByPywa(account, { origin: meta.url, version: "25.0", to: ERIN, text: "Which lamp is it?", reference });
  const theirs = meta.taken[1];
  expect(asked.path).toBe(theirs.path);
  // Theirs says as well that a link shall have no preview, which is so anyway.
  const text = { ...(asked.body.text as object), preview_url: false };
  expect({ ...asked.body, text }).toEqual(theirs.body);

  expect(await readByPywa(account, meta.brought)).toEqual([
    { message: "My lamp hums", from: ERIN, name: "Erin Quinn" },
    { status: "delivered", from: ERIN, tracker: reference },
  ]);
  const forged = { ...meta.brought[0], signature: `sha256=${"0".repeat(64)}` };
  expect(await readByPywa(account, [forged])).toEqual(["refused"]);
});
