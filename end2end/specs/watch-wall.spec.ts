// Several conversations at once on the Watch wall, an agent followed from workitem to workitem, and monitoring of which agents
// are not notified.

import type { Locator } from "@playwright/test";

import { expectNoViolations } from "../fixtures/axe.ts";
import { hold } from "../fixtures/gate.ts";
import { chooseGerman, conversation, monitored } from "../fixtures/scenes.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { places } from "../fixtures/shifts.ts";
import { expect, test } from "../fixtures/test.ts";
import { newKey } from "../fixtures/wire.ts";
import { WatchWall } from "../pages/watch-wall.ts";

test("M16 M18 sam watches two conversations side by side, coaches in one, and leaving the wall ends both", async ({ amy, ben, sam, dana, eli }) => {
  const danas = await conversation(amy, dana);
  await amy.page.getByRole("combobox", { name: "Presence" }).selectOption({ label: "Away" });
  await conversation(ben, eli, "Can I still cancel?");
  await sam.signIn();
  await sam.goto(`/coaching/${await amy.id()}/${danas.id}`);
  await sam.page.getByRole("link", { name: "Add to Watch wall" }).click();
  const wall = new WatchWall(sam.page);
  const first = wall.pane(dana.name, amy.name);
  await expect(first.transcript.customer("Where is my parcel?")).toBeVisible();
  await wall.agent.selectOption({ label: ben.name });
  await wall.workitem.selectOption({ label: "Eli Evans: Can I still cancel?" });
  await wall.addButton.click();
  const second = wall.pane(eli.name, ben.name);
  await expect(second.transcript.customer("Can I still cancel?")).toBeVisible();
  for (const agent of [amy, ben]) {
    // Before the wall he was on the Coaching Page of one of them.
    await expect(agent.workspace.transcript.monitoringStarted(sam.name).last()).toBeVisible();
  }

  await second.composer.send("Yes, until noon.");
  await expect(ben.workspace.transcript.coaching("Yes, until noon.").article).toBeVisible();
  await expect(first.transcript.coaching("Yes, until noon.").article).toHaveCount(0);
  await dana.write("Are you there?");
  await expect(first.transcript.customer("Are you there?")).toBeVisible();

  // What is typed, and what is on the wall, outlives a reload.
  await first.composer.text.fill("Ask for the number");
  await sam.reload();
  await expect(first.composer.text).toHaveValue("Ask for the number");
  await expect(second.transcript.coaching("Yes, until noon.").article).toBeVisible();
  await expectNoViolations(sam.page, "the Watch wall");
  await sam.page.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(sam.page, "the Watch wall");

  await second.removeButton.click();
  await expect(wall.panes).toHaveCount(1);
  await expect(ben.workspace.transcript.monitoringEnded(sam.name)).toHaveCount(1);
  await sam.page.getByRole("link", { name: "Dashboard" }).first().click();
  await expect(amy.workspace.transcript.monitoringEnded(sam.name)).toHaveCount(2);
});

test("M16 M12 a card shows what its agent asks, and coaching from the card settles it", async ({ amy, ben, sam, dana, eli }) => {
  const danas = await conversation(amy, dana);
  await amy.page.getByRole("combobox", { name: "Presence" }).selectOption({ label: "Away" });
  const elis = await conversation(ben, eli, "Can I still cancel?");
  await sam.signIn();
  await sam.goto(`/watch?w=${danas.id},${elis.id}`);
  const wall = new WatchWall(sam.page);
  const [first, second] = [wall.pane(dana.name, amy.name), wall.pane(eli.name, ben.name)];
  await expect(first.transcript.customer("Where is my parcel?")).toBeVisible();
  await amy.raiseHand();
  await sam.popUpFrom(amy.name).dismissButton.click();
  await expect(sam.popUpFrom(amy.name).region).toHaveCount(0);
  await expect(first.requests).toContainText(`${amy.name} asks`);
  await expect(second.requests).toHaveCount(0);
  await sam.reload();
  await expect(first.requests).toContainText(`${amy.name} asks`);
  await expectNoViolations(sam.page, "the Watch wall with a request");

  await first.composer.send("Give her the number.");
  await expect(first.transcript.coaching("Give her the number.").article).toBeVisible();
  await expect(first.requests).toHaveCount(0);
});

test("U05 a pop-up moves nothing on the wall and covers none of it, and the wall has the whole width", async ({ amy, ben, sam, dana, eli, cleo }) => {
  const danas = await conversation(amy, dana);
  await amy.page.getByRole("combobox", { name: "Presence" }).selectOption({ label: "Away" });
  const elis = await conversation(ben, eli, "Can I still cancel?");
  await cleo.signIn();
  await sam.signIn();
  const wall = new WatchWall(sam.page);
  const boxes = wall.main.getByRole("textbox", { name: "Message to agent" });
  const sends = wall.main.getByRole("button", { name: "Send", exact: true });
  const still = async () => [await places(wall.panes), await places(boxes), await places(sends), await places(wall.strip)];
  for (const width of [390, 1280, 1920]) {
    await sam.page.setViewportSize({ width, height: 720 });
    await sam.goto(`/watch?w=${danas.id},${elis.id}`);
    await expect(sends).toHaveCount(2);
    await expect(wall.pane(eli.name, ben.name).transcript.customer("Can I still cancel?")).toBeVisible();
    await expect(wall.strip).toHaveText("No pop-ups");
    const before = await still();
    const ends = (await places(wall.panes)).map(([left = 0, , across = 0]) => left + across);
    expect(Math.max(...ends), `${width} px: the whole width`).toBeGreaterThanOrEqual(width - 48);

    await cleo.directory.write(sam.name, `Lunch at ${width}?`);
    const { region, dismissButton } = sam.popUpFrom(cleo.name);
    await expect(region).toContainText(`Lunch at ${width}?`);
    expect(await still(), `${width} px: it comes`).toEqual(before);
    const [[popUp], [main]] = [await places(region), await places(wall.main)];
    expect(popUp?.[1], `${width} px: below the page`).toBeGreaterThanOrEqual((main?.[1] ?? 0) + (main?.[3] ?? 0));
    await dismissButton.click();
    await expect(region).toHaveCount(0);
    await expect(wall.strip).toHaveText("No pop-ups");
    expect(await still(), `${width} px: it goes`).toEqual(before);
  }
});

test("E24 E26 raised hands take turns in the strip of the wall, and none takes the place of one that is pointed at", async ({
  amy,
  ben,
  sam,
  dana,
  eli,
}) => {
  const danas = await conversation(amy, dana);
  await amy.page.getByRole("combobox", { name: "Presence" }).selectOption({ label: "Away" });
  const elis = await conversation(ben, eli, "Can I still cancel?");
  await sam.signIn();
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await sam.goto(`/watch?w=${danas.id},${elis.id}`);
  const wall = new WatchWall(sam.page);
  const [amys, bens] = [sam.popUpFrom(amy.name).region, sam.popUpFrom(ben.name).region];
  await amy.raiseHand();
  const claim = amys.getByRole("button", { name: "Claim the request of Amy Adler" });
  await claim.hover();
  const at = await places(claim);
  await ben.raiseHand();
  const all = wall.strip.getByRole("button", { name: "1 more" });
  await expect(all).toHaveAttribute("aria-expanded", "false");
  expect(await places(claim), "the second one moves nothing").toEqual(at);
  await claim.click();
  // It stays for who points at it and would hand it back.
  await expect(amys.getByRole("button", { name: "Hand back the request of Amy Adler" })).toBeVisible();
  await expect(amys).toContainText("You have it");
  await expectNoViolations(sam.page, "the Watch wall with two raised hands");

  await wall.pane(eli.name, ben.name).composer.text.click();
  await expect(bens.getByRole("button", { name: "Claim the request of Ben Brooks" })).toBeVisible();
  await expect(amys).toHaveCount(0);
  const before = await places(wall.panes);
  await all.click();
  await expect(amys).toBeVisible();
  await expect(bens).toBeVisible();
  const fewer = wall.strip.getByRole("button", { name: "Show less" });
  await expect(fewer).toHaveAttribute("aria-expanded", "true");
  await fewer.click();
  await expect(amys).toHaveCount(0);
  // It is answered there, too.
  await sam.popUpFrom(ben.name).composer.send("Until noon.");
  await expect(bens).toHaveCount(0);
  await expect(wall.pane(eli.name, ben.name).requests).toHaveCount(0);
  await expect(amys).toBeVisible();
  expect(await places(wall.panes)).toEqual(before);
});

test("U05 by keyboard a pop-up of the wall unfolds at its box, and Show less folds it", async ({ amy, sam, dana }) => {
  const danas = await conversation(amy, dana);
  await sam.signIn();
  await sam.goto(`/watch?w=${danas.id}`);
  const { strip } = new WatchWall(sam.page);
  await amy.raiseHand();
  const { region, composer } = sam.popUpFrom(amy.name);
  await expect(region).toBeVisible();
  const fewer = strip.getByRole("button", { name: "Show less" });
  await composer.text.focus();
  await fewer.press("Enter");
  // The button goes. The keyboard goes on in the row, which stays one.
  await expect(fewer).toHaveCount(0);
  await expect(strip.locator(":focus")).toHaveCount(1);
  await expect(fewer).toHaveCount(0);
  await composer.text.focus();
  await expect(fewer).toBeVisible();
});

test("E24 U05 one of several raised hands unfolds in the strip, and Escape folds it and closes the list", async ({ amy, ben, sam, dana }) => {
  const danas = await conversation(amy, dana);
  await ben.signIn();
  await sam.signIn();
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await sam.goto(`/watch?w=${danas.id}`);
  const { strip } = new WatchWall(sam.page);
  const hands = strip.getByRole("region", { name: /^Message from / });
  for (const agent of [amy, ben, amy]) await agent.raiseHand();
  const more = strip.getByRole("button", { name: "2 more" });
  const fewer = strip.getByRole("button", { name: "Show less" });
  await expect(more).toBeVisible();
  await hands.getByText("My customer wants to cancel").click();
  await expect(hands.getByRole("textbox", { name: "Reply" })).toBeInViewport({ ratio: 1 });
  await expect(hands).toHaveCount(1);
  await expect(more, "one is shown, not all").toHaveAttribute("aria-expanded", "false");
  const [[, , , around = 0] = []] = await places(strip);
  const [[, , , high = 0] = []] = await places(hands);
  expect(around - high, "no room is left blank").toBeLessThan(24);
  await sam.page.keyboard.press("Escape");
  const claim = hands.first().getByRole("button", { name: /^Claim the request of / });
  await expect(claim).toBeFocused();

  // The list comes behind the button.
  await more.press("Enter");
  await expect(fewer).toBeFocused();
  await expect(hands).toHaveCount(3);
  await sam.page.keyboard.press("Tab");
  await expect(hands.first().locator(":focus")).toHaveCount(1);
  await sam.page.keyboard.press("Tab");
  await expect(claim).toBeFocused();
  await sam.page.keyboard.press("Tab");
  await expect(hands.first().getByRole("textbox", { name: "Reply" })).toBeInViewport({ ratio: 1 });
  await sam.page.keyboard.press("Escape");
  await expect(claim).toBeFocused();
  await expect(hands).toHaveCount(3);
  await sam.page.keyboard.press("Escape");
  await expect(more).toBeFocused();
  await expect(hands).toHaveCount(1);
});

test("E20 U05 a hand in the list of the strip is claimed with one click, and with one key", async ({ amy, ben, sam, dana }) => {
  const danas = await conversation(amy, dana);
  await ben.signIn();
  await sam.signIn();
  await sam.goto(`/watch?w=${danas.id}`);
  const { strip } = new WatchWall(sam.page);
  const [amys, bens] = [sam.popUpFrom(amy.name), sam.popUpFrom(ben.name)];
  for (const width of [390, 1280]) {
    await sam.page.setViewportSize({ width, height: 844 });
    for (const agent of [amy, ben]) await agent.raiseHand();
    await strip.getByRole("button", { name: "1 more" }).click();
    const claims = [amys, bens].map(({ region }) => region.getByRole("button", { name: /^Claim the request of / }));
    const [first, second] = claims as [Locator, Locator];
    for (const claim of claims) await expect(claim, `${width} px`).toBeInViewport({ ratio: 1 });
    const [before] = await places(second);
    await second.click();
    await expect(bens.region).toContainText("You have it");
    await first.press("Enter");
    await expect(amys.region).toContainText("You have it");
    // Neither unfolded a row.
    const [after] = await places(bens.region.getByRole("button", { name: /^Hand back the request of / }));
    expect(after?.[1], `${width} px`).toBe(before?.[1]);
    await expect(amys.composer.text).not.toBeInViewport({ ratio: 0.5 });
    await expectNoViolations(sam.page, `the list at ${width} px`);
    await strip.getByRole("button", { name: "Show less" }).click();
    for (const { composer, region } of [amys, bens]) {
      await composer.send("I am on my way.");
      await expect(region).toHaveCount(0);
    }
  }
});

test("U05 on a phone a row of the strip that its reader has claimed scrolls in neither direction, in German too", async ({ amy, sam, dana }) => {
  const danas = await conversation(amy, dana);
  await sam.signIn();
  const strip = sam.page.getByRole("region", { name: /^(Pop-ups|Einblendungen)$/ });
  const hand = strip.getByRole("region", { name: /^(Message from|Nachricht von) Amy Adler$/ });
  for (const { language, claim, back, mine } of [
    { language: "en", claim: /^Claim the request of /, back: /^Hand back the request of /, mine: "You have it" },
    { language: "de", claim: /^Übernehmen: Anfrage von /, back: /^Zurückgeben: Anfrage von /, mine: "Sie kümmern sich" },
  ]) {
    if (language === "de") await chooseGerman(sam);
    await sam.goto(`/watch?w=${danas.id}`);
    if (language === "en") await amy.raiseHand();
    await hand.getByRole("button", { name: claim }).click();
    await expect(hand).toContainText(mine);
    for (const width of [320, 390, 600]) {
      await sam.page.setViewportSize({ width, height: 844 });
      await expect(hand.getByRole("button", { name: back }), `${language} at ${width} px`).toBeInViewport({ ratio: 1 });
      const hidden = await hand.evaluate((row) => [row.scrollWidth - row.clientWidth, row.scrollHeight - row.clientHeight]);
      expect(hidden, `${language} at ${width} px`).toEqual([0, 0]);
      // The sign that somebody has it is seen, whether its words have room or not.
      await expect(hand.locator(".pop-up__answered .icon"), `${language} at ${width} px`).toBeInViewport({ ratio: 1 });
    }
    await hand.getByRole("button", { name: back }).click();
    await expect(hand.getByRole("button", { name: claim })).toBeVisible();
  }
});

test("U05 by keyboard every stop in the strip is seen, and the row that the focus unfolded folds behind it", async ({ amy, sam, dana }) => {
  const danas = await conversation(amy, dana);
  await sam.signIn();
  await sam.goto(`/watch?w=${danas.id}`);
  const { strip } = new WatchWall(sam.page);
  await amy.raiseHand();
  const { region, words, composer, openWorkitem } = sam.popUpFrom(amy.name);
  await expect(region).toBeVisible();
  const folded = await places(strip);
  const fewer = strip.getByRole("button", { name: "Show less" });
  const seen = () =>
    sam.page.evaluate(() => {
      const focused = document.activeElement;
      const { left, top, width, height } = focused?.getBoundingClientRect() ?? new DOMRect();
      return focused?.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    });
  const focused = strip.locator(":focus");
  await words.focus();
  await expect(openWorkitem, "nobody gets to what is not seen").toBeHidden();
  let unfolded = false;
  for (let stops = 0; stops < 15 && (await focused.count()) === 1; stops += 1) {
    await expect.poll(seen, `stop ${stops} is seen`).toBe(true);
    unfolded ||= await fewer.isVisible();
    await sam.page.keyboard.press("Tab");
  }
  expect(unfolded, "it unfolds at its box").toBe(true);
  await expect(focused).toHaveCount(0);
  // Behind the strip comes the browser's own bar, and then the page from its beginning.
  await sam.header.userMenu.focus();
  await expect(fewer).toHaveCount(0);
  expect(await places(strip), "it is a row again").toEqual(folded);

  // What is typed in it is there when it unfolds again; somebody who goes on elsewhere with the mouse has left it too.
  await composer.text.fill("One moment");
  await expect(openWorkitem).toBeVisible();
  await new WatchWall(sam.page).pane(dana.name, amy.name).composer.text.click();
  await expect(fewer).toHaveCount(0);
  expect(await places(strip)).toEqual(folded);
  await composer.text.focus();
  await expect(composer.text).toHaveValue("One moment");
});

test("U05 neither a raised hand nor a time that grows moves a conversation on the wall", async ({ amy, ben, sam, dana, eli }) => {
  const danas = await conversation(amy, dana);
  await amy.page.getByRole("combobox", { name: "Presence" }).selectOption({ label: "Away" });
  const elis = await conversation(ben, eli, "Can I still cancel?");
  await sam.signIn();
  const wall = new WatchWall(sam.page);
  for (const width of [320, 390, 900, 1280, 1920]) {
    await sam.page.setViewportSize({ width, height: 844 });
    await sam.goto(`/watch?w=${danas.id},${elis.id}`);
    const [first, second] = [wall.pane(dana.name, amy.name), wall.pane(eli.name, ben.name)];
    await expect(first.transcript.customer("Where is my parcel?")).toBeVisible();
    await expect(second.transcript.customer("Can I still cancel?")).toBeVisible();
    const still = async () => [await places(first.transcript.log), await places(second.transcript.log), await places(wall.panes)];
    const before = await still();
    await amy.raiseHand();
    await expect(first.requests).toContainText(`${amy.name} asks`);
    expect(await still(), `${width} px: a hand is raised`).toEqual(before);
    const fresh = await places(first.claimButton);
    // The words of all waits, from the shortest to the longest.
    for (const words of ["1 s", "42 s", "1 min", "59 min", "23 h 59 min"]) {
      await sam.page.locator("time.waiting").evaluateAll((all, words) => {
        for (const time of all) for (const node of time.childNodes) if (node instanceof Text && node.data) node.data = words;
      }, words);
      expect(await still(), `${width} px: ${words}`).toEqual(before);
      if (words.length < 7) expect(await places(first.claimButton), `${width} px: ${words}`).toEqual(fresh);
    }
    await first.region.getByRole("button", { name: "Mark handled" }).click();
    await expect(first.requests).toHaveCount(0);
    expect(await still(), `${width} px: it is settled`).toEqual(before);
  }
});

test("E20 a claim from the wall that is lost or comes too late says so in words, and the next one is a claim", async ({
  amy,
  sam,
  sue,
  dana,
}) => {
  const danas = await conversation(amy, dana);
  await sue.signIn();
  await sam.signIn();
  await sam.goto(`/watch?w=${danas.id}`);
  const pane = new WatchWall(sam.page).pane(dana.name, amy.name);
  await amy.raiseHand();
  await expect(pane.claimButton).toBeVisible();
  await sam.setOffline(true);
  await pane.claimButton.click();
  await expect(sam.page.getByRole("status").getByText("Sideline cannot be reached right now.")).toBeVisible();
  await expect(pane.claimButton).toBeVisible();
  await sam.setOffline(false);
  await expect(sam.header.connection).toBeHidden();
  await expect(pane.claimButton).toHaveAttribute("aria-disabled", "false");

  // Sue is quicker: her claim is there before his arrives.
  const release = await hold(sam.page, "request_claim");
  sam.expectProblem(/409/);
  await pane.claimButton.click();
  await sue.popUpFrom(amy.name).region.getByRole("button", { name: "Claim the request of Amy Adler" }).click();
  await expect(pane.region).toContainText("Sue Silva has it");
  release();
  await expect(sam.page.getByRole("status").getByText("Sue Silva has this request already.")).toBeVisible();

  await sue.popUpFrom(amy.name).region.getByRole("button", { name: "Hand back the request of Amy Adler" }).click();
  await pane.claimButton.click();
  await expect(pane.requests).toContainText("You have it");
});

test("M04 the wall holds four, and what sam may not see stands there as not found", async ({ amy, cleo, sam }) => {
  await amy.signIn();
  await cleo.signIn();
  const sales = await cleo.workitemOn("chat");
  await sam.signIn();
  sam.expectProblem(/404|conversation_load/);
  await sam.goto(`/watch?w=${sales.id},none`);
  const wall = new WatchWall(sam.page);
  await expect(wall.main.getByRole("alert")).toHaveCount(2);
  await expect(wall.main).not.toContainText(sales.customer);
  for (const left of [1, 0]) {
    await wall.main.getByRole("button", { name: "Remove from the wall" }).first().click();
    await expect(wall.main.getByRole("alert")).toHaveCount(left);
  }
  await expect(wall.main.getByText("No conversation is on the wall")).toBeVisible();
  for (const count of [1, 2, 3, 4]) {
    await wall.add(amy.name);
    await expect(wall.panes).toHaveCount(count);
  }
  await expect(wall.addButton).toHaveCount(0);
  const shown = new URL(sam.page.url()).searchParams.get("w")?.split(",") ?? [];
  const fifth = (await amy.worklist()).find(({ id }) => !shown.includes(id));
  await sam.goto(`/watch?add=${fifth?.id}`);
  await expect(wall.main.getByText("Four conversations are on the wall.")).toBeVisible();
  await expect(wall.panes).toHaveCount(4);
});

test("M22 sam follows amy: when her workitem is closed the next one opens and is monitored", async ({ amy, sam, dana, eli }) => {
  await monitored(amy, sam, dana);
  await eli.begin("Can I still cancel?");
  await expect(sam.page.getByRole("navigation", { name: /Workitems of/ })).toContainText("Can I still cancel?");
  const follow = sam.page.getByRole("button", { name: `Follow ${amy.name}` });
  await follow.click();
  await expect(follow).toHaveAttribute("aria-pressed", "true");
  await sam.reload();
  await expect(follow).toHaveAttribute("aria-pressed", "true");

  await amy.workspace.wrapUp();
  await amy.workspace.close();
  await expect(sam.coaching.title("Can I still cancel?")).toBeVisible();
  await expect(follow).toHaveAttribute("aria-pressed", "true");
  await amy.openWorkitem(eli.name);
  await expect(amy.workspace.transcript.monitoringStarted(sam.name)).toBeVisible();
  await sam.coaching.back.click();
  await sam.page.getByRole("row", { name: /Can I still cancel/ }).dblclick();
  await sam.page.getByRole("button", { name: "Edit" }).click();
  await expect(follow).toHaveAttribute("aria-pressed", "false");
});

test("M18 where agents are not notified amy learns of sam once he coaches, and sue sees him before", async ({ ada, amy, sam, sue, dana }) => {
  await ada.signIn();
  const { version } = await ada.ask<{ version: number }>("organisation/organisation_load");
  const changes = [{ name: "monitoring_announced", value: 0 }];
  await ada.ask("organisation/organisation_save", { key: newKey(), version, changes });
  const workitem = await conversation(amy, dana);
  for (const supervisor of [sue, sam]) {
    await supervisor.signIn();
    await supervisor.goto(`/coaching/${await amy.id()}/${workitem.id}`);
    await expect(supervisor.coaching.transcript.customer("Where is my parcel?")).toBeVisible();
  }
  await expect(sue.coaching.main).toContainText("Also monitoring: Sam Stone");
  await expect(sam.coaching.main).toContainText("Also monitoring: Sue Silva");
  await dana.write("Hello?");
  await expect(amy.workspace.transcript.customer("Hello?")).toBeVisible();
  await expect(amy.page.locator("body")).not.toContainText(/Sam Stone|Sue Silva|monitor/i);

  await sam.coach("Tell her it is on its way.");
  await expect(amy.workspace.transcript.coaching("on its way").article).toBeVisible();
  await expect(amy.workspace.transcript.monitoringStarted(sam.name)).toBeVisible();
  await expect(amy.page.locator("body")).not.toContainText("Sue Silva");
});
