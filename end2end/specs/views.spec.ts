// Views of the dashboard that are saved and shared, columns of one's choice, and walls for a screen in the room.

import type { Page } from "@playwright/test";

import { expectNoViolations } from "../fixtures/axe.ts";
import { takeClock, takeTimeLimits } from "../fixtures/clock.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import { newKey, type Team, type UserAccount } from "../fixtures/wire.ts";
import { ViewsPage, WallsPage } from "../pages/views.ts";

const [AMY, BEN] = ["Amy Adler", "Ben Brooks"];

/** Waits until something that is open has its entry in the history, or until the entry has gone. */
async function lies(page: Page, over: boolean): Promise<void> {
  await expect.poll(() => page.evaluate(() => history.state === "cover")).toBe(over);
}

test("sam saves what the dashboard shows as a view, shares it, and sue opens it and comes back to it", async ({
  sam,
  sue,
}) => {
  await sam.signIn();
  await sue.signIn();
  await sam.dashboard.filter.fill("amy");
  await sam.dashboard.choice("Sort by").selectOption("Agent");
  await expect(sam.page).toHaveURL("/dashboard?find=amy&sort=agent");
  await sam.page.getByRole("link", { name: "Save or edit views" }).click();
  const views = new ViewsPage(sam.page);
  await expect(views.name).toBeVisible();
  await expectNoViolations(sam.page, "/dashboard/views");
  await views.name.fill("Amy first");
  await views.sharedWith.selectOption("Care");
  await views.saveButton.click();
  await expect(sam.page.getByRole("status")).toHaveText("The view was saved.");
  await views.row("Amy first").getByRole("link", { name: "Amy first", exact: true }).click();
  await sam.dashboard.expectOrder([AMY]);
  await expect(sam.dashboard.choice("View")).toHaveValue(/./);

  await sue.page.reload();
  await sue.dashboard.choice("View").focus();
  await sue.dashboard.choice("View").selectOption("Amy first · Sam Stone");
  await expect(sue.page).toHaveURL(/\/dashboard\?view=/);
  await sue.dashboard.expectOrder([AMY]);
  await expect(sue.dashboard.filter).toHaveValue("amy");
  await sue.dashboard.agent(AMY).row.dblclick();
  await expect(sue.page).toHaveURL(/\/coaching\//);
  await sue.page.goBack();
  await sue.dashboard.expectOrder([AMY]);
  await sue.goto("/dashboard");
  await sue.dashboard.expectOrder([AMY]);
  await sue.dashboard.choice("View").selectOption("No saved view");
  await expect(sue.dashboard.rows).toHaveCount(2);

  await sam.page.goto("/dashboard/views");
  await sam.page.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(sam.page, "/dashboard/views");
  await views.delete("Amy first");
  await sue.page.goto(sue.page.url());
  await expect(sue.dashboard.rows).toHaveCount(2);
  await expect(sue.page.getByRole("option", { name: "Amy first" })).toHaveCount(0);
});

test("sam chooses his columns, and finds them so the next time", async ({ sam }) => {
  await sam.signIn();
  await expect(sam.dashboard.heading("Monitored")).toBeVisible();
  await sam.page.getByText("Columns", { exact: true }).press("Enter");
  await sam.page.getByRole("checkbox", { name: "Monitored" }).uncheck();
  await expect(sam.dashboard.heading("Monitored")).toBeHidden();
  await expect(sam.dashboard.agent(AMY).cell("Monitored")).toBeHidden();
  await expectNoViolations(sam.page, "/dashboard");
  await sam.page.getByRole("checkbox", { name: "Presence" }).uncheck();
  await sam.page.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(sam.page, "/dashboard");
  await expect(sam.dashboard.agent(BEN).cell("Presence")).toBeHidden();
  await expect(sam.dashboard.agent(BEN).cell("Workitems")).toBeVisible();
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await sam.page.reload();
  await expect(sam.dashboard.heading("Workitems")).toBeVisible();
  await expect(sam.dashboard.heading("Monitored")).toBeHidden();
  await expect(sam.dashboard.heading("Presence")).toBeHidden();
});

test("the list of columns lies within the window, and closes on Escape and on a click elsewhere", async ({ sam }) => {
  await sam.signIn();
  const button = sam.page.getByText("Columns", { exact: true });
  const list = sam.page.getByRole("group", { name: "Columns" });
  // Wherever its row breaks.
  for (const width of [800, 1280, 1440, 1600]) {
    await sam.page.setViewportSize({ width, height: 900 });
    await button.click();
    await expect(list).toBeInViewport({ ratio: 1 });
    await sam.page.getByRole("checkbox", { name: "Presence" }).focus();
    await sam.page.keyboard.press("Escape");
    await expect(list).toBeHidden();
    await expect(button).toBeFocused();
  }
  await button.click();
  await expect(list).toBeVisible();
  await sam.page.getByRole("heading", { name: "User Dashboard" }).click();
  await expect(list).toBeHidden();
});

test("E38 Back closes the list of columns before it leaves the dashboard, and what was chosen stays in the address", async ({
  sam,
}) => {
  await sam.signIn();
  await sam.goto("/settings");
  await sam.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Dashboard" }).click();
  const button = sam.page.getByText("Columns", { exact: true });
  const list = sam.page.getByRole("group", { name: "Columns" });
  await button.click();
  await expect(list).toBeVisible();
  await lies(sam.page, true);
  await sam.page.goBack();
  await expect(list).toBeHidden();
  await expect(sam.page).toHaveURL("/dashboard");
  await sam.page.goBack();
  await expect(sam.page).toHaveURL("/settings");

  await sam.goto("/dashboard?hide=presence");
  await button.click();
  await lies(sam.page, true);
  await sam.page.getByRole("checkbox", { name: "Monitored" }).uncheck();
  await expect(sam.page).toHaveURL(/hide=presence\.|\.presence/);
  const chosen = sam.page.url();
  await sam.page.keyboard.press("Escape");
  await expect(list).toBeHidden();
  await lies(sam.page, false);
  await expect(sam.page).toHaveURL(chosen);
  await sam.reload();
  await expect(sam.dashboard.heading("Workitems")).toBeVisible();
  await expect(sam.dashboard.heading("Monitored")).toBeHidden();
});

test("a screen shows a wall without an account, follows what happens, and ends when its link is revoked", async ({
  amy,
  sam,
  sue,
  browser,
}) => {
  await amy.signIn();
  // Somebody whom amy can ask while sam is on a page of the host.
  await sue.signIn();
  await sam.signIn();
  await sam.page.getByRole("link", { name: "Walls" }).click();
  const walls = new WallsPage(sam.page);
  await expect(walls.name).toBeVisible();
  await expectNoViolations(sam.page, "/dashboard/walls");
  await walls.name.fill("Hall");
  await walls.team("Care").check();
  await walls.makeButton.click();
  const address = await walls.address.inputValue();
  const context = await browser.newContext();
  const screen = await context.newPage();
  await screen.goto(address);
  await expect(screen.getByRole("heading", { name: "Hall" })).toBeVisible();
  await expect(screen.getByText("0 open requests")).toBeVisible();
  await expect(screen.getByRole("listitem").filter({ hasText: AMY })).toBeVisible();
  await expectNoViolations(screen, "/wall");
  await screen.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(screen, "/wall");
  await amy.raiseHand();
  await expect(screen.getByText("1 open request")).toBeVisible({ timeout: 15_000 });
  await walls.revoke("Hall");
  await expect(screen.getByRole("heading", { name: "This wall has ended" })).toBeVisible({ timeout: 15_000 });
  await expect(screen.getByText(AMY)).toHaveCount(0);
  await context.close();
});

test("a wall whose requests get no answer says that it is not up to date, until one is answered", async ({ sam, browser }) => {
  await sam.signIn();
  await sam.page.goto("/dashboard/walls");
  const walls = new WallsPage(sam.page);
  await walls.name.fill("Hall");
  await walls.team("Care").check();
  await walls.makeButton.click();
  const context = await browser.newContext();
  const screen = await context.newPage();
  await takeClock(screen);
  await takeTimeLimits(screen);
  await screen.goto(await walls.address.inputValue());
  await expect(screen.getByRole("heading", { name: "Hall" })).toBeVisible();
  const notice = screen.getByText("No connection. This is how it was.");
  await expect(notice).toBeHidden();

  // A connection that was lost without a word: what is asked is never answered.
  let asked = 0;
  await screen.route("**/*", () => void (asked += 1));
  await expect(async () => {
    await screen.clock.runFor(10_000);
    expect(asked).toBeGreaterThan(1);
  }).toPass();
  await expect(notice).toBeVisible();
  await screen.unroute("**/*");
  await expect(async () => {
    await screen.clock.runFor(10_000);
    await expect(notice).toBeHidden({ timeout: 1_000 });
  }).toPass();
  await context.close();
});

test("a wall of 1920 by 1080 shows all agents of a team of 20", async ({ ada, sam, browser }) => {
  await ada.signIn();
  const members: string[] = [];
  for (let number = 1; number <= 20; number += 1) {
    const account = { key: newKey(), username: `night${number}`, name: `Night Agent ${number}`, roles: ["agent"], password: "correct horse 42" };
    members.push((await ada.ask<UserAccount>("administration/user_create", account)).id);
  }
  await sam.signIn();
  const change = { name: "Night", members, supervisors: [await sam.id()] };
  await ada.ask<Team>("administration/team_create", { key: newKey(), change });
  await sam.page.goto("/dashboard/walls");
  const walls = new WallsPage(sam.page);
  await walls.name.fill("Room");
  await walls.team("Night").check();
  await walls.makeButton.click();
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
  const screen = await context.newPage();
  await screen.goto(await walls.address.inputValue());
  const agents = screen.getByRole("listitem").filter({ hasText: "Night Agent" });
  await expect(agents).toHaveCount(20);
  for (const agent of await agents.all()) await expect(agent).toBeInViewport({ ratio: 1 });
  await context.close();
});
