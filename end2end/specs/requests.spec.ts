// E20, E21, U03: a raised hand is a case with an owner, a clock and an end.

import { expectNoViolations } from "../fixtures/axe.ts";
import { takeClock } from "../fixtures/clock.ts";
import { holdUntilAllAsk } from "../fixtures/gate.ts";
import { conversation } from "../fixtures/scenes.ts";
import { places } from "../fixtures/shifts.ts";
import { expect, test } from "../fixtures/test.ts";
import { newKey, type Template } from "../fixtures/wire.ts";
import { Organisation } from "../pages/organisation.ts";

test("E20 U03 of two supervisors who claim at once one has the request, and the other reads who", async ({
  amy,
  sam,
  sue,
}) => {
  await amy.signIn();
  await sam.signIn();
  await sue.signIn();
  await amy.raiseHand();
  const [his, hers] = [sam.dashboard.request("Amy Adler"), sue.dashboard.request("Amy Adler")];
  await expect(his.cell("Who has it")).toHaveText("Nobody yet");
  await expect(hers.claim).toBeVisible();
  for (const supervisor of [sam, sue]) supervisor.expectProblem(/409/);
  await holdUntilAllAsk([sam.page, sue.page], "**/assistance/request_claim");
  await his.claim.click();
  await hers.claim.click();
  await expect(his.cell("Who has it")).toHaveText(/You have it|Sue Silva has it/);
  const samHasIt = (await his.cell("Who has it").textContent()) === "You have it";
  const [owner, other] = samHasIt ? [his, hers] : [hers, his];
  const name = samHasIt ? "Sam Stone" : "Sue Silva";
  await expect(owner.handBack).toBeVisible();
  await expect(other.cell("Who has it")).toHaveText(`${name} has it`);
  await expect(other.claim).toBeHidden();
  await expect(other.done).toBeHidden();
  await expect(amy.page.getByRole("button", { name: new RegExp(`^${name} has it`) })).toBeVisible();
});

test("E20 who comes too late for a request reads who has it or how it ended, and nothing changes", async ({
  amy,
  sam,
  sue,
}) => {
  await amy.signIn();
  await sam.signIn();
  await sue.signIn();
  await amy.raiseHand();
  const open = async () => (await amy.ask<{ hands: { request: string }[] }>("workitems/worklist_load")).hands;
  const request = (await open())[0]?.request;
  await sam.dashboard.request("Amy Adler").claim.click();
  await expect(sam.dashboard.request("Amy Adler").handBack).toBeVisible();
  const late = await sue.refused("assistance/request_claim", { key: newKey(), request }, 409);
  expect(late).toMatchObject({ Conflict: { cause: { code: "request_claimed", by: "Sam Stone" } } });
  expect(late).toMatchObject({ Conflict: { reason: "Sam Stone has this request already." } });
  expect(await open()).toMatchObject([{ claim: { by: { name: "Sam Stone" } } }]);
  await amy.ask("assistance/request_withdraw", { key: newKey(), request });
  const over = await sue.refused("assistance/request_claim", { key: newKey(), request }, 409);
  expect(over).toMatchObject({ Conflict: { reason: "This request is over. Withdrawn." } });
});

test("E20 a claim takes the request from everybody else's pop-ups and unread messages, and Hand back brings it back", async ({
  amy,
  sam,
  sue,
}) => {
  await amy.signIn();
  await sam.signIn();
  await takeClock(sue.page);
  await sue.signIn();
  await amy.raiseHand();
  const hers = sue.popUpFrom("Amy Adler").region;
  await expect(hers).toContainText("Awaiting your reply");
  await expect(sue.header.directory).toHaveAccessibleDescription("1 unread");

  await sam.popUpFrom("Amy Adler").region.getByRole("button", { name: "Claim the request of Amy Adler" }).click();
  await expect(hers).toContainText("Sam Stone has it");
  await expect(sue.header.indicator).toHaveCount(0);
  await sue.page.clock.runFor(12_000);
  await expect(hers).toHaveCount(0);
  await expect(sue.dashboard.request("Amy Adler").cell("Who has it")).toHaveText("Sam Stone has it");
  await expect(sue.dashboard.agent("Amy Adler").cell("Request")).toContainText("Sam Stone has it");
  await expect(sam.popUpFrom("Amy Adler").region).toContainText("You have it");
  const waiting = amy.page.getByRole("button", { name: /^Sam Stone has it \d+ (s|min)/ });
  await expect(waiting).toBeVisible();
  await expect(amy.header.assistance).toHaveAccessibleDescription(/Sam Stone has it/);
  await sue.reload();
  await expect(sue.dashboard.request("Amy Adler").row).toBeVisible();
  await expect(sue.header.indicator).toHaveCount(0);
  await expect(hers).toHaveCount(0);

  await sam.dashboard.request("Amy Adler").handBack.click();
  await expect(hers).toContainText("Awaiting your reply");
  await expect(sue.header.directory).toHaveAccessibleDescription("1 unread");
  await expect(sue.dashboard.request("Amy Adler").cell("Who has it")).toHaveText("Nobody yet");
  await expect(amy.page.getByRole("button", { name: /^Waiting for help/ })).toBeVisible();
});

test("E20 the request of a supervisor who signed out or closed the browser for good asks the others again", async ({
  ada,
  amy,
  sam,
  sue,
}) => {
  await ada.signIn();
  await ada.goto("/admin/settings");
  await new Organisation(ada.page).change({ "Mark as lost after": "10" });
  await amy.signIn();
  await sam.signIn();
  await sue.signIn();
  await amy.raiseHand();
  const hers = sue.dashboard.request("Amy Adler");
  await sam.dashboard.request("Amy Adler").claim.click();
  await expect(hers.cell("Who has it")).toHaveText("Sam Stone has it");
  // A reload is no end.
  await sam.reload();
  await expect(sam.dashboard.request("Amy Adler").handBack).toBeVisible();
  await sam.signOut();
  await expect(hers.cell("Who has it")).toHaveText("Nobody yet", { timeout: 30_000 });
  await expect(sue.popUpFrom("Amy Adler").region).toContainText("Awaiting your reply");
  await expect(amy.page.getByRole("button", { name: /^Waiting for help/ })).toBeVisible();

  await sam.signIn();
  await sam.dashboard.request("Amy Adler").claim.click();
  await expect(hers.cell("Who has it")).toHaveText("Sam Stone has it");
  await sam.context.close();
  await expect(hers.cell("Who has it")).toHaveText("Nobody yet", { timeout: 60_000 });
  await hers.claim.click();
  await expect(hers.cell("Who has it")).toHaveText("You have it");
  await expect(amy.page.getByRole("button", { name: /^Sue Silva has it/ })).toBeVisible();
});

test("E20 U03 either side says that a request is done", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  const request = sam.dashboard.request("Amy Adler");
  await expect(sam.dashboard.requests).toContainText("No open requests");
  await amy.raiseHand();
  await request.claim.click();
  await request.done.click();
  await expect(amy.page.getByText("Marked as handled by Sam Stone")).toBeVisible();
  await sam.page.mouse.move(0, 0);
  await sam.header.userMenu.focus();
  await expect(sam.dashboard.requests).toContainText("No open requests");

  await amy.raiseHand();
  await request.claim.click();
  await amy.page.getByRole("button", { name: /^Sam Stone has it/ }).click();
  const mine = amy.page.getByRole("region", { name: "My requests" });
  await expect(mine.getByRole("listitem")).toContainText("Sam Stone has it");
  await mine.getByRole("button", { name: "Done" }).click();
  await expect(mine).toHaveCount(0);
  await expect(sam.page.getByText("Marked as handled by Amy Adler").first()).toBeVisible();
});

test("E20 the agent withdraws a request that a supervisor is about to claim, and the supervisor reads so", async ({
  amy,
  sam,
}) => {
  await amy.signIn();
  await sam.signIn();
  await amy.raiseHand();
  const request = sam.dashboard.request("Amy Adler");
  await expect(request.claim).toBeVisible();
  // The claim is on its way when the agent withdraws.
  let send = (): void => undefined;
  const withdrawn = new Promise<void>((resolve) => (send = resolve));
  await sam.page.route("**/api/app/api/assistance/request_claim", async (route) => {
    await withdrawn;
    await route.continue();
  });
  sam.expectProblem(/409/);
  await request.claim.click();
  await amy.page.getByRole("button", { name: /^Waiting for help/ }).click();
  await amy.page.getByRole("region", { name: "My requests" }).getByRole("button", { name: "Withdraw" }).click();
  await expect(request.cell("Who has it")).toHaveText("No longer waiting");
  send();
  await expect(sam.page.getByText("This request is over. Withdrawn.")).toBeVisible();
});

test("E20 a supervisor who is deactivated keeps no request", async ({ amy, sam, sue, ada }) => {
  await amy.signIn();
  await sam.signIn();
  await sue.signIn();
  await ada.signIn();
  await amy.raiseHand();
  await sam.dashboard.request("Amy Adler").claim.click();
  await expect(sue.dashboard.request("Amy Adler").cell("Who has it")).toHaveText("Sam Stone has it");
  sam.expectProblem(/401|404|WebSocket/);
  await ada.ask("administration/user_activate", { user: await sam.id(), active: false, key: newKey() });
  await expect(sue.dashboard.request("Amy Adler").cell("Who has it")).toHaveText("Nobody yet");
  await expect(amy.page.getByText(/Sam Stone can no longer answer it/)).toBeVisible();
});

test("E20 U03 in a row what nobody has comes first, and what somebody else has is not there to be answered", async ({
  amy,
  sam,
  sue,
}) => {
  await amy.signIn();
  await sam.signIn();
  await sue.signIn();
  const { templates } = await amy.ask<{ templates: Template[] }>("assistance/assistance_options_load");
  const [first, second] = templates;
  if (!first || !second) throw new Error("there are four templates");
  await amy.raiseHand({ message: first.title });
  await amy.raiseHand({ message: second.title });
  const cell = sam.dashboard.agent("Amy Adler").cell("Request");
  const hands = cell.locator(".hand");
  const answer = cell.getByRole("button", { name: "Answer Amy Adler" });
  await expect(hands).toContainText([first.text]);
  // Nothing holds the table.
  await sam.dashboard.heading("Agent").hover();
  await sam.page.mouse.move(0, 0);

  await sue.dashboard.request("Amy Adler", first.text).claim.click();
  await expect(hands).toContainText([second.text]);
  await cell.getByRole("button", { name: "1 more" }).click();
  await expect(hands).toContainText([second.text, "Sue Silva has it"]);
  await expect(answer).toHaveCount(1);
  await answer.click();
  const answers = sam.directory.dialog.locator(".directory__answering");
  await expect(answers).toContainText(second.text);
  // She takes that one as well, while he writes.
  await sue.dashboard.request("Amy Adler", second.text).claim.click();
  await expect(answers).toContainText("Sue Silva has it");
  await sam.directory.close();
  await expect(answer).toHaveCount(0);
});

test("E21 U03 the panel lists requests oldest first with customer, channel, words and a way to them", async ({
  amy,
  sam,
  dana,
}) => {
  const workitem = await conversation(amy, dana);
  await sam.signIn();
  const { templates } = await amy.ask<{ templates: Template[] }>("assistance/assistance_options_load");
  const [first, second] = templates;
  if (!first || !second) throw new Error("there are four templates");
  await amy.raiseHand({ message: first.title });
  await amy.raiseHand({ message: second.title });
  const rows = sam.dashboard.requests.getByRole("row").filter({ has: sam.page.getByRole("rowheader") });
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(0)).toContainText(first.text);
  await expect(rows.nth(1)).toContainText(second.text);
  const request = sam.dashboard.request("Amy Adler", second.text);
  await expect(request.cell("Customer")).toHaveText(/Chat\s*Dana Dietz/);
  await expect(request.cell("Waiting")).toHaveText(/\d+ (s|min)/);
  await expect(request.cell("Target time")).toContainText("none");
  await request.open.click();
  await expect(sam.page).toHaveURL(`/coaching/${await amy.id()}/${workitem.id}`);
  const asks = sam.coaching.main.locator(".coaching__request").filter({ hasText: second.text });
  await asks.getByRole("button", { name: "Claim the request of Amy Adler" }).click();
  await expect(asks).toContainText("You have it");
  await expect(amy.page.getByRole("button", { name: /^Waiting for help/ })).toBeVisible();
  await sam.coach("Approved.");
  await expect(sam.coaching.main.getByText(/Amy Adler asks:/)).toHaveCount(0);
});

test("U03 a template has a target time, and a request that waits longer is overdue in words", async ({
  ada,
  amy,
  sam,
}) => {
  await ada.signIn();
  const [template] = await ada.ask<Template[]>("templates/template_list");
  const title = template?.title ?? "";
  await ada.goto("/admin/templates");
  await ada.templates.edit(title);
  await ada.templates.target.fill("ten");
  await ada.templates.saveButton.click();
  await expect(ada.templates.target).toHaveAccessibleDescription(/whole number/);
  await ada.templates.target.fill("1441");
  await ada.templates.saveButton.click();
  await expect(ada.templates.target).toHaveAccessibleDescription(/1,440/);
  await ada.templates.target.fill("10");
  await ada.templates.save();
  await expect(ada.templates.row(title)).toContainText("within 10 min");

  await amy.signIn();
  await takeClock(sam.page);
  await sam.signIn();
  await amy.raiseHand({ message: title });
  const request = sam.dashboard.request("Amy Adler");
  await expect(request.cell("Target time")).toHaveText("10 min");
  // A page that is connected has the host's time, which no test moves.
  await sam.setOffline(true);
  await sam.page.clock.fastForward("11:00");
  await expect(request.cell("Target time")).toHaveText("10 min Overdue");
  await expectNoViolations(sam.page, "a request that is overdue");
});

test("U03 a target time that cannot be is refused by its field and limit", async ({ ada }) => {
  await ada.signIn();
  const template = { title: "Soon", message: "Help soon.", active: true };
  for (const target of [-1, 1441]) {
    const refused = await ada.refused("templates/template_create", { key: newKey(), ...template, target }, 422);
    expect(refused).toMatchObject({ Invalid: { field: "target", problem: { code: "out_of_range", max: 1440 } } });
  }
  const made = await ada.ask<Template>("templates/template_create", { key: newKey(), ...template, target: 1440 });
  expect(made).toMatchObject({ target_min: 1440 });
  // A tab of the release before knows no target time, and leaves it as it is.
  const input = { key: newKey(), template: made.id, version: 0, ...template, title: "Later" };
  expect(await ada.ask<Template>("templates/template_update", input)).toMatchObject({ target_min: 1440 });
});

test("E26 requests come and go without moving what somebody points at", async ({ amy, ben, sam }) => {
  await amy.signIn();
  await ben.signIn();
  await sam.signIn();
  await sam.page.setViewportSize({ width: 1280, height: 900 });
  const agents = await places(sam.dashboard.rows);
  await amy.raiseHand();
  await ben.raiseHand();
  const [first, second] = [sam.dashboard.request("Amy Adler"), sam.dashboard.request("Ben Brooks")];
  await expect(second.row).toBeVisible();
  expect(await places(sam.dashboard.rows), "the agents stay").toEqual(agents);
  await second.row.hover();
  const before = await places(second.row);
  await amy.page.getByRole("button", { name: /^Waiting for help/ }).click();
  await amy.page.getByRole("region", { name: "My requests" }).getByRole("button", { name: "Withdraw" }).click();
  await expect(first.cell("Who has it")).toHaveText("No longer waiting");
  await expect(first.claim).toBeHidden();
  await second.claim.click();
  await expect(second.handBack).toBeVisible();
  expect(await places(second.row), "neither an end nor a claim moves it").toEqual(before);
  await sam.page.mouse.move(0, 0);
  await sam.header.userMenu.focus();
  await expect(first.row).toHaveCount(0);
  await expect(second.row).toBeVisible();
});

test("E20 U03 the top of the dashboard says how many requests nobody has claimed", async ({ amy, ben, sam }) => {
  await amy.signIn();
  await ben.signIn();
  await sam.signIn();
  await amy.raiseHand();
  await ben.raiseHand();
  const hands = (words: string) => sam.page.getByRole("button", { name: words, exact: true });
  await expect(hands("2 requests")).toBeVisible();
  await sam.dashboard.request("Amy Adler").claim.click();
  await expect(hands("2 requests · 1 unclaimed")).toBeVisible();
  await sam.dashboard.request("Ben Brooks").claim.click();
  await expect(hands("2 requests · all claimed")).toBeVisible();
  await sam.dashboard.request("Ben Brooks").handBack.click();
  await hands("2 requests · 1 unclaimed").click();
  await expect(sam.dashboard.requests).toBeFocused();
});

test("E39 the panel is reached and used by keyboard at 320 pixels", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.page.setViewportSize({ width: 320, height: 640 });
  await sam.signIn();
  await amy.raiseHand();
  const badge = sam.page.getByRole("button", { name: "1 request" });
  await badge.focus();
  await sam.page.keyboard.press("Enter");
  await expect(sam.dashboard.requests).toBeFocused();
  await sam.page.keyboard.press("Tab");
  const request = sam.dashboard.request("Amy Adler");
  await expect(request.claim).toBeFocused();
  await sam.page.keyboard.press("Enter");
  await expect(request.handBack).toBeFocused();
  await expect(request.cell("Who has it")).toContainText("You have it");
  const wide = await sam.page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide, "nothing runs out of the page").toBeLessThanOrEqual(320);
  await expectNoViolations(sam.page, "the panel at 320 pixels");
});

test("U02 at 320 pixels the words about requests end within the page, and the name of a team is not broken", async ({
  amy,
  ben,
  sam,
  dana,
}) => {
  for (const agent of [amy, ben]) {
    await agent.signIn();
    await agent.header.presence.selectOption({ label: "Busy" });
    await expect(agent.header.presence).toHaveValue("busy");
  }
  await sam.page.setViewportSize({ width: 320, height: 640 });
  await sam.signIn();
  await dana.begin("My lamp hums");
  await amy.raiseHand();
  await ben.raiseHand();
  await sam.dashboard.request("Amy Adler").claim.click();
  const badge = sam.page.getByRole("button", { name: "2 requests · 1 unclaimed" });
  await badge.scrollIntoViewIfNeeded();
  await expect(badge).toBeInViewport({ ratio: 1 });
  const team = sam.page.getByRole("list", { name: "Queues" }).getByText("Care", { exact: true });
  const lines = await team.evaluate((name) => {
    const words = document.createRange();
    words.selectNodeContents(name);
    return new Set([...words.getClientRects()].map((part) => Math.round(part.top))).size;
  });
  expect(lines).toBe(1);
});

test("M21 neither a claim nor its end reaches the customer", async ({ amy, sam, dana }) => {
  await dana.openChat();
  const recording = await dana.record();
  await conversation(amy, dana);
  await sam.signIn();
  await amy.raiseHand();
  const request = sam.dashboard.request("Amy Adler");
  await request.claim.click();
  await expect(amy.page.getByRole("button", { name: /^Sam Stone has it/ })).toBeVisible();
  await request.handBack.click();
  await expect(amy.page.getByRole("button", { name: /^Waiting for help/ })).toBeVisible();
  await request.done.click();
  await expect(amy.page.getByRole("button", { name: /^Waiting for help/ })).toHaveCount(0);
  await amy.answer("It arrives tomorrow.");
  await expect(dana.chat.message("It arrives tomorrow.")).toBeVisible();
  expect(await recording.everything()).not.toMatch(/Sam Stone|request for assistance|supervis/i);
});
