// E20: an administrator says whom a request for assistance reaches that nobody claims.

import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import { EscalationPage } from "../pages/escalation.ts";

test("E20 ada sets the steps of a team, reads where one is wrong, and finds them again", async ({ ada }) => {
  await ada.signIn();
  const escalation = new EscalationPage(ada.page);
  await escalation.open();
  const care = escalation.team("Care");
  ada.expectProblem(/422/);
  await escalation.save("Care", { all: "10", later: "5", who: "Sue Silva" });
  await expect(escalation.problem).toContainText("Ask the person on call after (minutes): ");
  // What was typed stays.
  await expect(care.all).toHaveValue("10");
  await expect(care.later).toHaveValue("5");

  await escalation.save("Care", { all: "5", later: "10", who: "Sue Silva" });
  await expect(escalation.said).toBeVisible();
  await escalation.open();
  await expect(care.all).toHaveValue("5");
  await expect(care.later).toHaveValue("10");
  await expect(care.who.locator("option:checked")).toHaveText("Sue Silva");
});

test("E20 of two administrators who set the same steps the later one reads who was first", async ({ ada }) => {
  await ada.signIn();
  const first = new EscalationPage(ada.page);
  await first.open();
  const second = new EscalationPage(await ada.context.newPage());
  await second.open();
  await first.save("Care", { all: "5", later: "", who: "Nobody" });
  await expect(first.said).toBeVisible();
  ada.expectProblem(/422/);
  await second.save("Care", { all: "7", later: "", who: "Nobody" });
  await expect(second.problem).toContainText("Ada Almond");
  await first.open();
  await expect(first.team("Care").all).toHaveValue("5");
});

test("E20 a supervisor who was asked first sees in the open pop-up and on the panel that a request escalates", async ({ ada, amy, sam, sue }) => {
  await ada.signIn();
  const escalation = new EscalationPage(ada.page);
  await escalation.open();
  await escalation.save("Care", { all: "1", later: "", who: "Nobody" });
  await expect(escalation.said).toBeVisible();
  await amy.signIn();
  await sam.signIn();
  await sue.signIn();
  await sam.goto("/dashboard");
  await amy.raiseHand({ to: { name: sam.name } });
  const { region } = sam.popUpFrom(amy.name);
  await expect(region).toBeVisible();
  await expect(region).not.toContainText("Escalated");
  // The shortest step is a minute.
  await expect(sue.popUpFrom(amy.name).region).toContainText("Escalated", { timeout: 90_000 });
  await expect(region).toContainText("Escalated");
  await expect(sam.dashboard.request(amy.name).cell("Target time")).toContainText("All supervisors asked");
});

test("the page of escalation fits a phone", async ({ ada }) => {
  await ada.signIn();
  await ada.page.setViewportSize({ width: 320, height: 640 });
  await new EscalationPage(ada.page).open();
  await expectNothingSideways(ada.page, "the page of escalation");
});
