// Little room: no page is taller than its window, and a conversation keeps its part of it.

import type { Locator, Page } from "@playwright/test";

import type { Person } from "../fixtures/person.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";
import { newKey, type Team, type UserAccount } from "../fixtures/wire.ts";

/** What scrolls is the page in its frame, never the frame in the window. */
async function expectFrameStays(person: Person, path: string): Promise<void> {
  await person.goto(path);
  await expect(person.page.locator("html")).toHaveAttribute("data-ready", "true");
  const [tall, seen] = await person.page.evaluate(() => [document.documentElement.scrollHeight, innerHeight] as const);
  expect(tall, path).toBe(seen);
}

for (const [width, height] of [[1280, 720], [390, 844]] as const) {
  test(`no page is taller than a window of ${width} by ${height}`, async ({ amy, sam, ada }) => {
    for (const person of [amy, sam, ada]) {
      await person.page.setViewportSize({ width, height });
      await person.signIn();
    }
    for (const path of ["/dashboard", "/history", "/settings"]) await expectFrameStays(sam, path);
    for (const page of ["users", "teams", "templates", "channels", "audit"]) await expectFrameStays(ada, `/admin/${page}`);
    const { id } = await amy.workitemOn("chat");
    for (const path of [`/workspace/${id}`, "/settings"]) await expectFrameStays(amy, path);
    await amy.page.getByRole("banner").hover();
    await amy.page.mouse.wheel(0, 2000);
    await expect(amy.header.userMenu).toBeInViewport();
  });
}

async function box(element: Locator): Promise<{ top: number; bottom: number; height: number }> {
  return element.evaluate((element) => {
    const { top, bottom, height } = element.getBoundingClientRect();
    return { top, bottom, height };
  });
}

/** The part of the room between the top of the page and the box that the conversation has. */
async function partOfLog(page: Page, log: Locator, text: Locator): Promise<number> {
  const [main, seen, written] = [await box(page.getByRole("main")), await box(log), await box(text)];
  return seen.height / (written.top - main.top);
}

for (const [width, height] of [[320, 640], [390, 664]] as const) {
  test(`the Coaching Page at ${width} by ${height} is mostly the conversation`, async ({ amy, sam, dana }) => {
    await sam.page.setViewportSize({ width, height });
    await monitored(amy, sam, dana);
    const { coaching } = sam;
    const part = () => partOfLog(sam.page, coaching.transcript.log, coaching.composer.text);
    await expect.poll(part).toBeGreaterThanOrEqual(0.5);
    await expect(coaching.endButton).toBeHidden();
    await coaching.moreButton.click();
    await expect(coaching.moreButton).toHaveAttribute("aria-expanded", "true");
    await expect(coaching.takeOverButton).toBeVisible();
    await coaching.endButton.click();
    const question = sam.page.getByRole("dialog", { name: "End the conversation?" });
    await question.getByRole("button", { name: "Cancel" }).click();
    await coaching.moreButton.click();
    await expect(coaching.endButton).toBeHidden();
    await expect.poll(part).toBeGreaterThanOrEqual(0.5);
  });
}

test("F39 U10 at 320 by 568 the newest message can be read beside a coaching notice of another workitem", async ({
  amy,
  sam,
  dana,
}) => {
  await conversation(amy, dana);
  const chats = (await amy.worklist()).filter(({ channel, state }) => channel === "chat" && state === "active");
  const another = chats.find(({ customer }) => customer !== dana.name);
  if (!another) throw new Error("amy has another chat");
  await amy.page.setViewportSize({ width: 320, height: 568 });
  await sam.signIn();
  await sam.monitor(amy, another);
  await sam.coach("Apologise first, and then ask for the number of the order.");
  const notice = amy.page.getByRole("region", { name: "Coaching from Sam Stone" });
  await expect(notice.getByText("Apologise first")).toBeInViewport({ ratio: 0.9 });
  const ways = [notice.getByRole("link", { name: "Open workitem" }), notice.getByRole("button", { name: "Dismiss" })];
  for (const way of ways) {
    await expect(way).toBeInViewport({ ratio: 1 });
    await way.click({ trial: true });
  }
  const { log, entries } = amy.workspace.transcript;
  await expect(entries.last()).toBeInViewport({ ratio: 0.9 });
  const newest = async () => (await box(log)).height - (await box(entries.last())).height;
  await expect.poll(newest, "the conversation has room for its newest entry").toBeGreaterThanOrEqual(0);
});

test("beside two raised hands at 1280 by 720 the Coaching Page is mostly the conversation", async ({ amy, ben, sam, dana }) => {
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await monitored(amy, sam, dana);
  await ben.signIn();
  for (const hand of [1, 2]) {
    await ben.raiseHand();
    await expect(sam.popUpFrom("Ben Brooks").region).toHaveCount(hand);
  }
  const { coaching } = sam;
  await expect.poll(() => partOfLog(sam.page, coaching.transcript.log, coaching.composer.text)).toBeGreaterThanOrEqual(0.5);
  for (const shown of [coaching.takeOverButton, coaching.endButton, coaching.review.flagButton, coaching.labels.line, sam.history.earlier]) {
    await expect(shown).toBeInViewport({ ratio: 1 });
  }
});

test("beside two raised hands at 1280 by 720 the history is mostly what was found", async ({ ben, sam }) => {
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await sam.signIn();
  await sam.history.link.click();
  await ben.signIn();
  for (const hand of [1, 2]) {
    await ben.raiseHand();
    await expect(sam.popUpFrom("Ben Brooks").region).toHaveCount(hand);
  }
  const found = async () => {
    const [main, hits] = [await box(sam.page.getByRole("main")), await box(sam.history.hits.first())];
    return (main.bottom - hits.top) / main.height;
  };
  await expect.poll(found).toBeGreaterThanOrEqual(0.5);
});

test("at 320 by 256 toasts cover neither the box nor Send", async ({ amy, sam, sue, dana }) => {
  const workitem = await conversation(amy, dana);
  await amy.page.setViewportSize({ width: 320, height: 256 });
  await sam.signIn();
  await sue.signIn();
  await sam.monitor(amy, workitem);
  await sue.monitor(amy, workitem);
  await expect(amy.page.getByRole("link", { name: /Sue Silva is monitoring/ })).toBeVisible();
  await expect(amy.page.getByRole("link", { name: /Sam Stone is monitoring/ })).toBeHidden();
  const { text, sendButton } = amy.workspace.composer;
  await text.focus();
  await text.fill("One moment.");
  for (const control of [text, sendButton]) {
    await control.scrollIntoViewIfNeeded();
    const free = await control.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const at = [0.1, 0.5, 0.9].map((part) => document.elementFromPoint(left + width / 2, top + height * part));
      return at.every((found) => found !== null && element.contains(found));
    });
    expect(free, "nothing lies over it").toBe(true);
  }
});

test("a name stands where its column begins, in whatever script it is written", async ({ ada, sam, meet }) => {
  await ada.signIn();
  const name = "ليلى حداد";
  const account = { key: newKey(), username: "layla", name, roles: ["agent"], password: "correct horse 42" };
  const { id } = await ada.ask<UserAccount>("administration/user_create", account);
  const change = { name: "Night", members: [id], supervisors: [] as string[] };
  await sam.signIn();
  change.supervisors.push(await sam.id());
  await ada.ask<Team>("administration/team_create", { key: newKey(), change });
  const layla = await meet("layla", name);
  await layla.signInFirst("correct horse 42", "stone-by-stone");
  await layla.raiseHand();
  /** From the edge of the cell to its first letter. */
  const inset = (cell: Locator) =>
    cell.evaluate((cell) => {
      const words = document.createRange();
      words.selectNodeContents(cell);
      return words.getBoundingClientRect().left - cell.getBoundingClientRect().left;
    });
  await sam.goto("/dashboard");
  const request = sam.dashboard.request(name).row.getByRole("rowheader");
  await expect(request).toBeVisible();
  expect(await inset(request)).toBeLessThan(20);
  await ada.goto("/admin/users");
  expect(await inset(ada.users.row(name).getByRole("rowheader"))).toBeLessThan(20);
});

for (const [width, height, part] of [[1280, 720, 0.15], [320, 640, 0.3]] as const) {
  test(`U02 one raised hand leaves room on a dashboard of ${width} by ${height}`, async ({ amy, sam }) => {
    await amy.signIn();
    await sam.page.setViewportSize({ width, height });
    await sam.signIn();
    await amy.raiseHand();
    const popUp = sam.popUpFrom("Amy Adler");
    await expect(popUp.region).toBeVisible();
    await expect.poll(async () => (await box(popUp.region)).height / height).toBeLessThan(part);
    for (const shown of [
      popUp.region.getByText("My customer wants to cancel"),
      popUp.composer.text,
      popUp.composer.sendButton,
      popUp.region.getByRole("button", { name: "Claim the request of Amy Adler" }),
      popUp.dismissButton,
    ]) {
      await expect(shown).toBeInViewport({ ratio: 0.9 });
    }
  });
}

test("beside a raised hand a supervisor sees to whom work is reassigned, and chooses from all of it", async ({ amy, sam, dana }) => {
  await conversation(amy, dana);
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await sam.signIn();
  await amy.raiseHand();
  await expect(sam.popUpFrom("Amy Adler").region).toBeVisible();
  await sam.page.getByRole("button", { name: "Reassign work of Amy Adler" }).click();
  const dialog = sam.page.getByRole("dialog", { name: "Reassign work of Amy Adler" });
  const target = dialog.getByRole("combobox", { name: "Reassign to" });
  await expect(target).toBeInViewport({ ratio: 1 });
  const choices = dialog.getByRole("checkbox");
  expect(await choices.count()).toBeGreaterThan(3);
  await choices.last().check();
  await expect(choices.last()).toBeInViewport({ ratio: 1 });
  await expect(target).toBeInViewport({ ratio: 1 });
});
