// What Sideline asks Twilio for, checked by others: by Prism against Twilio's own OpenAPI description, and by Twilio's library for
// Python, which asks for the same and signs what Sideline is told.

import { DescribedTwilio, hasPrism } from "../fixtures/prism.ts";
import type { Person } from "../fixtures/person.ts";
import { expect, test as base } from "../fixtures/test.ts";
import { ACCOUNT, PUBLIC_URL, TOKEN, Twilio } from "../fixtures/twilio.ts";
import { askByTwiliosPython, hasTwiliosPython, signByTwiliosPython } from "../fixtures/twilio-python.ts";

const OURS = "+15550006789";
const DANAS = "+15551230000";
const BY_TEXT = { name: "Care by text", number: OURS, team: "Care", account: ACCOUNT, token: TOKEN };
const ON_WHATSAPP = { ...BY_TEXT, kind: "Twilio: WhatsApp", name: "Care on WhatsApp", number: "+15550006790" };

/** Where Sideline asks: at a stand-in, or at Prism. */
const test = base.extend<{ at: { url: string }; twilio: Twilio; described: DescribedTwilio }>({
  twilio: async ({}, use) => {
    const twilio = await Twilio.start();
    await use(twilio);
    await twilio.stop();
  },
  described: async ({}, use) => {
    const described = await DescribedTwilio.start();
    await use(described);
    await described.stop();
  },
  at: async ({ described }, use) => await use(described),
  environment: async ({ at }, use) => await use({ SIDELINE_PUBLIC_URL: PUBLIC_URL, SIDELINE_TWILIO_URL: at.url }),
});

async function add(ada: Person, channel: typeof BY_TEXT & { kind?: string }): Promise<string> {
  await ada.channels.newButton.click();
  await ada.channels.save(channel);
  return ada.channels.webhook(channel.name);
}

/** A customer's message, as Twilio brings it. */
const message = (sid: number, from: string, to: string, body: string) => ({
  MessageSid: `SM${"0".repeat(29)}${sid}`,
  AccountSid: ACCOUNT,
  From: from,
  To: to,
  Body: body,
  NumMedia: "0",
});

test.describe("by Twilio's description", () => {
  test.skip(!hasPrism, "there is no Prism here");

  test("all that Sideline asks for is right: messages, tests, and whether a message was taken", async ({
    ada,
    amy,
    described,
    program,
    twilio,
  }) => {
    await ada.signIn();
    await ada.goto("/admin/channels");
    const sms = await add(ada, BY_TEXT);
    const whatsApp = await add(ada, ON_WHATSAPP);
    expect(await ada.channels.test(BY_TEXT.name, DANAS)).toContain("The provider took it");
    expect(await ada.channels.test(ON_WHATSAPP.name, DANAS)).toContain("The provider took it");

    await amy.signIn();
    const texts = ["Which lamp is it?", "100 % & more = äöü 🙂 + \"quoted\""];
    const ways = [
      { webhook: sms, prefix: "", to: OURS, customer: DANAS },
      { webhook: whatsApp, prefix: "whatsapp:", to: ON_WHATSAPP.number, customer: "+15551230001" },
    ];
    for (const [index, { webhook, prefix, to, customer }] of ways.entries()) {
      const brought = message(700 + index, prefix + customer, prefix + to, "My lamp hums");
      expect(await twilio.tryToCall(program.url, webhook, brought, TOKEN)).toBe(200);
      await amy.openWorkitem(customer);
      for (const text of texts) {
        await amy.answer(text);
        await expect(amy.workspace.transcript.agent(text)).toContainText("Sent");
      }
      const report = expect.stringMatching(/^https:\/\/desk\.example\.com\/channels\/twilio\//);
      const sent = texts.map((Body) => ({ From: prefix + to, To: prefix + customer, Body, StatusCallback: report }));
      expect(described.of("POST", 201)).toEqual(expect.arrayContaining(sent));
    }

    // An answer that is lost: Sideline asks whether the message was taken before it sends it again.
    described.loseAnswer();
    await amy.answer("Are you there?");
    await expect(amy.workspace.transcript.agent("Are you there?")).toContainText("Sent", { timeout: 30_000 });
    expect(described.of("GET", 200).length).toBeGreaterThan(0);
    expect(described.asked.filter(({ status }) => status >= 400)).toEqual([]);
    expect(described.of("POST", 201)).toHaveLength(8);
  });

  test("what is wrong by it is refused, and seen", async ({ ada, described }) => {
    const ask = async (parameters: Record<string, string>, more: { method?: string; token?: string } = {}) => {
      const { method = "POST", token = TOKEN } = more;
      const authorization = `Basic ${Buffer.from(`${ACCOUNT}:${token}`).toString("base64")}`;
      const query = new URLSearchParams(parameters);
      const answer = await fetch(`${described.url}/2010-04-01/Accounts/${ACCOUNT}/Messages.json${method === "GET" ? `?${query}` : ""}`, {
        method,
        headers: token ? { authorization } : {},
        ...(method === "POST" && { body: query }),
      });
      return answer.status;
    };
    const right = { From: OURS, To: DANAS, Body: "Hello" };
    expect(await ask(right)).toBe(201);
    expect(await ask(right, { token: "" })).toBe(401);
    expect(await ask({ From: OURS, Body: "Hello" })).toBe(422);
    expect(await ask({ ...right, StatusCallBack: "https://desk.example.com/" })).toBe(422);
    expect(await ask({ ...right, StatusCallback: "no address" })).toBe(422);
    expect(await ask({ PageSize: "100" }, { method: "GET" })).toBe(200);
    expect(await ask({ PageSize: "many" }, { method: "GET" })).toBe(422);

    // What Sideline asks for, with a parameter taken away.
    await ada.signIn();
    await ada.goto("/admin/channels");
    await add(ada, BY_TEXT);
    described.leaveOut("To");
    expect(await ada.channels.test(BY_TEXT.name, DANAS)).toContain("422");
    expect(described.of("POST", 422).at(-1)).toEqual({ From: OURS, Body: "A test message from Sideline." });
  });
});

test.describe("by Twilio's library for Python", () => {
  test.skip(!hasTwiliosPython, "there is no PyPI twilio here");
  test.use({ at: async ({ twilio }, use) => await use(twilio) });

  test("it asks for the same message, and what it signs is taken", async ({ ada, amy, program, twilio }) => {
    await ada.signIn();
    await ada.goto("/admin/channels");
    const webhook = await add(ada, BY_TEXT);
    /** Calls Sideline as the library signs it; for another text it is no signature. */
    const call = async (url: string, parameters: Record<string, string>, changed = {}) => {
      const signature = await signByTwiliosPython(TOKEN, url, parameters);
      const answer = await fetch(url.replace(PUBLIC_URL, program.url), {
        method: "POST",
        headers: { "x-twilio-signature": signature },
        body: new URLSearchParams({ ...parameters, ...changed }),
      });
      return answer.status;
    };
    const brought = { ...message(700, DANAS, OURS, "100 % äöü 🙂 +"), SomethingNew: "", "a b": "c+d" };
    expect(await call(webhook, brought, { Body: "Give me everything" })).toBe(403);
    expect(await call(webhook, brought)).toBe(200);
    await amy.signIn();
    await amy.openWorkitem(DANAS);
    await expect(amy.workspace.transcript.customer("100 % äöü 🙂 +")).toBeVisible();

    const text = "Which lamp is it? äöü 🙂";
    await amy.answer(text);
    const said = amy.workspace.transcript.agent(text);
    await expect(said).toContainText("Sent");
    const { sid, ...asked } = twilio.taken[0];
    const report = { MessageSid: sid, MessageStatus: "delivered" };
    expect(await call(asked.StatusCallback, report, { MessageStatus: "read" })).toBe(403);
    expect(await call(asked.StatusCallback, report)).toBeLessThan(300);
    await expect(said).toContainText("Delivered");

    const message_ = { from: OURS, to: DANAS, body: text, status_callback: asked.StatusCallback };
    await askByTwiliosPython({ account: ACCOUNT, token: TOKEN, origin: twilio.url }, message_);
    const { sid: _, ...theirs } = twilio.taken[1];
    expect(asked).toEqual(theirs);
  });
});
