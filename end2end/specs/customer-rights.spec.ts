// What a customer may expect of the chat page besides talking: order, every tab, no cookies, an end, being forgotten.

import { type Route } from "@playwright/test";

import { takeClock } from "../fixtures/clock.ts";
import { withoutCookies } from "../fixtures/proxy.ts";
import { conversation } from "../fixtures/scenes.ts";
import { look } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import { ChatPage } from "../pages/chat.ts";

const COOKIE = "sideline_visitor";

/** Answers as a proxy does that can't reach the program. */
const badGateway = (route: Route) =>
  route.fulfill({ status: 502, contentType: "text/html", body: "<h1>502 Bad Gateway</h1>" });

test("E01 what a customer wrote first stands first, however slow or broken its way", async ({ amy, dana }) => {
  await conversation(amy, dana, "Hello?");
  dana.expectProblem(/502|ERR_FAILED/);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let calls = 0;
  await dana.page.route("**/messages", async (route) => {
    calls += 1;
    if (calls === 1) await held.then(() => badGateway(route));
    else await route.continue();
  });
  await dana.chat.send("one");
  await dana.chat.send("two");
  await dana.chat.send("three");
  expect(calls).toBe(1);
  release();
  await expect(dana.chat.message("one")).toContainText("Not sent");
  await expect(dana.chat.message("two")).toContainText("Waiting…");
  await expect(dana.chat.retryButton).toHaveCount(1);
  expect(calls).toBe(1);
  await dana.chat.retryButton.click();
  await expect(amy.workspace.transcript.customer("three")).toBeVisible();
  await expect(dana.chat.messages).toHaveText([/Hello\?/, /one/, /two/, /three/]);
  await expect(dana.chat.log).not.toContainText(/Not sent|Waiting|Sending/);
});

test("E01 order holds over a reload and over tabs", async ({ amy, dana }) => {
  await conversation(amy, dana, "Hello?");
  dana.expectProblem(/ERR_FAILED/);
  const other = await dana.openTab();
  await dana.context.route("**/messages", (route) => route.abort());
  await dana.chat.send("one");
  await expect(dana.chat.message("one")).toContainText("Not sent");
  await other.send("two");
  await dana.chat.send("three");
  for (const chat of [dana.chat, other]) {
    await expect(chat.messages).toHaveText([/Hello\?/, /one.*Not sent/, /two.*Waiting/, /three.*Waiting/]);
  }
  await dana.page.reload();
  await expect(dana.chat.messages).toHaveText([/Hello\?/, /one/, /two/, /three/]);
  await dana.context.unroute("**/messages");
  // After some seconds a page tries again unasked, and there is nothing to press.
  const arrived = expect(amy.workspace.transcript.customer("three")).toHaveCount(1);
  await Promise.race([other.retryButton.click(), arrived]);
  await arrived;
  const said = amy.workspace.transcript.entries.filter({ hasText: /one|two|three/ });
  await expect(said).toHaveText([/one/, /two/, /three/]);
  for (const chat of [dana.chat, other]) {
    await expect(chat.messages).toHaveText([/Hello\?/, /one/, /two/, /three/]);
    await expect(chat.log).not.toContainText(/Not sent|Waiting|Sending/);
  }
});

for (const [what, answer] of [
  ["a proxy's error page", badGateway],
  ["a timeout", (route: Route) => route.fulfill({ status: 408, body: "" })],
  ["half an answer", (route: Route) => route.fulfill({ contentType: "application/json", body: '{"seq":2,"bo' })],
  ["somebody else's refusal", (route: Route) => route.fulfill({ status: 403, contentType: "text/html", body: "no" })],
] as const) {
  test(`E04 ${what} is no refusal: the same message is tried again`, async ({ amy, dana }) => {
    await conversation(amy, dana, "Hello?");
    dana.expectProblem(/(status of|answer) (502|408|403)/);
    const keys: string[] = [];
    await dana.page.route("**/messages", async (route) => {
      keys.push(route.request().postDataJSON().key);
      if (keys.length === 1) await answer(route);
      else await route.continue();
    });
    await dana.chat.send("Can you hear me?");
    await expect(dana.chat.message("Can you hear me?")).toContainText("Not sent");
    await expect(dana.chat.text).toHaveValue("");
    await dana.page.evaluate(() => dispatchEvent(new Event("online")));
    await expect(amy.workspace.transcript.customer("Can you hear me?")).toHaveCount(1);
    await expect(dana.chat.message("Can you hear me?")).not.toContainText("Not sent");
    expect(new Set(keys).size).toBe(1);
  });
}

test("E02 E01 a customer's message older than a day waits for Retry or Discard", async ({ amy, dana }) => {
  await conversation(amy, dana, "Hello?");
  dana.expectProblem(/ERR_FAILED/);
  await dana.page.route("**/messages", (route) => route.abort());
  await dana.chat.send("Yesterday's question");
  await dana.chat.send("Yesterday's other question");
  await expect(dana.chat.message("Yesterday's question")).toContainText("Not sent");
  await dana.page.evaluate(() => {
    for (const key of Object.keys(localStorage).filter((key) => key.includes(" message "))) {
      const item = JSON.parse(localStorage.getItem(key) ?? "{}");
      localStorage.setItem(key, JSON.stringify({ ...item, at: item.at - 2 * 864e5 }));
    }
  });
  await dana.page.unroute("**/messages");
  await dana.page.reload();
  await expect(dana.chat.message("Yesterday's question")).toContainText("Not sent since");
  await expect(dana.chat.message("Yesterday's other question")).toContainText("Waiting");
  await dana.page.getByRole("button", { name: "Discard" }).click();
  await expect(dana.chat.message("Yesterday's question")).toHaveCount(0);
  await dana.chat.retryButton.click();
  await expect(amy.workspace.transcript.customer("Yesterday's other question")).toHaveCount(1);
  await expect(amy.workspace.transcript.customer("Yesterday's question")).toHaveCount(0);
});

test("E40 every tab shows the conversation from the first message on, and the seventh tab still sends", async ({ amy, dana }) => {
  await amy.signIn();
  const tabs: ChatPage[] = [];
  for (let number = 1; number <= 8; number += 1) tabs.push(await dana.openTab());
  await tabs[0].begin("Dana Dietz", "From the first tab");
  for (const tab of tabs) await expect(tab.message("From the first tab")).toBeVisible();
  await expect(tabs[6].name).toBeHidden();
  await tabs[6].send("From the seventh tab");
  await tabs[7].send("From the eighth tab");
  await amy.openWorkitem("Dana Dietz");
  await expect(amy.workspace.transcript.customer("From the eighth tab")).toBeVisible();
  await amy.answer("I see you all.");
  for (const tab of tabs) {
    await expect(tab.messages).toHaveText([/first tab/, /seventh tab/, /eighth tab/, /I see you all/]);
  }
  // The one that holds the stream is closed; another takes over.
  await tabs[7].page.close();
  await amy.answer("And now?");
  for (const tab of tabs.slice(0, 7)) await expect(tab.message("And now?")).toBeVisible();
});

test("E40 two tabs that write their first message at the same time are one customer", async ({ amy, dana }) => {
  await amy.signIn();
  const [one, two] = [await dana.openTab(), await dana.openTab()];
  for (const tab of [one, two]) await tab.name.fill("Dana Dietz");
  await Promise.all([one.send("Hello from one"), two.send("Hello from two")]);
  for (const tab of [one, two]) {
    await expect(tab.message("Hello from one")).toBeVisible();
    await expect(tab.message("Hello from two")).toBeVisible();
  }
  await amy.openWorkitem("Dana Dietz");
  await expect(amy.workspace.transcript.customer(/Hello from/)).toHaveCount(2);
});

test("E40 F50 without cookies the page says so and stays one conversation", async ({ amy, dana, program }) => {
  await amy.signIn();
  dana.expectProblem(/404/);
  const proxy = await withoutCookies(program.url);
  await dana.page.goto(`${proxy.url}${program.chatPage}`);
  await dana.chat.begin("Dana Dietz", "one");
  await expect(dana.chat.withoutCookies).toContainText("doesn’t keep cookies");
  await dana.chat.send("two");
  await dana.chat.send("three");
  await amy.openWorkitem("Dana Dietz");
  await expect(amy.workspace.transcript.customer("three")).toBeVisible();
  await amy.answer("One conversation.");
  await expect(dana.chat.messages).toHaveText([/one/, /two/, /three/, /One conversation/]);
  expect(proxy.asked.filter((path) => path.includes("/live"))).toHaveLength(0);

  await dana.page.reload();
  await expect(dana.chat.messages).toHaveText([/one/, /two/, /three/, /One conversation/]);
  await dana.chat.send("four");
  await expect(amy.workspace.transcript.customer("four")).toBeVisible();
  const other = await dana.context.newPage();
  await other.goto(`${proxy.url}${program.chatPage}`);
  await expect(new ChatPage(other).message("four")).toBeVisible();
  expect((await amy.worklist()).filter((item) => item.customer === "Dana Dietz")).toHaveLength(1);
  proxy.close();
});

test("F35 F50 without cookies an answer is counted in the title while the customer looks elsewhere", async ({
  amy,
  dana,
  program,
}) => {
  await amy.signIn();
  dana.expectProblem(/404/);
  const proxy = await withoutCookies(program.url);
  await takeClock(dana.page);
  await dana.page.goto(`${proxy.url}${program.chatPage}`);
  await dana.chat.begin("Dana Dietz", "Hello?");
  await expect(dana.chat.withoutCookies).toContainText("doesn’t keep cookies");
  await amy.openWorkitem("Dana Dietz");
  await look(dana.page, "elsewhere");
  await amy.answer("Are you there?");
  await expect(async () => {
    await dana.page.clock.runFor(30_000);
    await expect(dana.page).toHaveTitle(/^\(1\) /, { timeout: 1_000 });
  }).toPass();
  await look(dana.page, "here");
  await expect(dana.page).not.toHaveTitle(/^\(/);
  proxy.close();
});

test("E40 without cookies and scripts the page carries the conversation on", async ({ amy, browser, program }) => {
  await amy.signIn();
  const proxy = await withoutCookies(program.url);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const chat = new ChatPage(await context.newPage());
  await chat.page.goto(`${proxy.url}${program.chatPage}`);
  await chat.name.fill("Nora Noscript");
  for (const text of ["one", "two", "three"]) {
    await chat.send(text);
    await expect(chat.message(text)).toBeVisible();
  }
  await expect(chat.messages).toHaveText([/one/, /two/, /three/]);
  await expect(chat.withoutCookies).toContainText("doesn’t keep cookies");
  await amy.openWorkitem("Nora Noscript");
  await expect(amy.workspace.transcript.customer(/one|two|three/)).toHaveCount(3);
  await context.close();
  proxy.close();
});

test("E41 without scripts a customer ends and is forgotten", async ({ amy, browser, program }) => {
  await amy.signIn();
  const context = await browser.newContext({ javaScriptEnabled: false });
  const chat = new ChatPage(await context.newPage());
  await chat.page.goto(`${program.url}${program.chatPage}`);
  await chat.name.fill("Nora Noscript");
  await chat.send("Plain and simple");
  await chat.end();
  await expect(chat.log).toContainText("This conversation has ended.");
  await chat.forget();
  await expect(chat.name).toHaveValue("");
  await expect(chat.content).not.toContainText(/Plain|Nora/);
  expect(await context.cookies()).toHaveLength(0);
  await context.close();
});

test("E41 F51 a mere look leaves no cookie", async ({ dana }) => {
  await dana.openChat();
  await dana.chat.text.fill("I only think about it");
  expect(await dana.context.cookies()).toHaveLength(0);
  await dana.chat.begin("Dana Dietz", "Now I ask");
  expect((await dana.context.cookies()).map((cookie) => cookie.name)).toEqual([COOKIE]);
});

test("E41 a customer ends the conversation, and the agent is told", async ({ amy, dana }) => {
  await conversation(amy, dana, "Hello?");
  const other = await dana.openTab();
  await dana.chat.endButton.click();
  await dana.chat.question.getByRole("button", { name: "Keep chatting" }).click();
  await expect(dana.chat.question).toBeHidden();
  await dana.write("I stay a little");

  await dana.chat.end();
  for (const chat of [dana.chat, other]) {
    await expect(chat.log).toContainText("This conversation has ended.");
    await expect(chat.text).toBeHidden();
    await expect(chat.endButton).toBeHidden();
  }
  await expect(amy.workspace.transcript.notice("Dana Dietz ended the conversation.")).toHaveCount(1);
  await amy.workspace.close();
  await dana.chat.startAgain.click();
  await dana.chat.send("Another matter");
  await expect(dana.chat.messages).toHaveText([/Another matter/]);
  // The one before may stand in the list a moment longer.
  await amy.workspace.workitem("Another matter").click();
  await expect(amy.workspace.transcript.customer("Another matter")).toBeVisible();
});

test("E41 a customer who is forgotten by keyboard goes on in the page", async ({ dana }) => {
  // The stream ends with who is forgotten, and the page may ask why before it goes.
  dana.expectProblem(/404.*\/history/);
  await dana.openChat();
  await dana.chat.begin("Dana Dietz", "Only a question");
  await dana.chat.forgetButton.focus();
  await dana.page.keyboard.press("Enter");
  await dana.chat.question.getByRole("button", { name: "Forget me" }).focus();
  await dana.page.keyboard.press("Enter");
  await expect(dana.chat.name).toBeVisible();
  await expect(dana.chat.log).toBeFocused();
});

test("E41 F51 the next person at the browser of a forgotten customer sees nothing", async ({ amy, dana }) => {
  // The other tab may ask for what it missed before it hears why its stream ended.
  dana.expectProblem(/404.*\/history/);
  await conversation(amy, dana, "My order is LF-1");
  const other = await dana.openTab();
  await dana.chat.text.fill("half a thought");
  await dana.chat.forget();
  for (const chat of [dana.chat, other]) {
    await expect(chat.name).toBeVisible();
    await expect(chat.name).toHaveValue("");
    await expect(chat.text).toHaveValue("");
    await expect(chat.content).not.toContainText(/LF-1|Dana/);
    await expect(chat.forgetButton).toBeHidden();
  }
  expect(await dana.context.cookies()).toHaveLength(0);
  const left = () => Object.entries({ ...localStorage, ...sessionStorage });
  expect(await dana.page.evaluate(left)).toEqual([]);
  expect(await other.page.evaluate(left)).toEqual([]);
  await expect(amy.workspace.transcript.notice(/Dana Dietz ended the conversation/)).toHaveCount(1);
  await dana.page.goBack().catch(() => null);
  await dana.openChat();
  await expect(dana.chat.name).toBeVisible();
  await expect(dana.chat.content).not.toContainText(/LF-1|Dana/);
});

test("E41 F51 what is on its way when its customer is forgotten comes too late", async ({ amy, dana }) => {
  // The other tab may ask for what it missed before it hears why its stream ended.
  dana.expectProblem(/404.*\/history/);
  await conversation(amy, dana, "My order is LF-1");
  const other = await dana.openTab();
  const late = await dana.hold("**/messages");
  await other.send("My secret number is 42");
  await expect.poll(() => late.length).toBe(1);
  await dana.chat.forget();
  for (const chat of [dana.chat, other]) await expect(chat.name).toBeVisible();
  expect(await late[0]()).toBe(404);
  expect(await dana.context.cookies()).toHaveLength(0);
  const next = await dana.openTab();
  await expect(next.name).toBeVisible();
  await expect(next.content).not.toContainText(/LF-1|Dana|secret/);
  await expect(amy.workspace.transcript.customer("My secret number is 42")).toHaveCount(0);
});

test("E41 F51 a first message that is on its way when its customer is forgotten comes too late", async ({ amy, dana }) => {
  await amy.signIn();
  await dana.openChat();
  const late = await dana.hold("**/messages");
  await dana.chat.name.fill("Dana Dietz");
  await dana.chat.send("My secret number is 42");
  await expect.poll(() => late.length).toBe(1);
  await dana.chat.forget();
  await expect(dana.chat.name).toHaveValue("");
  expect(await late[0]()).toBe(404);
  expect(await dana.context.cookies()).toHaveLength(0);
  expect((await amy.worklist()).filter((item) => item.customer === "Dana Dietz")).toEqual([]);
});

test("E41 F51 a file that could not be sent is never sent when its customer is forgotten, and asks nothing", async ({
  amy,
  dana,
}) => {
  dana.expectProblem(/404.*\/history|ERR_FAILED/);
  await conversation(amy, dana, "My order is LF-1");
  const other = await dana.openTab();
  await dana.context.route("**/files", (route) => route.abort());
  await other.sendFile("order.txt", "text/plain", Buffer.from("LF-1"));
  await expect(other.message("order.txt")).toContainText("Not sent");
  const asked: string[] = [];
  other.page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    return dialog.dismiss();
  });
  await dana.chat.forget();
  await expect(other.name).toBeVisible();
  await expect(other.content).not.toContainText(/order|LF-1|Dana/);
  expect(asked).toEqual([]);
  expect(await dana.context.cookies()).toHaveLength(0);
});

test("E42 F52 a refusal for the queue's length is said in words and keeps the message", async ({ dana }) => {
  dana.expectProblem(/429/);
  await dana.page.route("**/messages", (route) =>
    route.fulfill({
      status: 429,
      headers: { "retry-after": "60" },
      contentType: "application/json",
      body: JSON.stringify({ RateLimited: { retry_after_s: 60, reason: "Everybody here is busy and the queue is full." } }),
    }), { times: 1 });
  await dana.openChat();
  await dana.chat.name.fill("Dana Dietz");
  await dana.chat.send("Hello?");
  await expect(dana.chat.status).toHaveText("Everybody here is busy and the queue is full. Your message is kept.");
  await expect(dana.chat.message("Hello?")).toContainText("Not sent");
  await dana.page.reload();
  await expect(dana.chat.message("Hello?")).not.toContainText(/Not sent|Sending/);
});

test("E42 S05 the sixty-first stranger from one address is refused in words", async ({ browser, program, request }) => {
  const begin = (number: number) =>
    request.post(`${program.url}${program.chatPage}/messages`, {
      headers: { cookie: `${COOKIE}=${number.toString(16).padStart(64, "0")}` },
      data: { name: "Mallory", text: "Hello", key: `k${number}` },
    });
  const answers = await Promise.all(Array.from({ length: 90 }, (_, number) => begin(number)));
  expect(answers.filter((answer) => answer.ok())).toHaveLength(60);
  const context = await browser.newContext();
  const chat = new ChatPage(await context.newPage());
  await chat.page.goto(`${program.url}${program.chatPage}`);
  await chat.name.fill("Nora New");
  await chat.send("Hello?");
  await expect(chat.status).toContainText("Too many conversations have been started from your network.");
  await context.close();
});

test.describe("on a small dark screen", () => {
  test.use({ viewport: { width: 320, height: 480 }, colorScheme: "dark" });

  test("E41 E40 a customer ends by keyboard, and nothing is out of reach", async ({ amy, dana }) => {
    await dana.page.setViewportSize({ width: 320, height: 480 });
    await conversation(amy, dana, "Hello?");
    expect(await dana.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await dana.chat.endButton.focus();
    await dana.page.keyboard.press("Enter");
    await expect(dana.chat.question).toBeVisible();
    await expect(dana.chat.question.getByRole("button", { name: "Keep chatting" })).toBeFocused();
    await dana.page.keyboard.press("Escape");
    await expect(dana.chat.endButton).toBeFocused();
    await dana.page.keyboard.press("Enter");
    await dana.page.keyboard.press("Tab");
    await dana.page.keyboard.press("Enter");
    await expect(dana.chat.log).toContainText("This conversation has ended.");
    // The button that had the focus is gone; the keyboard goes on from the conversation.
    await expect(dana.chat.log).toBeFocused();
    await expect(dana.chat.startAgain).toBeInViewport();
  });
});

test("S13 earlier messages are read page by page", async ({ amy, dana }) => {
  await conversation(amy, dana, "line 1.");
  const { id } = await amy.workitemWith("Dana Dietz");
  for (let number = 2; number <= 130; number += 1) await amy.call("workitems/message_send", {
    workitem: id, key: `key-${number}`, text: `line ${number}.`,
  });
  await dana.page.reload();
  await expect(dana.chat.messages).toHaveCount(100);
  await dana.page.getByRole("link", { name: "Earlier messages" }).click();
  await expect(dana.chat.messages).toHaveCount(130);
  await expect(dana.chat.messages.first()).toContainText("line 1.");
  await expect(dana.page.getByRole("link", { name: "Earlier messages" })).toHaveCount(0);
});
