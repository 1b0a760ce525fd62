// However somebody reads and writes: with an input method, by finger, on a small screen or in other colours, from another
// tab, next year, on paper.

import type { Page } from "@playwright/test";

import { takeClock } from "../fixtures/clock.ts";
import type { Person } from "../fixtures/person.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { compose, expectNothingSideways, look, scrollUp, sheets } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Workitem } from "../fixtures/wire.ts";
import { Keyboard } from "../pages/keyboard.ts";

/** The agent's answers number `first` to `last`. */
async function saidSo(agent: Person, workitem: Workitem, first: number, last: number): Promise<void> {
  for (let line = first; line <= last; line += 1) {
    const message = { workitem: workitem.id, key: `line-${line}`, text: `Line ${line} of many` };
    // A sender of this much is asked to wait now and then.
    await expect.poll(async () => (await agent.call("workitems/message_send", message)).status()).toBe(200);
  }
}

/** A finger instead of a mouse and a keyboard. */
async function touch(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setTouchEmulationEnabled", { enabled: true });
}

test("E31 F30 an input method's keys send nothing and close nothing on the staff's pages", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const answer = amy.workspace.composer.text;
  await answer.fill("にほん");
  await compose(answer, "Enter");
  await expect(answer).toHaveValue("にほん");
  await expect(amy.workspace.transcript.agent("にほん")).toHaveCount(0);

  const coaching = sam.coaching.composer.text;
  await coaching.fill("にほん");
  await compose(coaching, "Enter");
  await expect(coaching).toHaveValue("にほん");

  await amy.header.directory.click();
  const { search, dialog } = amy.directory;
  await search.fill("Sa");
  for (const key of ["ArrowDown", "Escape"] as const) await compose(search, key);
  await expect(dialog).toBeVisible();
  await expect(search).toBeFocused();
  await search.fill("");
  await amy.directory.person("Sam Stone").getByRole("button").click();
  const message = amy.directory.composer("Sam Stone").text;
  await message.fill("にほん");
  for (const key of ["Enter", "Escape"] as const) await compose(message, key);
  await expect(message).toHaveValue("にほん");
  await expect(dialog).toBeVisible();
  await message.fill("Hello Sam");
  await message.press("Enter");

  const reply = sam.popUpFrom("Amy Adler").composer.text;
  await reply.fill("にほん");
  for (const key of ["Enter", "Escape"] as const) await compose(reply, key);
  await expect(reply).toHaveValue("にほん");
  await reply.press("Escape");
  await expect(sam.popUpFrom("Amy Adler").region).toHaveCount(0);

  await amy.directory.close();
  await amy.header.dialpad.click();
  await compose(amy.dialpad.number, "Escape");
  await expect(amy.dialpad.dialog).toBeVisible();
  await amy.page.keyboard.press("Escape");
  await amy.header.userMenu.click();
  await compose(amy.page.getByRole("menuitem").first(), "Escape");
  await expect(amy.page.getByRole("menu")).toBeVisible();
});

test("E31 F30 an input method's Enter sends nothing from the customer's page", async ({ dana }) => {
  await dana.openChat();
  await dana.chat.name.fill("だな");
  await dana.chat.text.fill("にほん");
  for (const box of [dana.chat.name, dana.chat.text]) await compose(box, "Enter");
  await expect(dana.chat.text).toHaveValue("にほん");
  await dana.chat.text.press("Enter");
  await expect(dana.chat.message("にほん")).toBeVisible();
});

test("E35 F35 a customer who reads further up is shown what is new, and taken there", async ({ amy, dana }) => {
  const workitem = await conversation(amy, dana);
  await saidSo(amy, workitem, 1, 30);
  await expect(dana.chat.message("Line 30 of many")).toBeVisible();
  await scrollUp(dana.chat.log);
  await saidSo(amy, workitem, 31, 32);
  const mark = dana.page.getByRole("button", { name: "2 new" });
  await expect(mark).toBeVisible();
  await mark.click();
  await expect(dana.chat.message("Line 32 of many")).toBeInViewport();
  await expect(mark).toBeHidden();
});

test("E35 F35 the title of a customer's tab counts what came while another one was in front", async ({ amy, dana }) => {
  await conversation(amy, dana);
  const title = await dana.page.title();
  await look(dana.page, "elsewhere");
  await amy.answer("One");
  await amy.answer("Two");
  await expect(dana.page).toHaveTitle(`(2) ${title}`);
  await look(dana.page, "here");
  await expect(dana.page).toHaveTitle(title);
});

test("E35 F35 staff who read further up are shown what others said below", async ({ amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await saidSo(amy, workitem, 1, 40);
  const logs = [amy.workspace.transcript.log, sam.coaching.transcript.log];
  for (const log of logs) {
    await expect(log.getByText("Line 40 of many")).toBeVisible();
    await scrollUp(log);
  }
  await dana.write("Are you there?");
  await expect(amy.page.getByRole("button", { name: "1 new" })).toBeVisible();
  await expect(sam.page.getByRole("button", { name: "1 new" })).toBeVisible();
  await amy.answer("Yes");
  await expect(sam.page.getByRole("button", { name: "2 new" })).toBeVisible();
  await sam.page.getByRole("button", { name: "2 new" }).click();
  await expect(logs[1]?.getByText("Are you there?")).toBeInViewport();
  await expect(sam.page.getByRole("button", { name: /new$/ })).toHaveCount(0);
});

test("E35 F35 a colleague's message below what is read shows in the Company Directory", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  for (let line = 1; line <= 25; line += 1) {
    const message = { to: await amy.id(), key: `note-${line}`, text: `Note ${line} of many`, answers: null };
    await sam.ask("directory/directory_send", message);
  }
  await amy.directory.openConversation("Sam Stone");
  const log = amy.directory.conversation("Sam Stone");
  await expect(log.getByText("Note 25 of many")).toBeInViewport();
  await scrollUp(log);
  await sam.ask("directory/directory_send", { to: await amy.id(), key: "note-26", text: "Note 26 of many", answers: null });
  await amy.page.getByRole("button", { name: "1 new" }).click();
  await expect(log.getByText("Note 26 of many")).toBeInViewport();
});

test("U04 E35 the title counts a customer's message and a raised hand until somebody looked", async ({ amy, sam, dana }) => {
  await sam.signIn();
  await conversation(amy, dana);
  await amy.goto("/settings");
  const icon = amy.page.locator("link[rel=icon]");
  await expect(icon).toHaveAttribute("href", "/favicon.svg");
  await dana.write("Hello?");
  await expect(amy.page).toHaveTitle("(1) Settings · Sideline");
  // A tab whose title is too narrow to be read has a dot.
  await expect(icon).toHaveAttribute("href", /\/pkg\/\w+\/favicon-news\.svg$/);
  const dot = await amy.page.request.get((await icon.getAttribute("href")) ?? "");
  expect(dot.headers()["content-type"]).toContain("image/svg+xml");
  await amy.goto("/workspace");
  await amy.openWorkitem("Dana Dietz");
  await expect(amy.page).not.toHaveTitle(/^\(/);
  await expect(icon).toHaveAttribute("href", "/favicon.svg");
  await amy.raiseHand();
  await expect(sam.page).toHaveTitle(/^\(1\) /);
  await sam.popUpFrom("Amy Adler").dismissButton.click();
});

test("E35 F35 on a phone a mark beside Back says that something is new elsewhere", async ({ amy, dana, eli }) => {
  await amy.page.setViewportSize({ width: 390, height: 844 });
  await conversation(amy, dana);
  await eli.begin("I am here as well");
  await expect(amy.workspace.open.getByRole("link", { name: /^Back\s+1 unread/ })).toBeVisible();
});

test("U04 E35 a notice and a sound tell an agent who wants them and looks elsewhere", async ({ amy, dana }) => {
  await amy.page.addInitScript(() => {
    const told: string[] = [];
    const tone = { frequency: { setValueAtTime() {} }, connect: () => tone, start: () => told.push("a tone"), stop() {} };
    const loudness = { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect() {} };
    Object.assign(window, {
      told,
      Notification: class {
        static permission = "granted";
        constructor(title: string, { body }: { body: string }) {
          told.push(`${title}: ${body}`);
        }
      },
      AudioContext: class {
        currentTime = 0;
        createOscillator = () => tone;
        createGain = () => loudness;
        close() {}
      },
    });
  });
  const told = () => amy.page.evaluate(() => (window as unknown as { told: string[] }).told);
  await conversation(amy, dana);
  await look(amy.page, "elsewhere");
  await dana.write("Nobody wants to hear this");
  await expect(amy.workspace.transcript.customer("Nobody wants to hear this")).toBeVisible();
  expect(await told()).toEqual([]);

  await amy.goto("/settings");
  const alerts = amy.page.getByRole("region", { name: "When you look elsewhere" });
  for (const name of ["Desktop notices", "Sound"]) await alerts.getByRole("switch", { name }).click();
  await alerts.getByRole("button", { name: "Test" }).click();
  await expect(alerts.getByRole("status")).toHaveText("Sent.");
  await expect.poll(told).toEqual(["Sideline: This is how Sideline tells you that something is new.", "a tone"]);
  await amy.reload();
  for (const name of ["Desktop notices", "Sound"]) await expect(alerts.getByRole("switch", { name })).toBeChecked();
  await look(amy.page, "elsewhere");
  await dana.write("Where are you?");
  await expect.poll(told).toEqual(["Dana Dietz: Where are you?", "a tone"]);
});

test("E36 F36 times change at midnight and tell the year of another one", async ({ amy, dana }) => {
  for (const { page } of [amy, dana]) await takeClock(page);
  await conversation(amy, dana, "Where is my parcel?");
  await amy.answer("On its way.");
  const time = dana.chat.message("On its way.").getByRole("time");
  const staffTime = amy.workspace.transcript.agent("On its way.").getByRole("time");
  const today = /^\d{1,2}:\d\d( [AP]M)?$/;
  await expect(time).toHaveText(today);
  await expect(staffTime).toHaveText(today);
  for (const { page } of [amy, dana]) await page.clock.fastForward("24:00:00");
  await expect(time).not.toHaveText(today);
  await expect(staffTime).not.toHaveText(today);
  await expect(time).not.toHaveText(/20\d\d/);
  for (const { page } of [amy, dana]) await page.clock.fastForward(367 * 86_400_000);
  await expect(time).toHaveText(/20\d\d/);
  await expect(staffTime).toHaveText(/20\d\d/);
});

test("E37 F37 a conversation takes as many sheets as it needs, staff's and customer's", async ({ amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await sam.coach("Offer a refund.");
  await saidSo(amy, workitem, 1, 40);
  for (const [page, log] of [
    [amy.page, amy.workspace.transcript.log],
    [sam.page, sam.coaching.transcript.log],
    [dana.page, dana.chat.log],
  ] as const) {
    await expect(log.getByText("Line 40 of many")).toBeVisible();
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await log.evaluate(({ clientHeight, scrollHeight }) => scrollHeight - clientHeight)).toBeLessThanOrEqual(1);
    await expect(log.getByText("Where is my parcel?")).toBeVisible();
    expect(await sheets(page)).toBeGreaterThan(2);
  }
  await expect(amy.header.root).toBeHidden();
  await expect(amy.workspace.composer.text).toBeHidden();
  await expect(amy.workspace.transcript.coaching("Offer a refund.").article).toContainText("Coaching");
  await expect(dana.chat.text).toBeHidden();
  await expect(dana.chat.content).not.toContainText("refund");
});

test("E37 what was not loaded yet is printed too", async ({ amy, dana }) => {
  const prints = () => {
    Object.assign(window, { printed: 0, print: () => ((window as unknown as { printed: number }).printed += 1) });
  };
  const printed = (page: Page) => page.evaluate(() => (window as unknown as { printed: number }).printed);
  for (const { page } of [amy, dana]) await page.addInitScript(prints);
  const workitem = await conversation(amy, dana);
  await saidSo(amy, workitem, 1, 230);
  for (const press of [
    (page: Page) => page.keyboard.press("Control+p"),
    (page: Page) => new Keyboard(page).pressAs("з", "KeyP", true),
  ]) {
    await amy.reload();
    await dana.page.reload();
    for (const [page, log] of [
      [amy.page, amy.workspace.transcript.log],
      [dana.page, dana.chat.log],
    ] as const) {
      await expect(log.getByText("Line 230 of many")).toBeVisible();
      await expect(log.getByText("Where is my parcel?")).toHaveCount(0);
      await press(page);
      await expect.poll(() => printed(page)).toBe(1);
      await expect(log.getByText("Where is my parcel?")).toBeAttached();
      await expect(log.getByText(/^Line \d+ of many$/)).toHaveCount(230);
    }
  }
});

test("E38 F38 by finger Enter makes a line, and the button sends", async ({ amy, dana }) => {
  for (const { page } of [amy, dana]) await touch(page);
  await conversation(amy, dana);
  for (const box of [dana.chat.text, amy.workspace.composer.text]) {
    await box.click();
    await box.pressSequentially("street");
    await box.press("Enter");
    await box.pressSequentially("town");
    await expect(box).toHaveValue("street\ntown");
    await expect(box).toHaveAttribute("enterkeyhint", "enter");
  }
  await dana.chat.sendButton.click();
  await expect(amy.workspace.transcript.customer("town")).toBeVisible();
  for (const { page } of [amy, dana]) {
    await expect(page.locator("meta[name=viewport]")).toHaveAttribute("content", /interactive-widget=resizes-content/);
  }
});

test("E38 the newest message and the box stand above the on-screen keyboard", async ({ amy, dana }) => {
  for (const { page } of [amy, dana]) await page.setViewportSize({ width: 390, height: 844 });
  const workitem = await conversation(amy, dana);
  await saidSo(amy, workitem, 1, 20);
  for (const [page, log, box] of [
    [amy.page, amy.workspace.transcript.log, amy.workspace.composer.text],
    [dana.page, dana.chat.log, dana.chat.text],
  ] as const) {
    await box.click();
    for (const height of [480, 400]) {
      await page.setViewportSize({ width: 390, height });
      await expect(log.getByText("Line 20 of many")).toBeInViewport({ ratio: 1 });
      await expect(box).toBeInViewport({ ratio: 1 });
    }
  }
});

test("E38 Back closes a question on the customer's page before it leaves it", async ({ dana }) => {
  await dana.begin("Hello");
  for (const button of [dana.chat.endButton, dana.chat.forgetButton]) {
    await button.click();
    await expect(dana.chat.question).toBeVisible();
    await dana.page.goBack();
    await expect(dana.chat.question).toBeHidden();
    await expect(dana.chat.message("Hello")).toBeVisible();
  }
  await dana.chat.endButton.click();
  await dana.chat.question.getByRole("button", { name: "Keep chatting" }).click();
  await expect.poll(() => dana.page.evaluate(() => history.state)).toBe(null);
  await expect(dana.chat.message("Hello")).toBeVisible();
});

test("E39 F39 U10 at 320 by 256 a conversation has half of the screen, and everything is in reach", async ({ amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await saidSo(amy, workitem, 1, 20);
  const small = { width: 320, height: 256 };
  for (const { page } of [amy, sam, dana]) await page.setViewportSize(small);
  for (const [log, ...controls] of [
    [amy.workspace.transcript.log, amy.workspace.composer.sendButton, amy.workspace.transferButton, amy.header.userMenu],
    [sam.coaching.transcript.log, sam.coaching.composer.sendButton, sam.coaching.back],
    [dana.chat.log, dana.chat.sendButton, dana.chat.endButton],
  ] as const) {
    await log.scrollIntoViewIfNeeded();
    expect((await log.boundingBox())?.height).toBeGreaterThanOrEqual(128);
    for (const control of controls) {
      await control.scrollIntoViewIfNeeded();
      await expect(control).toBeInViewport({ ratio: 0.98 });
      await control.click({ trial: true });
    }
  }
  for (const { page } of [amy, sam, dana]) await expectNothingSideways(page, page.url());

  await amy.directory.openConversation("Sam Stone");
  const log = amy.directory.conversation("Sam Stone");
  expect((await log.boundingBox())?.height).toBeGreaterThanOrEqual(128);
  await amy.directory.composer("Sam Stone").sendButton.click({ trial: true });
  await expectNothingSideways(amy.page, "Company Directory");
  await amy.directory.close();
  for (const open of [amy.header.dialpad, amy.header.assistance, amy.workspace.transferButton]) {
    await open.click();
    const dialog = amy.page.getByRole("dialog");
    for (const button of await dialog.getByRole("button").all()) {
      await button.scrollIntoViewIfNeeded();
      await expect(button).toBeInViewport({ ratio: 0.99 });
    }
    await expectNothingSideways(amy.page, "a dialog");
    await amy.page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
  }
});

test("E39 at 320 by 256 the pages of supervisors and administrators can be read and used", async ({ amy, sam, ada }) => {
  await amy.signIn();
  await sam.signIn();
  await ada.signIn();
  await amy.raiseHand();
  await expect(sam.popUpFrom("Amy Adler").region).toBeVisible();
  for (const { page } of [sam, ada]) await page.setViewportSize({ width: 320, height: 256 });
  await sam.dashboard.agent("Amy Adler").actions.click({ trial: true });
  await expectNothingSideways(sam.page, "/dashboard");
  await sam.goto(`/coaching/${await amy.id()}`);
  await sam.modal.editButton.or(sam.modal.rows.first()).first().click({ trial: true });
  await sam.modal.closeButton.click({ trial: true });
  await expectNothingSideways(sam.page, "/coaching/{agent}");
  await sam.goto("/settings");
  await expectNothingSideways(sam.page, "/settings");
  for (const path of ["templates", "users", "teams", "channels", "settings", "customers", "audit"]) {
    await ada.goto(`/admin/${path}`);
    await expect(ada.page.getByRole("heading", { level: 1 })).toBeAttached();
    await expectNothingSideways(ada.page, `/admin/${path}`);
  }
});

for (const [width, height] of [[320, 640], [375, 800], [1280, 720]] as const) {
  test(`E39 F40 at ${width} px long words and names push nothing out of reach`, async ({ amy, sam, ada, dana }) => {
    await ada.signIn();
    const name = "N".repeat(80);
    const address = `https://shop.example/${"a".repeat(200)}`;
    await amy.signIn();
    await sam.signIn();
    await dana.openChat();
    for (const { page } of [amy, sam, ada, dana]) await page.setViewportSize({ width, height });
    await dana.chat.begin(name, address);
    await expectNothingSideways(dana.page, "the chat page");
    await expect(dana.chat.sendButton).toBeInViewport();
    const workitem = await amy.workitemWith(name);
    await expectNothingSideways(amy.page, "/workspace");
    await amy.goto(`/workspace/${workitem.id}`);
    await expectNothingSideways(amy.page, "/workspace/{workitem}");
    await amy.workspace.transferButton.click({ trial: true });
    await sam.goto(`/coaching/${await amy.id()}`);
    await sam.modal.row(name.slice(0, 20)).dblclick();
    await expect(sam.modal.editButton).toBeVisible();
    await expectNothingSideways(sam.page, "the modal");
    await sam.monitor(amy, workitem);
    await expectNothingSideways(sam.page, "/coaching/{agent}/{workitem}");
    await sam.coach("w".repeat(200));
    await expectNothingSideways(sam.page, "coaching");
    await expectNothingSideways(amy.page, "coached");
    await amy.goto("/history?words=w*");
    await expectNothingSideways(amy.page, "/history");
    await amy.goto("/settings");
    await amy.directory.write("Sam Stone", "m".repeat(200));
    await expect(sam.popUpFrom("Amy Adler").region).toBeVisible();
    await expectNothingSideways(sam.page, "a pop-up");
    await sam.popUpFrom("Amy Adler").dismissButton.click({ trial: true });
    await sam.directory.openConversation("Amy Adler");
    await expectNothingSideways(sam.page, "Company Directory");
    await ada.goto(`/admin/customers?name=${name}`);
    await expectNothingSideways(ada.page, "/admin/customers");
  });
}

test("E39 F41 older entries that are put in front are not read aloud", async ({ amy, dana }) => {
  const workitem = await conversation(amy, dana);
  await saidSo(amy, workitem, 1, 230);
  await amy.reload();
  await dana.page.reload();
  for (const [page, log, more] of [
    [amy.page, amy.workspace.transcript.log, "Load older entries"],
    [dana.page, dana.chat.log, "Earlier messages"],
  ] as const) {
    await expect(log.getByText("Line 230 of many")).toBeVisible();
    await log.evaluate((element) => {
      const aloud: (string | null)[] = [];
      Object.assign(window, { aloud });
      new MutationObserver((changes) => {
        const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
        const lines = added.filter((node) => node instanceof Element && node.localName === "article");
        if (lines.length > 0) aloud.push(element.getAttribute("aria-live"));
      }).observe(element, { childList: true });
    });
    const aloud = () => page.evaluate(() => (window as unknown as { aloud: (string | null)[] }).aloud);
    const before = await log.getByRole("article").count();
    // Scrolling to it may be enough.
    await log.evaluate((element) => (element.scrollTop = 0));
    if (page === dana.page) await log.getByRole("link", { name: more }).click();
    await expect.poll(() => log.getByRole("article").count()).toBeGreaterThan(before);
    expect(new Set(await aloud())).toEqual(new Set(["off"]));
    await expect(log).not.toHaveAttribute("aria-live", "off");
    await amy.ask("workitems/message_send", {
      workitem: workitem.id, key: `after-${more.length}`, text: `Read this aloud, ${more}`,
    });
    await expect(log.getByText(`Read this aloud, ${more}`)).toBeAttached();
    await expect.poll(async () => (await aloud()).at(-1)).not.toBe("off");
  }
});

test("E39 F41 what a customer sends is read aloud once, without how it is on its way", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await dana.chat.log.evaluate((log) => {
    const aloud: string[] = [];
    Object.assign(window, { aloud });
    const silent = "[aria-live='off']";
    const heard = (added: Node) => {
      const copy = added.cloneNode(true);
      if (copy instanceof Element) copy.querySelectorAll(silent).forEach((part) => part.remove());
      return copy.textContent ?? "";
    };
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        for (const node of addedNodes) {
          const element = node instanceof Element ? node : (target as Element);
          if (!element.closest(silent)) aloud.push(heard(node));
        }
      }
    }).observe(log, { childList: true, subtree: true });
  });
  await dana.write("Do you hear me?");
  await expect(dana.chat.message("Do you hear me?").getByRole("time")).toBeVisible();
  await amy.answer("I do.");
  await expect(dana.chat.message("I do.")).toBeVisible();
  const aloud = await dana.page.evaluate(() => (window as unknown as { aloud: string[] }).aloud);
  expect(aloud[0]).toBe("You: Do you hear me?");
  expect(aloud.filter((text) => /Do you hear me|Sending/.test(text))).toHaveLength(1);
});

test("E39 F42 U26 in the system's own colours authors, choices and places are told apart by edges", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await amy.answer("Hello!");
  await sam.coach("Offer a refund.");
  for (const { page } of [amy, sam, dana]) await page.emulateMedia({ forcedColors: "active" });
  const { transcript } = amy.workspace;
  const message = transcript.coaching("Offer a refund.");
  const edges = await Promise.all(
    [transcript.customer("Where is my parcel?"), transcript.agent("Hello!"), message.article].map((entry) =>
      entry.evaluate((element) => {
        const { borderTopStyle, borderTopWidth, borderInlineStartWidth } = getComputedStyle(element);
        return [borderTopStyle, borderTopWidth, borderInlineStartWidth].join(" ");
      }),
    ),
  );
  expect(new Set(edges).size).toBe(3);

  await message.thumbsUp.click();
  await expect(message.thumbsUp).toHaveAttribute("aria-pressed", "true");
  const ground = (element: Element) => getComputedStyle(element).backgroundColor;
  expect(await message.thumbsUp.evaluate(ground)).not.toBe(await message.thumbsDown.evaluate(ground));
  const edge = (element: Element) => getComputedStyle(element).borderInlineStartWidth;
  const [open, other] = [amy.workspace.workitem("Dana Dietz"), amy.workspace.list.locator("a:not([aria-current])").first()];
  expect(await open.evaluate(edge)).not.toBe(await other.evaluate(edge));
  const underline = (element: Element) => getComputedStyle(element, "::after").backgroundColor;
  const tab = amy.header.root.locator("a[aria-current]");
  expect(await tab.evaluate(underline)).not.toBe("rgba(0, 0, 0, 0)");
  const bubble = (element: Element) => getComputedStyle(element).borderTopStyle;
  expect(await dana.chat.message("Hello!").evaluate(bubble)).not.toBe(
    await dana.chat.message("Where is my parcel?").evaluate(bubble),
  );
});

test("F44 every box of several lines grows, or can be pulled", async ({ amy, sam, ada, dana }) => {
  await monitored(amy, sam, dana);
  await ada.signIn();
  await ada.templates.newButton.click();
  for (const box of [amy.workspace.composer.text, sam.coaching.composer.text, ada.templates.message, dana.chat.text]) {
    await expect(box).toHaveCSS("resize", "vertical");
  }
});
