// Takes the pictures under docs/screenshots/: each page in both themes, wide and narrow, in the middle of the
// story. `npm run screenshots` makes them again.

import { fileURLToPath } from "node:url";

import type { Locator, Page } from "@playwright/test";

import { type Customer } from "./fixtures/customer.ts";
import { type Person } from "./fixtures/person.ts";
import { Program } from "./fixtures/program.ts";
import { Receiver } from "./fixtures/receiver.ts";
import { monitored } from "./fixtures/scenes.ts";
import { Shop } from "./fixtures/shop.ts";
import { expect, test } from "./fixtures/test.ts";
import { Channels } from "./pages/channels.ts";
import { ChatSettings } from "./pages/chat-settings.ts";
import { LoginPage } from "./pages/login.ts";
import { PhonePage } from "./pages/phone.ts";
import { SingleSignOn } from "./pages/single-sign-on.ts";
import { Tokens } from "./pages/tokens.ts";
import { WatchWall } from "./pages/watch-wall.ts";
import { Webhooks } from "./pages/webhooks.ts";
import { Widget } from "./pages/widget.ts";

const FOLDER = fileURLToPath(new URL("../docs/screenshots/", import.meta.url));

const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } } as const;
const THEMES = ["light", "dark"] as const;

/** Takes the four pictures of a page as it is, once everything that they show is there. */
async function picture(page: Page, name: string, shown: Locator): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await expect(shown).toBeVisible();
      await page.screenshot({
        path: `${FOLDER}${name}-${colorScheme}-${size}.png`,
        animations: "disabled",
        caret: "hide",
        scale: "css",
      });
    }
  }
  await page.setViewportSize(SIZES.wide);
}

/** Amy talks to Dana, sam coaches, amy has taken it up. */
async function story(amy: Person, sam: Person, dana: Customer) {
  const workitem = await monitored(amy, sam, dana);
  await amy.answer("I am sorry to hear that. Let me look it up.");
  await dana.write("It is order 4711, the red rain jacket.");
  await sam.coach("It went back to Leipzig. Offer a new one, free of charge: the form is under Replacements.");
  await sam.coach("We are sending you a new one today, free of charge. You will have it the day after tomorrow.");
  const [first, second] = [
    amy.workspace.transcript.coaching("It went back to Leipzig."),
    amy.workspace.transcript.coaching("We are sending you a new one"),
  ];
  await first.thumbsUp.click();
  await second.forward();
  await dana.write("That is wonderful, thank you!");
  await expect(sam.coaching.transcript.customer("That is wonderful")).toBeVisible();
  await expect(sam.coaching.transcript.coaching("We are sending you").article).toContainText(/forwarded/i);
  await expect(sam.coaching.transcript.coaching("It went back").article).toContainText("Thumbs up");
  return workitem;
}

test("the sign-in page", async ({ amy }) => {
  await amy.page.goto("/login");
  await picture(amy.page, "login", amy.page.getByRole("button", { name: "Sign in" }));
});

test("coaching, from each of the three sides", async ({ amy, sam, dana }) => {
  await story(amy, sam, dana);
  await picture(sam.page, "coaching", sam.coaching.transcript.log);
  await picture(amy.page, "workspace", amy.workspace.transcript.log);
  await picture(dana.page, "chat", dana.chat.message("thank you"));
});

test("the dashboard with a raised hand, and the list of workitems", async ({ amy, ben, sam, sue, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await ben.signIn();
  await sue.signIn();
  await sue.goto("/dashboard");
  await amy.raiseHand({ to: { name: "Sue Silva" } });
  await expect(sue.popUpFrom("Amy Adler").region).toBeVisible();
  await picture(sue.page, "pop-up", sue.popUpFrom("Amy Adler").region);
  await sue.popUpFrom("Amy Adler").dismissButton.click();
  await picture(sue.page, "dashboard", sue.dashboard.agent("Amy Adler").row);
  await sue.dashboard.viewWorkitems("Amy Adler");
  await sue.modal.row(workitem.customer).first().dblclick();
  await picture(sue.page, "modal", sue.modal.editButton);
});

test("asking for assistance, the Company Directory and the settings", async ({ amy, sam, sue, dana }) => {
  await monitored(amy, sam, dana);
  await sue.signIn();
  await amy.header.assistance.click();
  await amy.assistance.oneSupervisor.check();
  await picture(amy.page, "assistance", amy.assistance.sendButton);
  await amy.assistance.allAvailable.check();
  await amy.assistance.sendButton.click();
  await sam.popUpFrom("Amy Adler").reply("I am with you. What does the system say about the parcel?");
  await amy.popUpFrom("Sam Stone").reply("Returned to Leipzig, nine days ago.");
  await sam.popUpFrom("Amy Adler").reply("Then a new one, today. I write you the words.");
  await amy.popUpFrom("Sam Stone").dismissButton.click();
  await amy.directory.openConversation("Sam Stone");
  await picture(amy.page, "directory", amy.directory.conversation("Sam Stone"));
  await amy.directory.close();
  await amy.goto("/settings");
  await picture(amy.page, "settings", amy.settings.notification);
});

test("the administrator's pages", async ({ ada }) => {
  await ada.signIn();
  await ada.templates.rows.first().getByRole("button", { name: "Edit" }).click();
  await picture(ada.page, "templates", ada.templates.saveButton);
  await ada.goto("/admin/users");
  await picture(ada.page, "users", ada.users.row("Amy Adler"));
  await ada.goto("/admin/teams");
  await picture(ada.page, "teams", ada.teams.team("Care"));
});

test("single sign-on with a provider, and the sign-in page that offers it", async ({ ada, amy }) => {
  await ada.signIn();
  await ada.page.goto("/admin/single-sign-on");
  const setUp = new SingleSignOn(ada.page);
  // Nothing asks this provider: the pages show its name and where it is said to be.
  await setUp.field("Name on the button").fill("Acme");
  await setUp.field("Issuer URL").fill("https://login.acme.example");
  await setUp.field("Client ID").fill("sideline");
  await setUp.field("Client secret").fill("a-secret-of-the-client");
  await setUp.field("Link to the user with that username").check();
  await setUp.press("Save", "Saved");
  await setUp.press("Switch on", "Switched on");
  // Without the line that says so.
  await ada.page.goto("/admin/single-sign-on");
  await picture(ada.page, "single-sign-on", setUp.button("Switch off"));
  const login = new LoginPage(amy.page);
  await login.open();
  await picture(amy.page, "login-provider", login.page.getByRole("link", { name: "Sign in with Acme" }));
});

test("the chat on a page of another site, and how it is set up", async ({ ada, amy, dana, program }) => {
  await ada.signIn();
  const settings = new ChatSettings(ada.page);
  const shop = await Shop.open(program.url);
  await settings.allow(shop.origin);
  await settings.open();
  await picture(ada.page, "chat-channel", settings.snippet);
  await amy.signIn();
  const widget = new Widget(dana.page);
  await widget.openAt(shop.origin);
  await widget.chat.begin("Dana Dietz", "Do you have red lamps?");
  await amy.openWorkitem("Dana Dietz");
  await amy.answer("Yes, three of them.");
  await picture(dana.page, "widget", widget.chat.message("Yes, three of them."));
  await shop.close();
});

test("the tokens of other systems, a call and a mail that they report", async ({ ada, amy, program, request }) => {
  await ada.signIn();
  await ada.page.goto("/admin/tokens");
  const tokens = new Tokens(ada.page);
  const mailServer = await tokens.make("Mail server", ["workitems:write"]);
  const telephony = await tokens.make("Telephony", ["workitems:write"], "Care");
  // Without the secret, which another run makes another.
  await ada.page.goto("/admin/tokens");
  await picture(ada.page, "tokens", tokens.row("Telephony"));

  let keys = 0;
  const report = async (secret: string, path: string, data: object) => {
    const headers = { Authorization: `Bearer ${secret}`, "Idempotency-Key": `report-${++keys}` };
    const answer = await request.post(`${program.url}/api/v1/workitems${path}`, { headers, data });
    expect(answer.status()).toBe(201);
    return (await answer.json()) as { id: string };
  };
  const call = { channel: "phone", customer: "+44 20 7946 0123", name: "Petra Pohl", subject: "Broken lamp", agent: "amy" };
  const { id } = await report(telephony, "", call);
  await report(telephony, `/${id}/messages`, { author: "customer", text: "The lamp that came yesterday does not work." });
  await report(telephony, `/${id}/messages`, { author: "agent", text: "I am sorry. I will send you a new one today." });
  await report(telephony, `/${id}/notes`, { text: "Wants to be called back on Friday." });
  const mail = {
    channel: "email",
    customer: "paul.peters@example.com",
    name: "Paul Peters",
    team: "care",
    agent: "amy",
    subject: "A lamp for the hall",
    text: "Good morning,\n\nwhich of your lamps may hang in a damp hall?\n\nKind regards\nPaul Peters",
  };
  const { id: mailed } = await report(mailServer, "", mail);
  await report(mailServer, `/${mailed}/messages`, { author: "agent", text: "Dear Mr Peters, the lamps of the series Fern may." });
  await report(mailServer, `/${mailed}/notes`, { text: "Two attachments are in the mailbox." });
  await amy.signIn();
  await amy.openWorkitem("Petra Pohl");
  await picture(amy.page, "call", amy.workspace.transcript.note("called back on Friday"));
  await amy.openWorkitem("Paul Peters");
  await picture(amy.page, "email", amy.workspace.transcript.note("in the mailbox"));
});

const carried = test.extend({
  program: async ({}, use) => {
    const program = await Program.start({
      SIDELINE_STAND_INS: "true",
      SIDELINE_WEBHOOKS_ALLOW_NETWORK: "127.0.0.0/8",
    });
    await use(program);
    expect(await program.discard()).toEqual([]);
  },
});

carried("text messages: the customer's phone, the agent and the channels", async ({ ada, amy, dana }) => {
  await amy.signIn();
  const phone = new PhonePage(dana.page);
  const number = await phone.take("SMS");
  await phone.write("My lamp hums");
  await amy.openWorkitem(number);
  await amy.answer("Which lamp is it?");
  const delivered = phone.text("Which lamp is it?").filter({ hasText: "Delivered" });
  await expect(delivered).toBeVisible({ timeout: 15_000 });
  await picture(dana.page, "phone", delivered);
  await picture(amy.page, "sms", amy.workspace.transcript.agent("Which lamp is it?"));
  await ada.signIn();
  const channels = new Channels(ada.page);
  await channels.open();
  await picture(ada.page, "channels", channels.newButton);
});

for (const service of ["Messenger", "Instagram", "WhatsApp"] as const) {
  carried(`a customer on ${service}, and how long they can be answered`, async ({ amy, dana }) => {
    await amy.signIn();
    const phone = new PhonePage(dana.page);
    const number = await phone.take(service);
    await phone.write("My lamp hums");
    // WhatsApp alone has numbers.
    await amy.openWorkitem(service === "WhatsApp" ? number : `${service} ${number.slice(-4)}`);
    await amy.answer("Which lamp is it?");
    const answer = amy.workspace.transcript.agent("Which lamp is it?");
    await expect(answer).toContainText("Read", { timeout: 15_000 });
    await picture(amy.page, service.toLowerCase(), amy.workspace.answerWindow);
  });
}

carried("a receiver of webhooks and its log", async ({ ada, dana }) => {
  const receiver = await Receiver.start();
  await ada.signIn();
  await ada.page.goto("/admin/webhooks");
  const webhooks = new Webhooks(ada.page);
  receiver.secret = await webhooks.add("Archive", receiver.url, ["workitem.created", "message.created"]);
  await dana.begin("My lamp hums");
  await receiver.event("message.created");
  await webhooks.expectLine("message.created", "Delivered");
  await picture(ada.page, "webhooks", webhooks.log);
  await receiver.stop();
});

// Pages that show something of the demo data without a story: who reads them, and at which address.
const DEMO_PAGES = [
  ["sam", "history", "/history"],
  ["sam", "analytics", "/analytics"],
  ["sam", "views", "/dashboard/views"],
  ["sam", "walls", "/dashboard/walls"],
  ["sam", "saved-texts", "/texts"],
  ["ada", "roles", "/admin/roles"],
  ["ada", "labels", "/admin/labels"],
  ["ada", "alert-rules", "/admin/alerts"],
  ["ada", "escalation", "/admin/escalation"],
  ["ada", "audit", "/admin/audit"],
  ["ada", "customers", "/admin/customers?name=Tomasz"],
  ["ada", "user-import", "/admin/users/import"],
  ["ada", "organisation", "/admin/settings"],
] as const;

carried("what the demo data shows on the pages that no other picture has", async ({ ada, sam }) => {
  await ada.signIn();
  await sam.signIn();
  for (const [who, name, path] of DEMO_PAGES) {
    const { page } = who === "ada" ? ada : sam;
    await page.goto(path);
    await picture(page, name, page.getByRole("heading", { level: 1 }));
  }
});

test("four conversations side by side, and the command palette", async ({ sam }) => {
  await sam.signIn();
  await sam.goto("/watch");
  const wall = new WatchWall(sam.page);
  for (const [number, agent] of ["Amy Adler", "Amy Adler", "Ben Brooks", "Ben Brooks"].entries()) {
    await wall.add(agent);
    await expect(wall.panes).toHaveCount(number + 1);
  }
  await picture(sam.page, "watch-wall", wall.panes.first());
  await sam.keyboard.find("ad");
  await picture(sam.page, "palette", sam.keyboard.search);
});
