// U06: who needs somebody is first, the agents are sorted and chosen, and the address says how.

import { readFile } from "node:fs/promises";

import { expectNoViolations } from "../fixtures/axe.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import { Organisation } from "../pages/organisation.ts";
import { ViewsPage } from "../pages/views.ts";

const [AMY, BEN] = ["Amy Adler", "Ben Brooks"];

test("U06 E26 who asks for help comes first, but nothing moves under the pointer or the focus", async ({
  amy,
  ben,
  sam,
}) => {
  await amy.signIn();
  await ben.signIn();
  await sam.signIn();
  await ben.raiseHand();
  await sam.dashboard.heading("Agent").hover();
  await sam.page.mouse.move(0, 0);
  await sam.dashboard.expectOrder([BEN, AMY]);
  const claim = sam.dashboard.request(BEN).claim;
  await claim.click();
  await sam.dashboard.agent(BEN).row.hover();
  await amy.raiseHand();
  await expect(sam.dashboard.agent(AMY).cell("Request")).not.toContainText("none");
  await sam.dashboard.expectOrder([BEN, AMY]);
  await sam.dashboard.agent(BEN).row.focus();
  await sam.page.mouse.move(0, 0);
  await sam.dashboard.expectOrder([BEN, AMY]);
  await sam.page.keyboard.press("Shift+Tab");
  await expect(sam.dashboard.heading("Monitored").getByRole("button")).toBeFocused();
  await sam.dashboard.filter.focus();
  await sam.dashboard.expectOrder([AMY, BEN]);
});

test("U06 a heading sorts, turns and lets go, and the address says so after Back and a reload", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  await sam.dashboard.sortBy("Agent");
  await expect(sam.page).toHaveURL("/dashboard?sort=agent");
  await sam.dashboard.expectOrder([AMY, BEN]);
  await sam.dashboard.sortBy("Agent");
  await expect(sam.page).toHaveURL("/dashboard?sort=-agent");
  await expect(sam.dashboard.heading("Agent")).toHaveAttribute("aria-sort", "descending");
  await sam.dashboard.expectOrder([BEN, AMY]);
  await sam.page.reload();
  await sam.dashboard.expectOrder([BEN, AMY]);
  await sam.dashboard.agent(AMY).row.dblclick();
  await expect(sam.page).toHaveURL(/\/coaching\//);
  await sam.page.goBack();
  await expect(sam.page).toHaveURL("/dashboard?sort=-agent");
  await sam.dashboard.expectOrder([BEN, AMY]);
  await sam.dashboard.sortBy("Agent");
  await expect(sam.page).toHaveURL("/dashboard");
  await expect(sam.dashboard.choice("Sort by")).toHaveValue("attention");
  await sam.dashboard.choice("Sort by").selectOption("Presence");
  await sam.dashboard.expectOrder([AMY, BEN]);
  await expect(sam.dashboard.heading("Presence")).toHaveAttribute("aria-sort", "ascending");
});

test("U06 agents are chosen by team, channel and name, and all of them come back with one click", async ({
  ada,
  amy,
  sam,
}) => {
  await amy.signIn();
  await ada.signIn();
  await sam.signIn();
  await sam.goto("/dashboard?team=Care&channel=sms&find=amy");
  await sam.dashboard.expectOrder([AMY]);
  await expect(sam.dashboard.choice("Team")).toHaveValue("Care");
  await expect(sam.dashboard.choice("Channel")).toHaveValue("sms");
  await expect(sam.dashboard.filter).toHaveValue("amy");
  await sam.dashboard.filter.press("End");
  await sam.dashboard.filter.pressSequentially("zon & co");
  await expect(sam.page).toHaveURL(/find=amyzon\+%26\+co/);
  await expect(sam.page.getByText("No agent matches the filter.")).toBeVisible();
  await sam.page.getByRole("button", { name: "Show all agents" }).click();
  await expect(sam.page).toHaveURL("/dashboard");
  await expect(sam.dashboard.filter).toHaveValue("");
  await expect(sam.dashboard.rows).toHaveCount(2);
  // A link to a team that is not there says which one it is about.
  await sam.goto("/dashboard?team=Gone");
  await expect(sam.dashboard.choice("Team")).toHaveValue("Gone");
  await sam.page.getByRole("link", { name: "Dashboard", exact: true }).first().click();
  await expect(sam.page).toHaveURL("/dashboard");
  await expect(sam.dashboard.choice("Team")).toHaveValue("");
  await expect(sam.dashboard.rows).toHaveCount(2);
});

test("U06 presence and request are filters of their own, old links mean the same, and one click clears them", async ({
  amy,
  ben,
  sam,
}) => {
  await amy.signIn();
  await ben.signIn();
  await sam.signIn();
  await amy.raiseHand();
  await amy.header.presence.selectOption("Away");
  await sam.dashboard.choice("Request").selectOption("With a request");
  await sam.dashboard.expectOrder([AMY]);
  await sam.dashboard.choice("Presence").selectOption("Available");
  await expect(sam.page).toHaveURL("/dashboard?presence=available&request=open");
  await expect(sam.page.getByText("No agent matches the filter.")).toBeVisible();
  await sam.dashboard.choice("Presence").selectOption("Away");
  await sam.dashboard.expectOrder([AMY]);
  await sam.dashboard.clear(2).click();
  await expect(sam.page).toHaveURL("/dashboard");
  await sam.dashboard.expectOrder([AMY, BEN]);
  await expect(sam.dashboard.clear(1)).toHaveCount(0);

  // As bookmarks and views of earlier releases have it.
  await sam.goto("/dashboard?show=hand");
  await expect(sam.dashboard.choice("Request")).toHaveValue("open");
  await sam.dashboard.expectOrder([AMY]);
  await sam.goto("/dashboard?show=available&find=b");
  await expect(sam.dashboard.choice("Presence")).toHaveValue("available");
  await sam.dashboard.expectOrder([BEN]);
  await expect(sam.dashboard.clear(2)).toBeVisible();
  await sam.dashboard.choice("Presence").selectOption("Any presence");
  await expect(sam.page).toHaveURL("/dashboard?find=b");
});

test("U06 the agents who are shown are saved as a file, and so are the requests", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  await amy.raiseHand();
  await sam.goto("/dashboard?find=amy");
  const saved = async (name: string) => {
    const download = sam.page.waitForEvent("download");
    await sam.page.getByRole("link", { name, exact: true }).click();
    const file = await download;
    return { name: file.suggestedFilename(), lines: (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n") };
  };
  const agents = await saved("Export CSV");
  expect(agents.name).toBe("agents.csv");
  expect(agents.lines).toHaveLength(2);
  expect(agents.lines[1]).toContain(AMY);
  const requests = await saved("Export CSV: requests of 30 days");
  expect(requests.name).toBe("requests.csv");
  expect(requests.lines[1]).toContain(AMY);
  await expect(sam.page).toHaveURL("/dashboard?find=amy");
});

test("U06 U15 agents are chosen by the state of their work, on a channel too, and a view keeps the choice", async ({
  amy,
  ben,
  sam,
}) => {
  await amy.signIn();
  await ben.signIn();
  const chats = (await ben.worklist()).filter((item) => item.channel === "chat");
  expect(chats.every((item) => item.state === "active")).toBe(true);
  await sam.signIn();
  await sam.dashboard.choice("State").selectOption("Wrap-up");
  await sam.dashboard.choice("Channel").selectOption("Chat");
  await expect(sam.page).toHaveURL("/dashboard?channel=chat&state=wrap_up");
  const chat = await amy.workitemOn("chat");
  await amy.openWorkitem(chat.customer);
  await amy.workspace.wrapUp();
  // What is in wrap-up is open still.
  await expect(sam.dashboard.agent(AMY).load("Chat")).toHaveText(/^\s*Chat \d+, active \d+ of 8\s*$/);
  await expect(sam.dashboard.agent(BEN).row).toHaveCount(0);
  await sam.reload();
  await sam.dashboard.expectOrder([AMY]);
  await sam.page.getByRole("link", { name: "Save or edit views" }).click();
  const views = new ViewsPage(sam.page);
  await views.name.fill("In wrap-up");
  await views.saveButton.click();
  await views.row("In wrap-up").getByRole("link", { name: "In wrap-up", exact: true }).click();
  await expect(sam.dashboard.choice("State")).toHaveValue("wrap_up");
  await sam.dashboard.expectOrder([AMY]);
  // No agent has work that is closed: such a link shows all of them.
  await sam.goto("/dashboard?state=closed");
  await expect(sam.dashboard.choice("State")).toHaveValue("");
  await expect(sam.dashboard.rows).toHaveCount(2);
});

test("U15 E11 a row says since when an agent can be reached, and how much of their capacity is taken", async ({
  ada,
  amy,
  dana,
  sam,
}) => {
  await ada.signIn();
  await amy.signIn();
  await sam.signIn();
  const row = sam.dashboard.agent(AMY);
  const presence = row.cell("Presence");
  await expect(presence).toHaveText(/Available\s*for \d+ (s|min)/);
  await amy.header.presence.selectOption("Away");
  await expect(presence).toHaveText(/Away\s*for \d+ (s|min)/);
  const since = presence.locator("time");
  await expect(since).toHaveAttribute("title", /\d{4}.*\d\d:\d\d:\d\d/);
  const exact = (await since.getAttribute("title")) ?? "";
  await sam.reload();
  await expect(since, "the host remembers it").toHaveAttribute("title", exact);
  await amy.header.presence.selectOption("Available");

  const chats = (await amy.worklist()).filter((item) => item.channel === "chat" && item.state === "active").length;
  await expect(row.load("Chat")).toHaveText(new RegExp(`^\\s*Chat ${chats} of 8\\s*$`));
  await expect(row.load("Email")).toHaveText(/ of 20\s*$/);
  const organisation = new Organisation(ada.page);
  await ada.goto("/admin/settings");
  await organisation.change({ "Chats at a time": String(chats + 1) });
  await expect(row.load("Chat")).toHaveText(new RegExp(`^\\s*Chat ${chats} of ${chats + 1}\\s*$`));
  await dana.begin("Hello?");
  await expect(row.load("Chat")).toHaveText(new RegExp(`^\\s*Chat ${chats + 1} of ${chats + 1}\\s*$`));
  await expectNoViolations(sam.page, "/dashboard");
  for (const width of [320, 1280]) {
    await sam.page.setViewportSize({ width, height: 640 });
    await expectNothingSideways(sam.page, "the dashboard with loads");
  }
});

test("U06 how long is too long depends on the channel, as an administrator says", async ({ ada, amy, sam }) => {
  await ada.signIn();
  await amy.signIn();
  const email = (await amy.worklist()).find((item) => item.channel === "email" && item.waiting_since);
  const wait = amy.workspace.workitem(email?.customer ?? "").locator(".wait");
  await expect(wait).toHaveClass("wait");
  const organisation = new Organisation(ada.page);
  await ada.goto("/admin/settings");
  await organisation.change({ "Answer emails within": "1" });
  await amy.page.reload();
  await expect(wait).toHaveClass("wait wait--danger");
  const all = ["chats", "social messages", "SMS", "phone workitems", "emails"];
  await organisation.change(Object.fromEntries(all.map((what) => [`Answer ${what} within`, "10080"])));
  await sam.signIn();
  await expect(sam.dashboard.agent(AMY).cell("Longest wait").locator(".wait")).toHaveClass("wait");
  await expect(sam.dashboard.agent(BEN).cell("Longest wait").locator(".wait")).toHaveClass("wait");
});

test("on a phone the filters are folded, and not while one is in use", async ({ sam }) => {
  await sam.page.setViewportSize({ width: 390, height: 844 });
  await sam.signIn();
  const channels = sam.dashboard.choice("Channel");
  await expect(sam.dashboard.agent("Amy Adler").row).toBeVisible();
  await expect(channels).toBeHidden();
  await sam.page.getByText("Filters and views").click();
  await channels.selectOption({ label: "Phone" });
  await expect(sam.page).toHaveURL(/channel=/);
  await sam.dashboard.choice("State").selectOption({ label: "Active" });
  await expect(sam.page).toHaveURL(/state=active/);
  await sam.reload();
  await expect(channels).toBeVisible();
  await expect(sam.dashboard.choice("State")).toHaveValue("active");
  await expectNothingSideways(sam.page, "the dashboard with its filters");
  // Where there is room, they are always in sight.
  await sam.dashboard.open();
  await expect(channels).toBeHidden();
  await sam.page.setViewportSize({ width: 1280, height: 800 });
  await expect(channels).toBeVisible();
  await expect(sam.page.getByText("Filters and views")).toBeHidden();
});
