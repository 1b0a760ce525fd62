// Alerts: rules of an administrator, what supervisors see of them, and that nobody else does.

import { expectNoViolations } from "../fixtures/axe.ts";
import type { Person } from "../fixtures/person.ts";
import { conversation } from "../fixtures/scenes.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import { AlertRulesPage, AlertSettings } from "../pages/alerts.ts";

/** Ada has a rule for what upset customers write. */
async function addRule(ada: Person): Promise<AlertRulesPage> {
  await ada.signIn();
  const rules = new AlertRulesPage(ada.page);
  await rules.open();
  await rules.add("Words in a message", "Refund", "Words and phrases", "refund*\nmoney back");
  await expect(rules.rule("Refund")).toBeVisible();
  return rules;
}

/** The time of day in so many hours, as a field for times takes it. */
function timeIn(hours: number): string {
  const then = new Date(Date.now() + hours * 3_600_000);
  return [then.getHours(), then.getMinutes()].map((part) => `${part}`.padStart(2, "0")).join(":");
}

/** The supervisor wants more than marks. */
async function heed(person: Person): Promise<void> {
  await person.signIn();
  const settings = new AlertSettings(person.page);
  await settings.open();
  await settings.alerts.check();
  await expect(person.page.getByText("Saved.")).toBeVisible();
}

test("a customer writes a word: sam sees the mark and the notice, and what sue dismisses is gone for him", async ({ ada, amy, sam, sue, dana }) => {
  await addRule(ada);
  await heed(sam);
  await sam.dashboard.open();
  const row = sam.dashboard.agent("Amy Adler").row;
  const height = (await row.boundingBox())?.height;
  await conversation(amy, dana, "I want a REFUND!");
  await expect(row).toContainText("1 alert");
  expect((await row.boundingBox())?.height).toBe(height);
  await expect(sam.page).toHaveTitle(/^\(1\)/);
  const notice = sam.page.getByRole("region", { name: "Alert: Refund" });
  await expect(notice).toContainText(dana.name);
  await sam.dashboard.choice("Alert").selectOption("With an alert");
  await expect(sam.page).toHaveURL("/dashboard?alert=open");
  await sam.dashboard.expectOrder(["Amy Adler"]);
  await expectNoViolations(sam.page, "the dashboard with an alert");

  await sue.signIn();
  await sue.goto("/dashboard");
  await expect(sue.dashboard.agent("Amy Adler").row).toContainText("1 alert");
  await expect(sue.page.getByRole("region", { name: "Alert: Refund" })).toHaveCount(0);
  await notice.getByRole("link", { name: "Open workitem" }).click();
  const dismiss = sam.page.getByRole("button", { name: /^Dismiss Refund/ });
  await expect(dismiss).toBeVisible();
  await sue.page.goto(sam.page.url());
  await sue.page.getByRole("button", { name: /^Dismiss Refund/ }).click();
  await expect(dismiss).toHaveCount(0);
  await expect(amy.page.locator("body")).not.toContainText("Alert");
  await expect(dana.page.locator("body")).not.toContainText("Alert");
});

test("an answer ends the alert", async ({ ada, amy, sam, dana }) => {
  await addRule(ada);
  await sam.signIn();
  await sam.dashboard.open();
  await conversation(amy, dana, "My money back, please");
  const row = sam.dashboard.agent("Amy Adler").row;
  await expect(row).toContainText("1 alert");
  await amy.answer("You have it tomorrow.");
  await expect(row).not.toContainText("alert");
});

test("U28 a rule that is deleted takes its alerts along", async ({ ada, amy, sam, dana }) => {
  const rules = await addRule(ada);
  await sam.signIn();
  await sam.dashboard.open();
  await conversation(amy, dana, "My money back, please");
  const row = sam.dashboard.agent("Amy Adler").row;
  await expect(row).toContainText("1 alert");
  await rules.delete("Refund");
  await expect(ada.page.getByText("The rule was deleted.")).toBeVisible();
  await expect(rules.rule("Refund")).toHaveCount(0);
  await expect(row).not.toContainText("alert");
});

test("an alert of what waits goes along to the agent who gets it", async ({ ada, amy, sam, dana }) => {
  await addRule(ada);
  await amy.signIn();
  await amy.header.presence.selectOption({ label: "Busy" });
  await expect(amy.header.presence).toHaveValue("busy");
  await heed(sam);
  await sam.dashboard.open();
  await dana.begin("My money back, please");
  await expect(sam.page.getByRole("list", { name: "Queues" })).toContainText("1 alert longest");
  await expect(sam.dashboard.agent("Amy Adler").row).not.toContainText("alert");
  await sam.page.getByRole("region", { name: "Alert: Refund" }).getByRole("link", { name: "Open workitem" }).click();
  await expect(sam.page.getByRole("button", { name: /^Dismiss Refund/ })).toBeVisible();
  await amy.header.presence.selectOption({ label: "Available" });
  await expect(amy.workspace.workitem("Dana Dietz")).toBeVisible();
  await expect(sam.page).toHaveURL(/coaching\/amy\//);
  await expect(sam.page.getByRole("navigation", { name: "Workitems of Amy Adler" })).toContainText("Dana Dietz");
  await sam.dashboard.open();
  await expect(sam.dashboard.agent("Amy Adler").row).toContainText("1 alert");
  await expect(sam.page.getByRole("list", { name: "Queues" })).not.toContainText("alert");
});

test("in the quiet hours the mark remains", async ({ ada, amy, sam, dana }) => {
  await addRule(ada);
  await heed(sam);
  const settings = new AlertSettings(sam.page);
  const until = timeIn(2);
  await settings.from.fill(timeIn(-1));
  await settings.until.fill(until);
  await settings.until.blur();
  await sam.reload();
  await expect(settings.until).toHaveValue(until);
  await sam.dashboard.open();
  await conversation(amy, dana, "Refund me");
  await expect(sam.dashboard.agent("Amy Adler").row).toContainText("1 alert");
  await expect(sam.page.getByRole("region", { name: "Alert: Refund" })).toHaveCount(0);
  await expect(sam.page).not.toHaveTitle(/^\(/);
});

test("U21 U28 a rule names everything that is wrong, begins with the first and keeps what was typed", async ({ ada }) => {
  await ada.signIn();
  const rules = new AlertRulesPage(ada.page);
  await rules.open();
  ada.expectProblem(/422/);
  const words = await rules.begin("Words in a message");
  await words.addButton.click();
  await expect(words.name).toHaveAttribute("aria-invalid", "true");
  await expect(words.field("Words and phrases")).toHaveAttribute("aria-invalid", "true");
  await expect(words.name).toBeFocused();
  await expectNoViolations(ada.page, "/admin/alerts with two wrong fields");

  const capitals = await rules.begin("Capital letters");
  const [share, letters] = [capitals.field("Share of capital letters"), capitals.field("Minimum number of letters")];
  await capitals.name.fill("Shouting");
  await share.fill("101");
  await letters.fill("2");
  await capitals.addButton.click();
  await expect(share).toHaveAccessibleDescription(/Enter a number from 50 to 100; this is 101\./);
  await expect(letters).toHaveAccessibleDescription(/Enter a number from 4 to 500; this is 2\./);
  await expect(share).toBeFocused();
  await expect(capitals.name).toHaveValue("Shouting");
  await expect(capitals.name).not.toHaveAttribute("aria-invalid");
  await expect(share).toHaveValue("101");
  await expect(rules.rule("Shouting")).toHaveCount(0);

  await share.fill("80");
  await letters.fill("20");
  await capitals.addButton.click();
  await expect(rules.rule("Shouting")).toBeVisible();
});

test("ada reads where a pattern is bad, and the page fits a phone", async ({ ada }) => {
  const rules = await addRule(ada);
  ada.expectProblem(/422/);
  await rules.add("Pattern in a message", "Order", "Pattern", "SO-(\\d");
  await expect(rules.problem).toHaveText("Pattern: Character 4: this bracket is never closed.");
  await expect(ada.page.getByLabel("Pattern", { exact: true })).toHaveValue("SO-(\\d");
  await expectNoViolations(ada.page, "/admin/alerts");
  await ada.page.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(ada.page, "the page of alerts");
});
