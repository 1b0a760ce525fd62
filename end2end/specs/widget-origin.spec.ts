// Which windows the loader and the chat page in its frame listen to: each other, by window and by origin.

import type { Frame, Page } from "@playwright/test";

import { Shop } from "../fixtures/shop.ts";
import { conversation, expect, test } from "../fixtures/widget.ts";
import { Widget } from "../pages/widget.ts";

/** From here on notes what is said to a window. */
async function listen(to: Frame): Promise<void> {
  await to.evaluate(() => {
    const heard: unknown[] = [];
    addEventListener("message", ({ data }) => void heard.push(data));
    Object.assign(window, { heard });
  });
}

function heard(by: Frame): Promise<unknown[]> {
  return by.evaluate(() => (window as unknown as { heard: unknown[] }).heard);
}

/** One of its windows says something to the page, which has heard all of it afterwards. */
async function tell(page: Frame, from: Frame, messages: object[]): Promise<void> {
  await listen(page);
  await from.evaluate(
    (messages) => {
      for (const message of messages) top?.postMessage(message, "*");
    },
    [...messages, "last"],
  );
  await expect.poll(() => heard(page)).toContain("last");
}

/** Puts one more frame into a page: an empty one has the page's own origin. */
async function addFrame(page: Frame, address = ""): Promise<Frame> {
  const element = await page.evaluateHandle((address) => {
    const frame = document.createElement("iframe");
    if (address) frame.src = address;
    return document.body.appendChild(frame);
  }, address);
  const frame = await element.contentFrame();
  if (!frame) throw new Error("the page has no such frame");
  return frame;
}

/** Takes it out again, so that the widget's is the only one. */
async function removeFrame(frame: Frame): Promise<void> {
  await (await frame.frameElement()).evaluate((element) => {
    element.parentNode?.removeChild(element);
  });
}

const FORGED = [{ sideline: "keep", token: "f".repeat(64), seen: "1-1" }, { sideline: "forget" }];

test("the loader listens to no window but its frame, and to that only while it shows the chat page", async ({
  amy,
  dana,
  program,
  shop,
}) => {
  const widget = new Widget(dana.page);
  await conversation(amy, dana, widget, shop);
  await amy.answer("Yes, three of them.");
  await expect(widget.chat.message("three of them")).toBeVisible();
  const [page, chat] = [dana.page.mainFrame(), await widget.document()];
  // What the chat page has said is heard.
  await tell(page, chat, []);
  const kept = () => page.evaluate(() => ({ ...localStorage }));
  const before = await kept();
  expect(JSON.stringify(before)).toMatch(/[0-9a-f]{64}/);

  // A script of the page: another window, and another origin.
  await tell(page, page, FORGED);
  expect(await kept(), "what the page itself says").toEqual(before);

  // The same origin as the chat page, and another window.
  const other = await addFrame(page, `${program.url}${program.chatPage}/embed`);
  await other.waitForURL("**/embed");
  await tell(page, other, FORGED);
  expect(await kept(), "what another frame says").toEqual(before);
  await removeFrame(other);
  await amy.answer("And blue ones.");
  await expect(widget.chat.messages).toHaveText([/red lamps/, /three of them/, /blue ones/]);

  // The same window, and another origin: the frame was led elsewhere. The loader speaks to the chat page alone, and the
  // browser's console says that it is not there.
  await tell(page, chat, []);
  const since = await kept();
  dana.expectProblem(/postMessage/);
  await (await chat.frameElement()).evaluate((frame) =>
    (frame as HTMLIFrameElement).contentWindow?.location.replace("about:blank"),
  );
  await chat.waitForURL("about:blank");
  await tell(page, chat, FORGED);
  expect(await kept(), "what another page in the frame says").toEqual(since);

  await dana.page.reload();
  await expect(widget.chat.messages).toHaveText([/red lamps/, /three of them/, /blue ones/]);
  await widget.chat.send("I take one");
  await expect(amy.workspace.transcript.customer("I take one")).toBeVisible();
  expect((await amy.worklist()).filter((item) => item.customer === "Dana Dietz")).toHaveLength(1);
});

test("the chat page takes no other window for the page around it, although that one speaks first", async ({
  amy,
  dana,
  eli,
  program,
  shop,
}) => {
  const widget = new Widget(dana.page);
  await conversation(amy, dana, widget, shop);
  const other = new Widget(eli.page);
  await other.openAt(shop.origin);
  await other.chat.begin("Eli Evans", "Where is my order?");
  const tokenOf = (page: Page) =>
    page.evaluate(
      (item): string => JSON.parse(localStorage.getItem(item) ?? "{}").token ?? "",
      `sideline ${program.url} care`,
    );
  for (const { page } of [dana, eli]) await expect.poll(() => tokenOf(page)).toMatch(/^[0-9a-f]{64}$/);
  const [danas, elis] = [await tokenOf(dana.page), await tokenOf(eli.page)];

  // The loader says hello once its frame has loaded, which it has only with this picture.
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await dana.page.route("**/held.svg", async (route) => {
    await released;
    await route.fulfill({ contentType: "image/svg+xml", body: '<svg xmlns="http://www.w3.org/2000/svg"/>' });
  });
  await dana.page.addInitScript((origin) => {
    if (location.origin === origin) new Image().src = "/held.svg";
  }, program.url);
  const used = new Set<string>();
  await dana.page.reload({ waitUntil: "commit" });
  const [page, chat] = [dana.page.mainFrame(), await widget.document()];
  dana.page.on("request", (request) => {
    const token = request.headers()["x-sideline-visitor"];
    if (token) used.add(token);
  });
  // From here on the chat page listens.
  await chat.waitForURL("**/embed", { waitUntil: "domcontentloaded" });
  await listen(chat);

  // An empty frame has the page's origin, which the channel allows, and is not the page.
  const child = await addFrame(page);
  await listen(child);
  await child.evaluate((token) => {
    const hosts = [...parent.document.querySelectorAll("div")];
    const frames = hosts.map((host) => host.shadowRoot?.querySelector("iframe"));
    const chat = frames.find((frame) => frame)?.contentWindow;
    chat?.postMessage({ sideline: "hello", token, open: true }, "*");
  }, elis);
  await expect.poll(() => heard(chat)).toHaveLength(1);
  release();
  await expect(widget.launcher).toHaveAccessibleName("Close chat");
  const [first, second] = await heard(chat);
  expect([first, second], "who said hello first").toMatchObject([
    { sideline: "hello", token: elis },
    { sideline: "hello", token: danas },
  ]);
  expect(await heard(child), "an answer").toEqual([]);
  await removeFrame(child);
  await expect(widget.chat.messages).toHaveText([/red lamps/]);
  await amy.answer("Yes, three of them.");
  await expect(widget.chat.messages).toHaveText([/red lamps/, /three of them/]);
  expect([...used]).toEqual([danas]);
});

test("the chat page answers no origin that the channel does not allow, also where the browser shows it there", async ({
  dana,
  program,
  settings,
}) => {
  const shop = await Shop.open(program.url);
  await settings.allow("https://www.example.com");
  // As in a browser that does not know `frame-ancestors`.
  await dana.page.route("**/embed", async (route) => {
    const response = await route.fetch();
    const { "content-security-policy": _policy, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  dana.expectProblem(/cannot be shown here/);
  const said = dana.page.waitForEvent("console", { predicate: (line) => /cannot be shown here/.test(line.text()) });
  await dana.page.goto(shop.origin);
  const widget = new Widget(dana.page);
  await expect((await widget.document()).locator("#log"), "the chat page is there").toBeAttached();
  expect((await said).text()).toContain(`${shop.origin} is not among its allowed origins`);
  await expect(widget.launcher).toHaveCount(0);
  await expect(widget.iframe).toHaveCount(0);
  await shop.close();
});
