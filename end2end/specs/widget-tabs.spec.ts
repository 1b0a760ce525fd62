// The widget in several tabs, and on several origins of one site: which of them share a conversation.

import type { Customer } from "../fixtures/customer.ts";
import type { Person } from "../fixtures/person.ts";
import { Shop } from "../fixtures/shop.ts";
import { conversation, expect, test } from "../fixtures/widget.ts";
import type { ChatSettings } from "../pages/chat-settings.ts";
import { Widget } from "../pages/widget.ts";

interface Beginning {
  amy: Person;
  dana: Customer;
  program: { url: string };
  settings: ChatSettings;
  shop: Shop;
}

/** Two origins of one site: dana is in conversation at the shop, and the widget is open at the outlet. */
async function twoShops({ amy, dana, program, settings, shop }: Beginning) {
  const outlet = await Shop.open(program.url);
  await settings.allow(`${shop.origin}\n${outlet.origin}`);
  const lamps = new Widget(dana.page);
  await conversation(amy, dana, lamps, shop);
  const bargains = new Widget(await dana.context.newPage());
  await bargains.openAt(outlet.origin);
  return { outlet, lamps, bargains };
}

test("E40 a tab that opens the widget later has the conversation of the first, and loses nothing of it", async ({
  amy,
  dana,
  shop,
}) => {
  const first = new Widget(dana.page);
  await dana.page.goto(shop.origin);
  const second = await first.inAnotherTab();
  await conversation(amy, dana, first, shop);

  await second.open();
  await expect(second.chat.messages).toHaveText([/red lamps/]);
  await expect(second.chat.name).toBeHidden();
  await second.closeButton.click();
  await expect(second.iframe).toBeHidden();
  await second.open();
  await first.page.getByRole("link", { name: "All lamps" }).click();
  await expect(first.page).toHaveURL(`${shop.origin}/lamps`);
  await expect(first.chat.messages, "the page after that knows the customer").toHaveText([/red lamps/]);
  await second.page.reload();
  await expect(second.chat.messages).toHaveText([/red lamps/]);

  await amy.answer("Yes, three of them.");
  for (const tab of [first, second]) await expect(tab.chat.message("three of them")).toBeVisible();
  await second.chat.send("I take one");
  await expect(amy.workspace.transcript.customer("I take one")).toBeVisible();

  const whole = [/red lamps/, /three of them/, /I take one/];
  await first.page.close();
  await second.page.reload();
  await expect(second.chat.messages).toHaveText(whole);
  const third = await second.inAnotherTab();
  await third.open();
  await expect(third.chat.messages).toHaveText(whole);
  expect((await amy.worklist()).filter((item) => item.customer === "Dana Dietz")).toHaveLength(1);
});

test("E41 who is forgotten in one tab is forgotten in the other, and begins anew in both", async ({ amy, dana, shop }) => {
  // The other tab may ask for what it missed before it hears why its stream ended.
  dana.expectProblem(/404.*\/history/);
  const first = new Widget(dana.page);
  await conversation(amy, dana, first, shop);
  const second = await first.inAnotherTab();
  await second.open();
  await expect(second.chat.messages).toHaveText([/red lamps/]);

  await first.chat.forget();
  for (const tab of [first, second]) {
    await expect(tab.chat.name).toBeVisible();
    await expect(tab.chat.messages).toHaveCount(0);
  }
  await second.closeButton.click();
  await expect(second.iframe).toBeHidden();
  const kept = () => second.page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)].flat());
  expect(await kept(), "closing writes nobody down again").toEqual([]);

  await second.open();
  await second.chat.begin("Dora", "Do you have blue lamps?");
  for (const tab of [first, second]) await expect(tab.chat.messages).toHaveText([/blue lamps/]);
  await first.page.reload();
  await expect(first.chat.messages).toHaveText([/blue lamps/]);
});

test("E41 F51 what the widget has on its way when its customer is forgotten comes too late", async ({ amy, dana, shop }) => {
  // The stream ends with who is forgotten, and the page may ask why before it goes.
  dana.expectProblem(/404.*\/history/);
  const widget = new Widget(dana.page);
  await conversation(amy, dana, widget, shop);
  const other = await widget.inAnotherTab();
  await other.open();
  const late = await dana.hold("**/messages");
  await other.chat.send("My secret number is 42");
  await expect.poll(() => late.length).toBe(1);
  await widget.chat.forget();
  for (const tab of [widget, other]) await expect(tab.chat.name).toBeVisible();
  expect(await late[0]()).toBe(404);
  expect(await dana.page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  await dana.page.reload();
  await widget.open();
  await expect(widget.chat.name).toBeVisible();
  await expect(widget.chat.content).not.toContainText(/red lamps|Dana|secret/);
  await expect(amy.workspace.transcript.customer("My secret number is 42")).toHaveCount(0);
});

test("E40 E41 tabs whose frames keep nothing have one conversation, and are forgotten together", async ({
  amy,
  dana,
  program,
  shop,
}) => {
  await dana.context.addInitScript((origin) => {
    if (location.origin !== origin) return;
    const refuse = () => {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    };
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get: refuse });
    Object.defineProperty(window, "BroadcastChannel", { value: refuse });
    Object.defineProperty(navigator.locks, "request", { value: async () => refuse() });
    Object.defineProperty(document, "cookie", { get: () => "", set: () => undefined });
  }, program.url);
  const first = new Widget(dana.page);
  await dana.page.goto(shop.origin);
  const second = await first.inAnotherTab();
  await second.open();
  await second.chat.text.fill("And blue ones");
  await conversation(amy, dana, first, shop);

  await expect(second.chat.messages).toHaveText([/red lamps/]);
  await expect(second.chat.text, "what was typed stands there").toHaveValue("And blue ones");
  await second.chat.sendButton.click();
  await expect(amy.workspace.transcript.customer("And blue ones")).toBeVisible();
  await expect(first.chat.messages).toHaveText([/red lamps/, /blue ones/]);
  // The stream ends with who is forgotten, and the page may ask why before it goes.
  dana.expectProblem(/404.*\/history/);
  await first.chat.forget();
  for (const tab of [first, second]) {
    await expect(tab.chat.name).toBeVisible();
    await expect(tab.chat.messages).toHaveCount(0);
  }
});

test("E40 two origins of one site have a conversation each, and each message goes where it was typed", async ({
  amy,
  dana,
  program,
  settings,
  shop,
}) => {
  const { outlet, lamps, bargains } = await twoShops({ amy, dana, program, settings, shop });
  await expect(bargains.chat.name, "nobody is known there").toBeVisible();
  await amy.answer("Yes, three of them.");
  await expect(lamps.chat.messages).toHaveText([/red lamps/, /three of them/]);

  await bargains.chat.begin("Dana at the outlet", "Do you have old lamps?");
  await expect(bargains.chat.messages).toHaveText([/old lamps/]);
  await expect(lamps.chat.messages).toHaveText([/red lamps/, /three of them/]);
  await lamps.chat.send("I take one");
  await expect(amy.workspace.transcript.customer("I take one")).toBeVisible();
  await amy.openWorkitem("Dana at the outlet");
  await expect(amy.workspace.transcript.customer("Do you have old lamps?")).toBeVisible();
  await amy.answer("Two of them.");
  await bargains.chat.send("I take both");
  await expect(amy.workspace.transcript.customer("I take both")).toBeVisible();
  await expect(amy.workspace.transcript.customer("I take one")).toHaveCount(0);
  for (const widget of [lamps, bargains]) await widget.page.reload();
  await expect(lamps.chat.messages).toHaveText([/red lamps/, /three of them/, /I take one/]);
  await expect(bargains.chat.messages).toHaveText([/old lamps/, /Two of them/, /I take both/]);
  await outlet.close();
});

test("E41 who is forgotten on one origin of a site stays known on the other", async ({
  amy,
  dana,
  program,
  settings,
  shop,
}) => {
  const { outlet, lamps, bargains } = await twoShops({ amy, dana, program, settings, shop });
  await bargains.chat.begin("Dana at the outlet", "Do you have old lamps?");

  await lamps.chat.text.fill("Half a sentence");
  // The stream ends with who is forgotten, and the page may ask why before it goes.
  dana.expectProblem(/404.*\/history/);
  await bargains.chat.forget();
  await expect(bargains.chat.name).toBeVisible();
  await expect(bargains.chat.messages).toHaveCount(0);
  await expect(lamps.chat.messages).toHaveText([/red lamps/]);
  await lamps.page.reload();
  await expect(lamps.chat.messages).toHaveText([/red lamps/]);
  await expect(lamps.chat.text).toHaveValue("Half a sentence");
  await amy.answer("Yes, three of them.");
  await expect(lamps.chat.message("three of them")).toBeVisible();

  await lamps.chat.forget();
  await expect(lamps.chat.name).toBeVisible();
  await bargains.chat.begin("Dora", "Do you have blue lamps?");
  await expect(bargains.chat.messages).toHaveText([/blue lamps/]);
  await expect(lamps.chat.messages, "nor does it come back with what the other begins").toHaveCount(0);
  await outlet.close();
});
