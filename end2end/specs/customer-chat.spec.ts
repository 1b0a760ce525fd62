// The customer's chat page, and how its work is assigned, transferred, ended.

import { takeClock } from "../fixtures/clock.ts";
import { losingConnections } from "../fixtures/proxy.ts";
import { conversation } from "../fixtures/scenes.ts";
import { look } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";

test("a customer's message waits in the queue until an agent is there", async ({ amy, sam, dana }) => {
  await sam.signIn();
  await dana.begin("Is anybody there?");
  await expect(dana.chat.status).toHaveText("Thanks, we’ll reply here shortly.");
  await expect(sam.page.getByRole("main")).toContainText("1 waiting");
  await amy.signIn();
  await expect(amy.workspace.workitem("Dana Dietz")).toBeVisible();
  await amy.openWorkitem("Dana Dietz");
  await amy.answer("Yes, hello!");
  await expect(dana.chat.message("Yes, hello!")).toBeVisible();
});

test("new work goes to the available agent with the fewest active workitems", async ({ amy, ben, dana, eli }) => {
  await amy.signIn();
  await amy.header.presence.selectOption({ label: "Busy" });
  await ben.signIn();
  await dana.begin("Hello?");
  await expect(ben.workspace.workitem("Dana Dietz")).toBeVisible();
  await expect(amy.workspace.workitem("Dana Dietz")).toHaveCount(0);
  const customers = async (person: typeof amy) => (await person.worklist()).map((item) => item.customer);
  expect(await customers(amy)).not.toContain("Dana Dietz");

  await amy.header.presence.selectOption({ label: "Available" });
  await expect(amy.header.presence).toHaveValue("available");
  const active = async (person: typeof amy) =>
    (await person.worklist()).filter((item) => item.state === "active").length;
  const fewest = (await active(amy)) <= (await active(ben)) ? amy : ben;
  const other = fewest === amy ? ben : amy;
  await eli.begin("Hello, too?");
  await expect(fewest.workspace.workitem("Eli Evans")).toBeVisible();
  await expect(other.workspace.workitem("Eli Evans")).toHaveCount(0);
  expect(await customers(other)).not.toContain("Eli Evans");
});

test("a conversation resumes when the customer reloads the page", async ({ amy, dana }) => {
  await conversation(amy, dana, "First");
  await amy.answer("Second");
  await expect(dana.chat.message("Second")).toBeVisible();
  await dana.page.reload();
  await expect(dana.chat.messages).toHaveText([/First/, /Second/]);
  await expect(dana.chat.name).toBeHidden();
  await dana.write("Third");
  await expect(amy.workspace.transcript.customer("Third")).toBeVisible();
  await amy.answer("Fourth");
  await expect(dana.chat.messages).toHaveText([/First/, /Second/, /Third/, /Fourth/]);
});

test("a customer who loses the network gets exactly what was missed", async ({ amy, dana }) => {
  await conversation(amy, dana, "Hello?");
  dana.expectProblem(/ERR_INTERNET_DISCONNECTED/);
  await dana.context.setOffline(true);
  await expect(dana.chat.status).toHaveText(/offline/i);
  await amy.answer("One");
  await amy.answer("Two");
  await dana.chat.send("Did you write?");
  await expect(dana.chat.message("Did you write?")).toContainText(/Sending|Not sent/);
  await dana.context.setOffline(false);
  await expect(amy.workspace.transcript.customer("Did you write?")).toHaveCount(1);
  await expect(dana.chat.messages).toHaveCount(4);
  for (const text of ["Hello?", "One", "Two", "Did you write?"]) {
    await expect(dana.chat.message(text)).toHaveCount(1);
  }
  await expect(dana.chat.log).not.toContainText("Not sent");
});

test("a customer whose connection is lost without a word is shown what was answered", async ({ amy, dana, program }) => {
  await amy.signIn();
  await takeClock(dana.page);
  const proxy = await losingConnections(program.url);
  const streams = () => proxy.asked.filter((path) => path.includes("/live")).length;
  await dana.page.goto(`${proxy.url}${program.chatPage}`);
  const followed = dana.page.waitForResponse(/\/live/);
  await dana.chat.begin("Dana Dietz", "Hello?");
  await followed;
  await amy.openWorkitem("Dana Dietz");
  await amy.answer("One");
  await expect(dana.chat.message("One")).toBeVisible();
  const before = streams();
  proxy.lose();
  await amy.answer("Two");
  // Who looks at the page again is shown it at once, before anybody can know that the connection is lost.
  await expect(async () => {
    await look(dana.page, "elsewhere");
    await look(dana.page, "here");
    await expect(dana.chat.message("Two")).toBeVisible({ timeout: 1_000 });
  }).toPass();
  expect(streams()).toBe(before);

  // Who does not has it after less than a minute, and another stream from then on.
  await amy.answer("Three");
  await dana.page.clock.runFor(60_000);
  await expect(dana.chat.message("Three")).toBeVisible();
  await expect.poll(streams).toBe(before + 1);
  await amy.answer("Four");
  await expect(dana.chat.messages).toHaveText([/Hello\?/, /One/, /Two/, /Three/, /Four/]);
  await expect(dana.chat.status).toHaveText("");
  await dana.page.goto("about:blank");
  proxy.close();
});

test("a quiet host of an earlier release, whose keep-alives no page sees, is not taken for lost", async ({ amy, dana }) => {
  await amy.signIn();
  await takeClock(dana.page);
  // As that release sends them: comments.
  await dana.page.addInitScript(() => {
    const { addEventListener } = EventSource.prototype;
    EventSource.prototype.addEventListener = function (this: EventSource, ...[name, ...more]: unknown[]) {
      if (name !== "alive") Reflect.apply(addEventListener, this, [name, ...more]);
    } as typeof addEventListener;
  });
  const streams: string[] = [];
  dana.page.on("request", (request) => void (request.url().includes("/live") && streams.push(request.url())));
  const followed = dana.page.waitForResponse(/\/live/);
  await dana.begin("Hello?");
  await followed;
  await amy.openWorkitem("Dana Dietz");
  await amy.answer("One");
  await expect(dana.chat.message("One")).toBeVisible();
  const before = streams.length;
  await dana.page.clock.runFor(120_000);
  await amy.answer("Two");
  await expect(dana.chat.message("Two")).toBeVisible();
  expect(streams).toHaveLength(before);
});

test("what a customer has typed survives a reload", async ({ dana }) => {
  await dana.openChat();
  await dana.chat.name.fill("Dana Dietz");
  await dana.chat.text.fill("A long story that");
  await dana.page.reload();
  await expect(dana.chat.text).toHaveValue("A long story that");
  await expect(dana.chat.name).toHaveValue("Dana Dietz");
});

test("wrapping up ends the conversation for the customer, who can begin a new one", async ({ amy, dana }) => {
  const first = await conversation(amy, dana, "First matter");
  await amy.workspace.wrapUp();
  await expect(dana.chat.log).toContainText("This conversation has ended.");
  await expect(dana.chat.text).toBeHidden();
  await amy.workspace.close();
  await expect(amy.workspace.workitem("Dana Dietz")).toHaveCount(0);

  await dana.chat.startAgain.click();
  await dana.chat.send("Second matter");
  await expect(dana.chat.message("Second matter")).toBeVisible();
  await expect(dana.chat.message("First matter")).toHaveCount(0);
  const second = await amy.workitemWith("Dana Dietz");
  expect(second.id).not.toBe(first.id);
});

test("an agent hands a workitem to a colleague, and the customer talks on", async ({ amy, ben, dana }) => {
  await conversation(amy, dana, "Hello?");
  await ben.signIn();
  await amy.workspace.transferTo("agent", "Ben Brooks");
  await expect(amy.workspace.workitem("Dana Dietz")).toHaveCount(0);
  await ben.openWorkitem("Dana Dietz");
  await expect(ben.workspace.transcript.notice("Amy Adler transferred this to Ben Brooks.")).toHaveCount(1);
  await ben.answer("Ben here.");
  await expect(dana.chat.message("Ben here.")).toContainText("Ben Brooks");
  await expect(dana.chat.messages).toHaveCount(2);
});

test("an agent hands a workitem to another team", async ({ amy, cleo, dana }) => {
  await conversation(amy, dana, "I want to buy something.");
  await cleo.signIn();
  await amy.workspace.transferTo("team", "Sales");
  await cleo.openWorkitem("Dana Dietz");
  await expect(cleo.workspace.transcript.customer("I want to buy something.")).toBeVisible();
});

test("two customers never see each other's conversation", async ({ amy, dana, eli }) => {
  await conversation(amy, dana, "I am Dana");
  await eli.begin("I am Eli");
  await amy.openWorkitem("Eli Evans");
  await amy.answer("Hello Eli");
  await expect(eli.chat.message("Hello Eli")).toBeVisible();
  await amy.openWorkitem("Dana Dietz");
  await amy.answer("Hello Dana");
  await expect(dana.chat.message("Hello Dana")).toBeVisible();
  await expect(dana.chat.messages).toHaveText([/I am Dana/, /Hello Dana/]);
  await expect(eli.chat.messages).toHaveText([/I am Eli/, /Hello Eli/]);
});

test("the chat page reads and sends without any script", async ({ amy, browser, program }) => {
  await amy.signIn();
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${program.url}${program.chatPage}`);
  await page.getByRole("textbox", { name: "Your name" }).fill("Nora Noscript");
  await page.getByRole("textbox", { name: "Message" }).fill("Plain and simple");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByRole("article")).toHaveText(/Plain and simple/);
  await amy.openWorkitem("Nora Noscript");
  await amy.answer("That works, too.");
  await page.reload();
  await expect(page.getByRole("article")).toHaveText([/Plain and simple/, /That works, too/]);
  await context.close();
});

test("a chat address that does not exist says so", async ({ dana }) => {
  dana.expectProblem(/404/);
  const response = await dana.page.goto("/chat/no-such-channel");
  expect(response?.status()).toBe(404);
  await expect(dana.page.getByRole("heading", { name: "This chat was not found" })).toBeVisible();
});

test("a customer whose message failed keeps it and sends it again", async ({ amy, dana }) => {
  await conversation(amy, dana, "Hello?");
  dana.expectProblem(/ERR_FAILED/);
  await dana.page.route("**/messages", (route) => route.abort(), { times: 1 });
  await dana.chat.send("Can you hear me?");
  await expect(dana.chat.message("Can you hear me?")).toContainText("Not sent");
  await dana.chat.retryButton.click();
  await expect(amy.workspace.transcript.customer("Can you hear me?")).toHaveCount(1);
  await expect(dana.chat.message("Can you hear me?")).not.toContainText("Not sent");
});

test("a network that comes back while a message is about to fail still brings it", async ({ amy, dana }) => {
  await conversation(amy, dana, "Hello?");
  dana.expectProblem(/ERR_FAILED/);
  let fail = () => {};
  const failing = new Promise<void>((resolve) => (fail = resolve));
  await dana.page.route("**/messages", (route) => failing.then(() => route.abort()), { times: 1 });
  const asked = dana.page.waitForRequest("**/messages");
  await dana.chat.send("Can you hear me now?");
  await asked;
  await dana.page.evaluate(() => dispatchEvent(new Event("online")));
  fail();
  await expect(amy.workspace.transcript.customer("Can you hear me now?")).toHaveCount(1);
  await expect(dana.chat.message("Can you hear me now?")).not.toContainText("Not sent");
});

test("E06 F06 an event that the page does not know is no news and does not reopen what has ended", async ({ amy, dana }) => {
  await conversation(amy, dana, "Hello?");
  await amy.workspace.wrapUp();
  await expect(dana.chat.startAgain).toBeVisible();
  const lines = dana.chat.log.locator("[data-seq]");
  await expect(lines).toHaveCount(2);

  let come = () => {};
  const coming = new Promise<void>((resolve) => (come = resolve));
  await dana.page.route("**/live?after=*", async (route) => {
    const [began, last] = (new URL(route.request().url()).searchParams.get("after") ?? "").split("-");
    const seq = Number(last) + 1;
    const frame = { seq, at: Date.now() * 1_000, body: { kind: "surveyed" } };
    await coming;
    await route.fulfill({
      contentType: "text/event-stream",
      body: `id: ${began}-${seq}\ndata: ${JSON.stringify(frame)}\n\n`,
    });
  });
  // The host itself knows nothing of that line: its history stays unanswered.
  await dana.page.route("**/history?after=*", () => undefined);
  await dana.page.reload();
  const title = await dana.page.title();
  await look(dana.page, "elsewhere");
  come();
  await expect(lines).toHaveCount(3);
  await expect(lines.last()).toBeHidden();
  await expect(dana.page).toHaveTitle(title);
  await expect(dana.chat.startAgain).toBeVisible();
  await expect(dana.chat.rating).toBeVisible();
  await expect(dana.chat.text).toBeHidden();
});

test("an agent sees in the list whose customer waits, until there is an answer", async ({ amy, dana }) => {
  await conversation(amy, dana, "Hello?");
  const line = amy.workspace.workitem("Dana Dietz");
  await expect(line).toContainText(/Waiting \d+ (s|min)/);
  await expect(amy.workspace.open.getByRole("paragraph").first()).toContainText(/Waiting \d+ (s|min)/);
  await amy.answer("Yes?");
  await expect(line).not.toContainText("Waiting");
});

// Somewhere on earth it is between five and six in the morning.
const EARLY = ((new Date().getUTCHours() - 5 + 12 + 24) % 24) - 12;

test.describe("in a place where the hour has one digit", () => {
  test.use({ locale: "en-US", timezoneId: `Etc/GMT${EARLY < 0 ? "" : "+"}${EARLY}` });

  test("a customer reads times as people write them there, and never another one before", async ({ amy, dana, browser }) => {
    await conversation(amy, dana, "Hello?");
    await amy.answer("Yes?");
    const times = dana.chat.messages.getByRole("time");
    const american = Array(2).fill(/^[56]:\d\d\sAM$/);
    await expect(times).toHaveText(american);
    const live = await times.allTextContents();

    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    await dana.page.route("**/chat.js", async (route) => {
      await arrived;
      await route.continue();
    });
    await dana.page.reload({ waitUntil: "commit" });
    await expect(dana.chat.message("Yes?")).toBeVisible();
    await expect(times.first()).toBeHidden();
    arrive();
    await expect(times).toHaveText(american);
    await expect(times.first()).toBeVisible();
    expect(await times.allTextContents()).toEqual(live);

    const german = await browser.newContext({ locale: "de-DE", storageState: await dana.context.storageState() });
    const page = await german.newPage();
    await page.goto(dana.page.url());
    await expect(page.getByRole("time")).toHaveText(Array(2).fill(/^0[56]:\d\d$/));
    await german.close();
  });
});
