// The widget: the chat on a page of another site, whose policy lets in the program's script and frame and nothing inline.

import { readFile } from "node:fs/promises";

import { expectNoViolations } from "../fixtures/axe.ts";
import { takeClock } from "../fixtures/clock.ts";
import type { Customer } from "../fixtures/customer.ts";
import { losingConnections } from "../fixtures/proxy.ts";
import { Shop } from "../fixtures/shop.ts";
import { conversation, expect, test } from "../fixtures/widget.ts";
import { Widget } from "../pages/widget.ts";

test("a customer chats on a page of another site, without a cookie, through reload and navigation", async ({
  amy,
  dana,
  shop,
}) => {
  const widget = new Widget(dana.page);
  await dana.page.goto(shop.origin);
  await expect(widget.launcher).toHaveAccessibleName("Chat with Larkfield Care");
  await expect(widget.iframe).toBeHidden();
  const kept = () => dana.page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)].flat());
  await widget.open();
  await expect(widget.chat.log).toContainText("Hello!");
  expect(await kept(), "nothing is kept of somebody who only looks").toEqual([]);

  await conversation(amy, dana, widget, shop);
  await amy.answer("Yes, three of them.");
  await expect(widget.chat.message("Yes, three of them.")).toBeVisible();
  expect(await dana.context.cookies()).toEqual([]);
  expect(await kept()).not.toEqual([]);

  await dana.page.reload();
  await expect(widget.chat.messages, "it is open as it was").toHaveText([/red lamps/, /three of them/]);
  await expect(widget.chat.name).toBeHidden();
  await dana.page.getByRole("link", { name: "All lamps" }).click();
  await expect(dana.page).toHaveURL(`${shop.origin}/lamps`);
  await expect(widget.chat.messages).toHaveText([/red lamps/, /three of them/]);
  await widget.chat.send("I take one");
  await expect(amy.workspace.transcript.customer("I take one")).toBeVisible();
  expect((await amy.worklist()).filter((item) => item.customer === "Dana Dietz")).toHaveLength(1);
  for (const frame of dana.page.frames()) expect(frame.url()).not.toMatch(/[0-9a-f]{64}/);
});

test("an answer that nobody looks at is counted on the launcher until somebody does", async ({ amy, dana, shop }) => {
  const widget = new Widget(dana.page);
  await conversation(amy, dana, widget, shop);
  await widget.closeButton.click();
  await expect(widget.iframe).toBeHidden();
  await amy.answer("Yes.");
  await amy.answer("Three of them.");
  await expect(widget.launcher).toHaveAccessibleName("Chat with Larkfield Care. 2 new");
  await expect(widget.launcher).toContainText("2");
  await expect(widget.said).toHaveText("2 new");
  await dana.page.reload();
  await expect(widget.launcher).toHaveAccessibleName("Chat with Larkfield Care. 2 new");
  await widget.open();
  await expect(widget.launcher).toHaveAccessibleName("Close chat");
  await expect(widget.chat.messages).toHaveCount(3);
  await widget.closeButton.click();
  await expect(widget.launcher).toHaveAccessibleName("Chat with Larkfield Care");
  await dana.page.reload();
  await expect(widget.launcher).toHaveAccessibleName("Chat with Larkfield Care");
});

test("a customer in the widget who loses the network reads so and gets exactly what was missed", async ({
  amy,
  dana,
  shop,
}) => {
  const widget = new Widget(dana.page);
  await conversation(amy, dana, widget, shop);
  dana.expectProblem(/ERR_INTERNET_DISCONNECTED/);
  await dana.context.setOffline(true);
  await expect(widget.chat.status).toHaveText(/You are offline/);
  await amy.answer("One");
  await amy.answer("Two");
  await widget.chat.send("Are you there?");
  await expect(widget.chat.message("Are you there?")).toContainText(/Sending|Not sent/);
  await dana.context.setOffline(false);
  await expect(amy.workspace.transcript.customer("Are you there?")).toHaveCount(1);
  for (const text of ["red lamps", "One", "Two", "Are you there?"]) {
    await expect(widget.chat.message(text)).toHaveCount(1);
  }
  await expect(widget.chat.messages).toHaveCount(4);
});

test("a customer in the widget whose connection is lost without a word is shown what was answered", async ({
  amy,
  dana,
  program,
  settings,
}) => {
  const proxy = await losingConnections(program.url);
  const shop = await Shop.open(proxy.url);
  await settings.allow(shop.origin);
  await takeClock(dana.page);
  const widget = new Widget(dana.page);
  const followed = dana.page.waitForResponse(/\/live/);
  await conversation(amy, dana, widget, shop);
  await followed;
  await amy.answer("One");
  await expect(widget.chat.message("One")).toBeVisible();
  proxy.lose();
  await amy.answer("Two");
  await dana.page.clock.runFor(60_000);
  await expect(widget.chat.message("Two")).toBeVisible();
  await amy.answer("Three");
  await expect(widget.chat.messages).toHaveText([/red lamps/, /One/, /Two/, /Three/]);
  await shop.close();
  await dana.page.goto("about:blank");
  proxy.close();
});

test("where browsers keep nothing in the frame the widget works all the same", async ({ amy, dana, program, shop }) => {
  // As Chromium does it when a user blocks cookies of other sites: reading storage throws, cookies are dropped.
  await dana.page.addInitScript((origin) => {
    if (location.origin !== origin) return;
    const refuse = () => {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    };
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get: refuse });
    Object.defineProperty(navigator.locks, "request", { value: async () => refuse() });
    Object.defineProperty(document, "cookie", { get: () => "", set: () => undefined });
  }, program.url);
  const widget = new Widget(dana.page);
  await conversation(amy, dana, widget, shop);
  await amy.answer("Yes.");
  await expect(widget.chat.message("Yes.")).toBeVisible();
  await dana.page.reload();
  await expect(widget.chat.messages).toHaveText([/red lamps/, /Yes/]);
  await widget.chat.send("Fine");
  await expect(amy.workspace.transcript.customer("Fine")).toBeVisible();
  expect((await amy.worklist()).filter((item) => item.customer === "Dana Dietz")).toHaveLength(1);
});

test("on a phone the open widget takes the screen and gives it back", async ({ amy, dana, shop }) => {
  await dana.page.setViewportSize({ width: 320, height: 568 });
  const widget = new Widget(dana.page);
  await conversation(amy, dana, widget, shop);
  expect(await widget.iframe.boundingBox()).toEqual({ x: 0, y: 0, width: 320, height: 568 });
  await amy.answer("A name of eighty signs without blanks: " + "x".repeat(80));
  await expect(widget.chat.message("eighty signs")).toBeVisible();
  const frame = await widget.document();
  expect(await frame.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await expect(widget.chat.sendButton).toBeInViewport();
  await widget.closeButton.click();
  await expect(widget.iframe).toBeHidden();
  await expect(widget.launcher).toBeInViewport();
  await dana.page.getByRole("button", { name: "Buy" }).click();
});

test("the widget is used with the keyboard alone", async ({ amy, dana, shop }) => {
  await amy.signIn();
  const widget = new Widget(dana.page);
  await dana.page.goto(shop.origin);
  await expect(widget.launcher).toBeVisible();
  const { keyboard } = dana.page;
  for (let tabs = 0; tabs < 5; tabs++) {
    if (await widget.launcher.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node)) break;
    await keyboard.press("Tab");
  }
  await expect(widget.launcher).toBeFocused();
  await keyboard.press("Enter");
  await expect(widget.launcher).toHaveAttribute("aria-expanded", "true");
  await expect(widget.chat.name).toBeFocused();
  await keyboard.type("Dana Dietz");
  await keyboard.press("Tab");
  await expect(widget.chat.text).toBeFocused();
  await keyboard.type("Only keys here");
  await keyboard.press("Enter");
  await expect(widget.chat.message("Only keys here")).toBeVisible();
  await keyboard.press("Escape");
  await expect(widget.iframe).toBeHidden();
  await expect(widget.launcher).toBeFocused();
  await keyboard.press("Space");
  await expect(widget.chat.text).toBeFocused();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe-core finds nothing in the widget in the ${colorScheme} theme`, async ({ amy, ada, dana, settings, shop }) => {
    for (const { page } of [dana, ada]) await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await settings.open();
    await expectNoViolations(ada.page, "/admin/chat/{key}");
    const widget = new Widget(dana.page);
    await dana.page.goto(shop.origin);
    await expect(widget.launcher).toBeVisible();
    await expectNoViolations(dana.page, "the launcher");
    await conversation(amy, dana, widget, shop);
    await amy.answer("Yes.");
    await expect(widget.chat.message("Yes.")).toBeVisible();
    await expectNoViolations(await widget.document(), "the open widget");
    await widget.closeButton.click();
    await amy.answer("Three.");
    await expect(widget.launcher).toHaveAccessibleName(/1 new/);
    await expectNoViolations(dana.page, "the launcher with a new message");
  });

  test(`axe-core finds nothing in the open widget on a phone in the ${colorScheme} theme`, async ({ amy, dana, shop }) => {
    await dana.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await dana.page.setViewportSize({ width: 390, height: 844 });
    const widget = new Widget(dana.page);
    await widget.openAt(shop.origin);
    await expectNoViolations(await widget.document(), "before the first message");
    await conversation(amy, dana, widget, shop);
    await amy.answer("Yes.");
    await expect(widget.chat.message("Yes.")).toBeVisible();
    expect(await widget.iframe.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
    await expectNoViolations(await widget.document(), "a conversation");
    await widget.chat.end();
    await expect(widget.chat.rating).toBeVisible();
    await expectNoViolations(await widget.document(), "a conversation that has ended");
  });
}

test("a page whose origin is not allowed says so in its console and shows nothing", async ({ dana, program, settings }) => {
  const shop = await Shop.open(program.url);
  await settings.allow("https://www.example.com");
  dana.expectProblem(/frame-ancestors|postMessage|cannot be shown here|ERR_BLOCKED_BY_RESPONSE/);
  const said = dana.page.waitForEvent("console", { predicate: (line) => /cannot be shown here/.test(line.text()) });
  await dana.page.goto(shop.origin);
  expect((await said).text()).toContain(`${shop.origin} is not among its allowed origins`);
  const widget = new Widget(dana.page);
  await expect(widget.launcher).toHaveCount(0);
  await expect(widget.iframe).toHaveCount(0);
  await widget.closeByCall();
  await shop.close();
});

test("the chat page itself is shown in no frame, and the page for frames not outside of one", async ({
  dana,
  program,
  shop,
}) => {
  const answer = await dana.page.request.get(`${program.url}${program.chatPage}`);
  expect(answer.headers()["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(answer.headers()["x-frame-options"]).toBe("DENY");
  const embedded = await dana.page.request.get(`${program.url}${program.chatPage}/embed`);
  expect(embedded.headers()["content-security-policy"]).toMatch(new RegExp(`; frame-ancestors ${shop.origin}$`));
  expect(embedded.headers()["x-frame-options"]).toBeUndefined();
  await dana.page.goto(`${program.url}${program.chatPage}/embed`);
  await expect(dana.page).toHaveURL(`${program.url}${program.chatPage}`);
});

test("a page whose script tag names no channel opens the chat by a call, and the agent reads the name that it gives", async ({
  amy,
  dana,
  program,
  settings,
}) => {
  const shop = await Shop.open(program.url, {});
  await settings.allow(shop.origin);
  await amy.signIn();
  const widget = new Widget(dana.page);
  await dana.page.goto(shop.origin);
  await expect(widget.launcher, "nothing before the call").toHaveCount(0);
  await expect(widget.iframe).toHaveCount(0);

  await widget.openByCall({ channel: "care", name: "Dana Dietz" });
  await expect(widget.launcher).toHaveAccessibleName("Close chat");
  await expect(widget.chat.name, "prefilled").toHaveValue("Dana Dietz");
  await widget.chat.send("Do you have red lamps?");
  await amy.openWorkitem("Dana Dietz");
  await expect(amy.workspace.transcript.customer("Do you have red lamps?")).toBeVisible();
  await amy.answer("Yes, three of them.");
  await expect(widget.chat.message("three of them")).toBeVisible();

  await widget.closeByCall();
  await expect(widget.iframe).toBeHidden();
  await widget.openByCall();
  await expect(widget.chat.messages, "it is the chat that was open").toHaveText([/red lamps/, /three of them/]);
  await shop.close();
});

test("while the chat is switched off the widget takes a message with the way to its customer", async ({
  amy,
  ada,
  dana,
  settings,
  shop,
}) => {
  await settings.open();
  await settings.greeting.fill("Welcome to the lamp shop");
  await settings.offlineForm.check();
  await settings.save();
  await ada.goto("/admin/teams");
  await ada.teams.channelSwitch("Care", "Larkfield Care").click();
  await expect(ada.teams.said).toHaveText("Larkfield Care is off.");

  // On the page itself as in the frame: what is typed outlives a reload.
  await dana.openChat();
  const alone = dana.page.getByRole("form", { name: "Leave us a message" }).getByRole("textbox", { name: "Message" });
  await alone.fill("Please call me");
  await dana.page.reload();
  await expect(alone).toHaveValue("Please call me");

  const widget = new Widget(dana.page);
  await widget.openAt(shop.origin);
  await expect(widget.chat.log).toContainText("Welcome to the lamp shop");
  await expect(widget.chat.status).toHaveText("Nobody takes messages here at the moment.");
  const frame = dana.page.frameLocator("iframe");
  const form = frame.getByRole("form", { name: "Leave us a message" });
  await form.getByRole("textbox", { name: "Your name" }).fill("Dana Dietz");
  await form.getByRole("textbox", { name: "Message" }).fill("Please call me about the red lamp");
  await form.getByRole("button", { name: "Send message" }).click();
  await expect(widget.chat.status).toContainText("Please leave an e-mail address or a phone number");
  dana.expectProblem(/422/);
  await expectNoViolations(await widget.document(), "the offline form");
  await form.getByRole("textbox", { name: "Your phone number" }).fill("+49 30 901820");
  await form.getByRole("button", { name: "Send message" }).click();
  await expect(widget.chat.message("Please call me about the red lamp")).toBeVisible();
  await expect(form).toBeHidden();
  await expect(widget.chat.status).toHaveText("Thanks, we have your message.");
  // Who they are is known, so they can go on without a reload.
  await widget.chat.send("After six, please");
  await expect(widget.chat.message("After six, please")).toBeVisible();

  await amy.signIn();
  await amy.openWorkitem("Dana Dietz");
  await expect(amy.workspace.transcript.log).toContainText("Sent by the offline form");
  await expect(amy.workspace.transcript.log).toContainText("+4930901820");
});

test("outside of its hours the page says in the customer's words when the chat opens", async ({ dana, greta, program, settings }) => {
  await settings.closeUntilLater({ offlineForm: false });
  await dana.page.goto(program.chatPage);
  await expect(dana.chat.status).toContainText(/The chat opens again \w+day,? (at )?\d+:\d\d/);
  await expect(dana.chat.text).toHaveCount(0);
  await greta.page.goto(program.chatPage);
  await expect(greta.page.getByRole("status")).toContainText(/Der Chat öffnet wieder: \w+,? (um )?\d\d:\d\d/);
});

test("the customer keeps the conversation as a text, and is forgotten where it was", async ({ amy, sam, dana, shop }) => {
  const widget = new Widget(dana.page);
  await conversation(amy, dana, widget, shop);
  await sam.signIn();
  await sam.monitor(amy, await amy.workitemWith("Dana Dietz"));
  await sam.coach("Offer the blue one.");
  await expect(amy.workspace.transcript.coaching("Offer the blue one.").article).toBeVisible();
  await amy.answer("Only blue ones.");
  await expect(widget.chat.message("Only blue ones.")).toBeVisible();
  const download = dana.page.waitForEvent("download");
  await widget.transcript.click();
  const text = await readFile(await (await download).path(), "utf8");
  expect(text).toMatch(/^Larkfield Care\n\n.* You: Do you have red lamps\?\n.* Amy Adler: Only blue ones\.\n$/);
  expect(text).not.toMatch(/Sam Stone|Offer|coach|monitor|supervis/i);

  // The stream ends with who is forgotten, and the page may ask why before it goes.
  dana.expectProblem(/404.*\/history/);
  await widget.chat.forget();
  await expect(widget.chat.name).toBeVisible();
  await expect(widget.chat.messages).toHaveCount(0);
  expect(await dana.page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  await dana.page.reload();
  await widget.open();
  await expect(widget.chat.messages).toHaveCount(0);
});

test("M21 in the widget a coached conversation brings the same lines and numbers as another", async ({
  amy,
  sam,
  dana,
  eli,
  shop,
}) => {
  const talk = async (customer: Customer, meanwhile: (widget: Widget) => Promise<void>) => {
    const widget = new Widget(customer.page);
    const asked: string[] = [];
    customer.page.on("request", (request) => {
      // The id of a file is random.
      const path = new URL(request.url()).pathname.replace(/\/files\/\w+$/, "/files/ID");
      asked.push(`${request.method()} ${path}`);
    });
    await widget.openAt(shop.origin);
    await widget.chat.begin(customer.name, "Where is my lamp?");
    await widget.chat.sendFile("lamp.txt", "text/plain", Buffer.from("It is red"));
    await expect(widget.chat.log.getByRole("link", { name: "lamp.txt" })).toBeVisible();
    await amy.openWorkitem(customer.name);
    await meanwhile(widget);
    await amy.answer("On its way.");
    await expect(widget.chat.message("On its way.")).toBeVisible();
    const frame = await widget.document();
    const lines = await frame.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("#log [data-seq]")].map((line) => [line.dataset.seq, line.dataset.author]),
    );
    return { lines, asked, text: await frame.evaluate(() => document.body.textContent ?? "") };
  };
  await amy.signIn();
  await sam.signIn();
  const coached = await talk(dana, async () => {
    await sam.monitor(amy, await amy.workitemWith("Dana Dietz"));
    await sam.coach("Say that it is on its way.");
    await expect(amy.workspace.transcript.coaching("Say that it is on its way.").article).toBeVisible();
  });
  const alone = await talk(eli, async () => undefined);
  expect(coached.lines).toEqual(alone.lines);
  expect(coached.asked).toEqual(alone.asked);
  expect(coached.text).not.toMatch(/Sam Stone|Say that|coaching|monitor|supervis/i);
});
