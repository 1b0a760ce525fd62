// E20 to E24: the life of a raised hand, coaching that is seen, and pop-ups that bury nothing.

import type { Locator, Page } from "@playwright/test";

import { expectNoViolations } from "../fixtures/axe.ts";
import { takeClock } from "../fixtures/clock.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { places } from "../fixtures/shifts.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Template } from "../fixtures/wire.ts";
import { WatchWall } from "../pages/watch-wall.ts";

/** Whether something else lies over `control`: over its middle, or beside that. */
async function covered(control: Locator): Promise<boolean> {
  return control.evaluate((element) => {
    const box = element.getBoundingClientRect();
    return [0.1, 0.5, 0.9].some((part) => {
      const at = document.elementFromPoint(box.left + box.width * part, box.top + box.height / 2);
      return !(at && (element.contains(at) || at.contains(element)));
    });
  });
}

/** Every pop-up of somebody, when there may be several. */
function regions(page: Page, name: string): Locator {
  return page.getByRole("region", { name: `Message from ${name}` });
}

test("F10 E20 an answer of a supervisor who sees the hand settles it for everybody", async ({ amy, sam, sue }) => {
  await amy.signIn();
  await sam.signIn();
  await sue.signIn();
  await amy.raiseHand({ to: { name: "Sam Stone" } });
  await expect(sam.popUpFrom("Amy Adler").region).toBeVisible();
  await sue.dashboard.agent("Amy Adler").row.getByRole("button", { name: "Answer Amy Adler" }).click();
  await expect(sue.directory.dialog).toContainText("Your message answers");
  await sue.directory.composer("Amy Adler").send("I take it.");

  await expect(amy.popUpFrom("Sue Silva").region).toContainText("I take it.");
  await expect(sam.popUpFrom("Amy Adler").region).toContainText("Answered by Sue Silva");
  for (const supervisor of [sam, sue]) {
    await expect(supervisor.dashboard.agent("Amy Adler").cell("Request")).toContainText("none");
  }
  await sam.reload();
  // A pop-up that came back with the page would stand before a new one.
  await sue.directory.write("Sam Stone", "It is settled.");
  await expect(sam.popUpFrom("Sue Silva").region).toContainText("It is settled.");
  await expect(sam.popUpFrom("Amy Adler").region).toHaveCount(0);
});

test("E20 U03 the agent sees how long a request waits, and withdraws it", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  await amy.raiseHand();
  await expect(amy.header.assistance).toHaveAccessibleDescription(/Waiting for help \d+ (s|min)/);
  await amy.page.getByRole("button", { name: /^Waiting for help/ }).click();
  const mine = amy.page.getByRole("region", { name: "My requests" });
  await expect(mine.getByRole("listitem")).toHaveCount(1);
  await mine.getByRole("button", { name: "Withdraw" }).click();
  await expect(mine).toHaveCount(0);
  await expect(sam.popUpFrom("Amy Adler").region).toContainText("Withdrawn");
  await expect(sam.dashboard.agent("Amy Adler").cell("Request")).toContainText("none");
});

test("E20 the list of requests that wait is free of toasts, and closes on Escape and on a click elsewhere", async ({
  amy,
  sam,
}) => {
  await takeClock(amy.page);
  await amy.signIn();
  await sam.signIn();
  await amy.raiseHand();
  await amy.raiseHand();
  const waiting = amy.page.getByRole("button", { name: /^Waiting for help/ });
  const withdraw = amy.page.getByRole("region", { name: "My requests" }).getByRole("button", { name: "Withdraw" });
  await waiting.click();
  await expect(withdraw).toHaveCount(2);
  // What was just said stays while the clock stands.
  await amy.page.clock.pauseAt((await amy.page.evaluate(() => Date.now())) + 100);
  await expect(amy.page.getByText(/^Request sent to /).first()).toBeVisible();
  for (const button of await withdraw.all()) expect(await covered(button)).toBe(false);

  await withdraw.last().focus();
  await amy.page.keyboard.press("Escape");
  await expect(withdraw).toHaveCount(0);
  await expect(waiting).toBeFocused();
  await waiting.click();
  await expect(withdraw).toHaveCount(2);
  await amy.page.getByRole("navigation", { name: "My workitems" }).click({ position: { x: 2, y: 2 } });
  await expect(withdraw).toHaveCount(0);
});

test("E24 who, about what and the ways out stand in one line of the unfolded pop-up, beside others too", async ({
  amy,
  ben,
  sam,
  dana,
}) => {
  await conversation(amy, dana);
  await ben.signIn();
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await sam.signIn();
  await amy.raiseHand();
  const { region, dismissButton } = sam.popUpFrom("Amy Adler");
  await expect(region).toBeVisible();
  await ben.raiseHand();
  await expect(sam.popUpFrom("Ben Brooks").region).toBeVisible();
  await region.getByRole("button", { name: "Claim the request of Amy Adler" }).click();
  const handBack = region.getByRole("button", { name: "Hand back the request of Amy Adler" });
  await expect(handBack).toBeVisible();
  const line = [region.getByRole("heading"), handBack, dismissButton];
  const middles = await Promise.all(
    line.map((part) =>
      part.evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return (top + bottom) / 2;
      }),
    ),
  );
  expect(Math.max(...middles) - Math.min(...middles)).toBeLessThan(12);
});

test("E20 a hand in a folded row is claimed with one click, and with one key", async ({ amy, ben, sam }) => {
  await amy.signIn();
  await ben.signIn();
  await sam.signIn();
  const [amys, bens] = [sam.popUpFrom("Amy Adler"), sam.popUpFrom("Ben Brooks")];
  for (const width of [320, 390, 1280]) {
    await sam.page.setViewportSize({ width, height: 844 });
    await amy.raiseHand();
    await expect(amys.composer.text).toBeInViewport();
    await ben.raiseHand();
    const claim = bens.region.getByRole("button", { name: "Claim the request of Ben Brooks" });
    await expect(claim, `${width} px`).toBeInViewport({ ratio: 1 });
    await (width === 390 ? claim.press("Enter") : claim.click());
    await expect(bens.region).toContainText("You have it");
    // It is a row still, and the other one is unfolded.
    await expect(bens.composer.text).not.toBeInViewport({ ratio: 0.5 });
    await expect(amys.composer.text).toBeInViewport();
    await expectNoViolations(sam.page, `a row at ${width} px`);
    for (const { composer, region } of [amys, bens]) {
      await composer.send("I am on my way.");
      await expect(region).toHaveCount(0);
    }
  }
});

test("E20 E24 the keyboard gets to Claim of a row and moves nothing; Enter on its words and the way into its box unfold it", async ({
  amy,
  ben,
  sam,
}) => {
  for (const person of [amy, ben, sam]) await person.signIn();
  await amy.raiseHand();
  const [amys, bens] = [sam.popUpFrom("Amy Adler"), sam.popUpFrom("Ben Brooks")];
  await expect(amys.composer.text).toBeInViewport();
  await ben.raiseHand();
  const claim = bens.region.getByRole("button", { name: "Claim the request of Ben Brooks" });
  await expect(claim).toBeInViewport({ ratio: 1 });
  const all = sam.page.getByRole("region", { name: /^Message from / });
  const before = [await places(all), await places(claim)];
  await bens.words.focus();
  await sam.page.keyboard.press("Tab");
  await expect(claim).toBeFocused();
  expect([await places(all), await places(claim)], "on the way to Claim").toEqual(before);
  await expect(amys.composer.text).toBeInViewport();
  await sam.page.keyboard.press("Tab");
  await expect(bens.composer.text).toBeInViewport({ ratio: 1 });
  await expect(bens.region.locator(":focus")).toHaveCount(1);

  await sam.page.keyboard.press("Escape");
  await expect(claim).toBeFocused();
  await expect(bens.composer.text).not.toBeInViewport({ ratio: 0.5 });
  await bens.words.focus();
  await expect(bens.composer.text).not.toBeInViewport({ ratio: 0.5 });
  await sam.page.keyboard.press("Enter");
  await expect(bens.composer.text).toBeInViewport({ ratio: 1 });
  await expect(bens.words).toBeFocused();
});

test("E24 Escape folds a raised hand, and dismisses none to which an answer was begun", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  await amy.raiseHand();
  const { region, composer } = sam.popUpFrom("Amy Adler");
  const claim = region.getByRole("button", { name: "Claim the request of Amy Adler" });
  await composer.text.fill("One moment");
  await composer.text.press("Escape");
  await expect(claim).toBeFocused();
  await expect(composer.text).not.toBeInViewport({ ratio: 0.5 });
  await claim.press("Escape");
  await composer.text.focus();
  await expect(composer.text).toBeInViewport({ ratio: 1 });
  await expect(composer.text).toHaveValue("One moment");

  await composer.text.fill("");
  await composer.text.press("Escape");
  await expect(claim).toBeFocused();
  await claim.press("Escape");
  await expect(region).toHaveCount(0);
});

test("E24 who asks can be read whole beside a conversation and in the list of the wall, whatever else stands in the row", async ({
  amy,
  ben,
  sam,
  dana,
}) => {
  const { id } = await monitored(amy, sam, dana);
  await ben.signIn();
  for (const agent of [amy, ben, amy]) await agent.raiseHand();
  const { strip } = new WatchWall(sam.page);
  const all = sam.page.getByRole("region", { name: /^Message from / });
  const last = all.last().getByRole("button", { name: /^(Claim|Hand back) the request of / });
  const coaching = `/coaching/${await amy.id()}/${id}`;
  for (const [path, width] of [[coaching, 1024], [coaching, 1920], [`/watch?w=${id}`, 390], [`/watch?w=${id}`, 320]] as const) {
    await sam.page.setViewportSize({ width, height: 844 });
    await sam.goto(path);
    if (path !== coaching) await strip.getByRole("button", { name: "2 more" }).click();
    await expect(all).toHaveCount(3);
    if (path === coaching && width === 1024) await last.click();
    await expect(all.filter({ hasText: "You have it" })).toHaveCount(1);
    // Two people of one name, one of whom was escalated, which takes minutes.
    await all.getByRole("heading").evaluateAll((headings) => {
      for (const heading of headings) heading.textContent = "Ilan Oz (ilan.oz)";
      const badge = Object.assign(document.createElement("span"), { className: "badge badge--danger", textContent: "Escalated" });
      for (const heading of headings.slice(0, 2)) heading.parentElement?.append(badge.cloneNode(true));
    });
    const cut = await all.evaluateAll((regions) =>
      regions.flatMap((region) => {
        const parts = [...region.querySelectorAll("h2, .badge, .pop-up__answered, button")].filter((part) => part.checkVisibility());
        const row = region.getBoundingClientRect();
        const heading = region.querySelector("h2");
        const whole = heading && heading.scrollWidth <= heading.clientWidth + 1 && heading.scrollHeight <= heading.clientHeight + 2;
        const outside = parts
          .filter((part) => !part.closest(".pop-up__box"))
          .filter((part) => {
            const { top, bottom, right } = part.getBoundingClientRect();
            return top < row.top - 1 || bottom > row.bottom + 1 || right > row.right + 1;
          });
        return [...(whole ? [] : ["the name"]), ...outside.map(({ textContent }) => textContent)];
      }),
    );
    expect(cut, `${path} at ${width} px`).toEqual([]);
    // No row lies on another one.
    const rows = (await places(all)).map(([, top = 0, , height = 0]) => [top, top + height] as const);
    const ends = rows.toSorted(([one], [other]) => one - other);
    for (const [place, [, bottom]] of ends.slice(0, -1).entries()) {
      expect(ends[place + 1]?.[0], `${path} at ${width} px: row ${place + 1}`).toBeGreaterThanOrEqual(bottom);
    }
    const claimed = all.filter({ hasText: "You have it" });
    const [[left = 0, above = 0, across = 0, high = 0] = []] = await places(claimed.getByText("You have it"));
    const [[start = 0, top = 0] = []] = await places(claimed.getByRole("button", { name: /^Hand back / }));
    expect(left + across <= start + 1 || above + high <= top + 1, `${path} at ${width} px: beside or above the button`).toBe(true);
  }
});

test("E20 E23 U03 the Coaching Page shows the request; coaching answers it, and so does Mark handled", async ({
  amy,
  sam,
  dana,
}) => {
  const workitem = await conversation(amy, dana);
  await sam.signIn();
  await amy.raiseHand();
  await expect(amy.header.assistance).toHaveAccessibleDescription(/Waiting/);
  await sam.monitor(amy, workitem);
  const asks = sam.coaching.main.getByText(/Amy Adler asks:/);
  await expect(asks).toBeVisible();
  await sam.coach("Approved, 80 EUR.");
  await expect(asks).toHaveCount(0);
  await expect(amy.header.assistance).not.toHaveAccessibleDescription(/Waiting/);

  await amy.raiseHand();
  await expect(asks).toBeVisible();
  await sam.coaching.main.getByRole("button", { name: "Mark handled" }).click();
  await expect(asks).toHaveCount(0);
  await expect(amy.page.getByText("Marked as handled by Sam Stone")).toBeVisible();
});

test("E20 wrapping up settles what was asked from the workitem, and the agent reads why", async ({ amy, sam, dana }) => {
  await conversation(amy, dana);
  await sam.signIn();
  await amy.raiseHand();
  await expect(sam.popUpFrom("Amy Adler").region).toBeVisible();
  await amy.workspace.wrapUp();
  await expect(amy.page.getByText("Ended: the workitem was wrapped up")).toBeVisible();
  await expect(sam.popUpFrom("Amy Adler").region).toContainText("Ended: the workitem was wrapped up");
});

test("F11 E21 two raised hands of one agent are two, with a plain message beside them", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  const [first, second] = await amy.ask<{ templates: Template[] }>("assistance/assistance_options_load").then(
    (options) => options.templates,
  );
  if (!first || !second) throw new Error("there are four templates");
  await amy.raiseHand({ message: first.title });
  await amy.raiseHand({ message: second.title });
  await amy.directory.write("Sam Stone", "Are you there?");
  const all = regions(sam.page, "Amy Adler");
  await expect(all).toHaveCount(3);
  await all.filter({ hasText: first.text }).getByRole("textbox", { name: "Reply" }).fill("Yes to the first.");
  await all.filter({ hasText: first.text }).getByRole("button", { name: "Send" }).click();
  await expect(all.filter({ hasText: first.text })).toHaveCount(0);
  await expect(all.filter({ hasText: second.text })).toHaveCount(1);
  await sam.reload();
  await expect(all.filter({ hasText: second.text })).toHaveCount(1);
  await expect(all.filter({ hasText: first.text })).toHaveCount(0);
});

test("E21 U19 a message to the whole team reaches each of its agents, and answers no raised hand", async ({
  amy,
  ben,
  cleo,
  sam,
}) => {
  for (const person of [amy, ben, cleo, sam]) await person.signIn();
  await amy.raiseHand();
  await expect(sam.popUpFrom("Amy Adler").region).toBeVisible();
  await sam.page.getByRole("button", { name: "Message a team…" }).press("Enter");
  const dialog = sam.page.getByRole("dialog", { name: "Message a team" });
  // Amy's request stands below the form, with a button of its own.
  const send = dialog.getByRole("button", { name: "Send" }).first();
  await dialog.getByRole("textbox", { name: "Message" }).fill("  ");
  sam.expectProblem(/422/);
  await send.click();
  await expect(dialog.getByRole("textbox", { name: "Message" })).toHaveAccessibleDescription(/must not be empty/);
  await dialog.getByRole("textbox", { name: "Message" }).fill("The parcel service is down.");
  await send.click();
  await expect(dialog).toBeHidden();
  await expect(sam.page.getByText(/^Sent to \d+ agents$/)).toBeVisible();
  await expect(amy.popUpFrom("Sam Stone").region).toContainText("The parcel service is down.");
  await expect(ben.popUpFrom("Sam Stone").region).toContainText("The parcel service is down.");
  // Her hand is still up.
  await expect(sam.dashboard.request("Amy Adler").row).toBeVisible();
  // Ben answers Sam alone.
  await ben.popUpFrom("Sam Stone").reply("Since when?");
  await expect(sam.popUpFrom("Ben Brooks").region).toContainText("Since when?");
  // Cleo is in another team.
  await cleo.directory.write("Sam Stone", "Hello");
  await expect(sam.popUpFrom("Cleo Costa").region).toContainText("Hello");
  await expect(cleo.page.getByText("The parcel service is down.")).toHaveCount(0);
});

test("E21 the words that are sent are those that the agent saw", async ({ amy, sam, ada }) => {
  await amy.signIn();
  await sam.signIn();
  await ada.signIn();
  await amy.header.assistance.click();
  const [template] = await ada.ask<Template[]>("templates/template_list");
  await expect(amy.assistance.message(template?.title ?? "")).toBeChecked();
  await ada.templates.edit(template?.title ?? "");
  await ada.templates.fill({ message: "Something else altogether." });
  await ada.templates.save();
  await amy.expectProblem(/409/);
  await amy.assistance.sendButton.click();
  await expect(amy.assistance.dialog).toContainText("It now says: “Something else altogether.”");
  await expect(sam.popUpFrom("Amy Adler").region).toHaveCount(0);
  await amy.assistance.sendButton.click();
  await expect(sam.popUpFrom("Amy Adler").region).toContainText("Something else altogether.");
  await expect(regions(sam.page, "Amy Adler")).toHaveCount(1);
});

test("F12 E22 what somebody wrote who was deactivated can be read, once", async ({ amy, sam, ada }) => {
  await amy.signIn();
  await sam.signIn();
  await sam.goto("/settings");
  await sam.settings.notification.uncheck();
  await amy.directory.write("Sam Stone", "Do you have a minute?");
  await expect(sam.header.indicator).toBeVisible();
  await ada.signIn();
  amy.expectProblem(/401|404|WebSocket/);
  await ada.ask("administration/user_activate", {
    user: await amy.id(),
    active: false,
    key: crypto.randomUUID().replaceAll("-", ""),
  });
  await sam.reload();
  await expect(sam.header.indicator).toBeVisible();
  await sam.header.directory.click();
  await expect(sam.directory.person("Amy Adler")).toContainText("Deactivated");
  await sam.directory.person("Amy Adler").getByRole("button").click();
  await expect(sam.directory.conversation("Amy Adler")).toContainText("Do you have a minute?");
  await expect(sam.directory.dialog.getByRole("textbox", { name: "Message Amy Adler" })).toHaveCount(0);
  await expect(sam.header.indicator).toHaveCount(0);
  await sam.reload();
  await expect(sam.header.directory).toBeVisible();
  await expect(sam.header.indicator).toHaveCount(0);
});

test("U01 E23 coaching in a workitem that is not open is seen at once, until it is looked at", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  const workitem = await amy.workitemOn("chat");
  await sam.monitor(amy, workitem);
  await sam.coach("Apologise first.");
  await expect(sam.coaching.transcript.coaching("Apologise first.").article).toContainText(
    "Amy Adler has not opened it yet",
  );
  await expect(amy.workspace.workitem(workitem.subject)).toHaveAccessibleName(/1 from your coach/);
  await expect(amy.page).toHaveTitle(/^\(1\) /);
  const notice = amy.page.getByRole("region", { name: "Coaching from Sam Stone" });
  await expect(notice).toContainText("Apologise first.");

  await amy.goto("/settings");
  await expect(notice).toBeVisible();
  await expect(amy.page).toHaveTitle(/^\(1\) /);
  await notice.getByRole("link", { name: "Open workitem" }).click();
  await expect(amy.page).toHaveURL(`/workspace/${workitem.id}`);
  await expect(notice).toHaveCount(0);
  await expect(amy.page).not.toHaveTitle(/^\(1\) /);
  await expect(amy.workspace.workitem(workitem.subject)).not.toHaveAccessibleName(/from your coach/);
  await expect(sam.coaching.transcript.coaching("Apologise first.").article).toContainText(/Seen /);
});

test("E23 coaching under a window that covers the conversation is told, and not seen before that closes", async ({
  amy,
  sam,
}) => {
  await amy.signIn();
  await sam.signIn();
  const workitem = await amy.workitemOn("chat");
  await sam.monitor(amy, workitem);
  await amy.page.setViewportSize({ width: 390, height: 844 });
  await amy.goto(`/workspace/${workitem.id}`);
  await expect(amy.workspace.transcript.log).toBeVisible();
  await amy.header.directory.click();
  await expect(amy.directory.dialog).toBeVisible();
  await sam.coach("Apologise first.");
  const notice = amy.page.getByRole("region", { name: "Coaching from Sam Stone" });
  await expect(notice).toContainText("Apologise first.");
  const entry = sam.coaching.transcript.coaching("Apologise first.").article;
  await expect(entry).toContainText("Amy Adler has not opened it yet");
  await amy.directory.close();
  await expect(entry).toContainText(/Seen /);
  await expect(notice).toHaveCount(0);

  await amy.page.setViewportSize({ width: 1280, height: 800 });
  await amy.workspace.transferButton.click();
  await expect(amy.page.getByRole("dialog", { name: "Transfer workitem" })).toBeVisible();
  await sam.coach("Do not hand it on.");
  await expect(notice).toContainText("Do not hand it on.");
  const second = sam.coaching.transcript.coaching("Do not hand it on.").article;
  await expect(second).toContainText("Amy Adler has not opened it yet");
  await notice.getByRole("link", { name: "Open workitem" }).click();
  await expect(second).toContainText(/Seen /);
  await expect(notice).toHaveCount(0);
});

test("E24 a dismissed request is gone in every window and after a reload, and stays in the row", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  const other = await sam.openWindow("/settings");
  await amy.raiseHand();
  await expect(other.popUpFrom("Amy Adler").region).toBeVisible();
  await sam.popUpFrom("Amy Adler").dismissButton.click();
  await expect(other.popUpFrom("Amy Adler").region).toHaveCount(0);
  await sam.reload();
  await expect(sam.dashboard.agent("Amy Adler").row.getByRole("button", { name: "Answer Amy Adler" })).toBeVisible();
  await expect(sam.popUpFrom("Amy Adler").region).toHaveCount(0);
  // A pop-up that came back with the page would stand before a new one.
  await amy.directory.write("Sam Stone", "And another thing.");
  await expect(regions(sam.page, "Amy Adler")).toHaveText([/And another thing\./]);
});

for (const [width, height] of [
  [1280, 720],
  [390, 844],
  [320, 640],
  [640, 360],
] as const) {
  test(`U02 E24 five raised hands bury nothing at ${width} by ${height}`, async ({ amy, ben, sam }) => {
    await amy.signIn();
    await ben.signIn();
    await sam.page.setViewportSize({ width, height });
    await sam.signIn();
    for (const asks of [amy, ben, amy, ben, amy]) await asks.raiseHand();
    const all = sam.page.getByRole("region", { name: /^Message from / });
    await expect(all).toHaveCount(5);
    for (const control of [sam.header.directory, sam.header.userMenu]) expect(await covered(control)).toBe(false);
    const main = await sam.page.getByRole("main").boundingBox();
    for (const region of await all.all()) {
      const box = await region.boundingBox();
      if (!main || !box) throw new Error("it is on screen");
      const below = box.y >= main.y + main.height - 1;
      const beside = box.x >= main.x + main.width - 1;
      // On a low screen, where the page scrolls as a whole.
      const inFront = box.y + box.height <= main.y + 1;
      expect(below || beside || inFront, "the dock covers nothing of the page").toBe(true);
    }
    // A row unfolds when the focus comes into its box, and is answered there.
    const last = all.last();
    await last.getByRole("textbox", { name: "Reply" }).fill("Coming.");
    await last.getByRole("button", { name: "Send" }).click();
    await expect(all).toHaveCount(4);

    await sam.goto(`/coaching/${await amy.id()}`);
    const close = sam.page.getByRole("dialog").getByRole("button", { name: "Close" });
    await expect(close).toBeVisible();
    expect(await covered(close)).toBe(false);
    await expect(all.first()).toBeVisible();
  });
}

test("E24 beside several raised hands of one agent every way to help is in reach", async ({ amy, sam, dana }) => {
  await conversation(amy, dana);
  await sam.signIn();
  for (let hand = 0; hand < 3; hand += 1) await amy.raiseHand();
  const row = sam.dashboard.agent("Amy Adler").row;
  const ways = [
    row.getByRole("link", { name: /^Go to workitem/ }),
    row.getByRole("button", { name: "Answer Amy Adler" }),
    row.getByRole("button", { name: "2 more" }),
  ];
  for (const width of [390, 1152, 1280, 1440]) {
    await sam.page.setViewportSize({ width, height: 900 });
    for (const way of ways) {
      await way.scrollIntoViewIfNeeded();
      expect(await covered(way), `${way} at ${width}`).toBe(false);
    }
  }
});
