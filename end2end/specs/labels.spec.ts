// Outcomes and tags: an administrator keeps the list, those who work on a workitem choose, and the history finds.

import { expectNoViolations } from "../fixtures/axe.ts";
import type { Person } from "../fixtures/person.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import { newKey } from "../fixtures/wire.ts";
import { LabelsPage } from "../pages/labels.ts";

/** Ada adds outcomes and tags for every team. */
async function addLabels(ada: Person): Promise<LabelsPage> {
  await ada.signIn();
  await ada.goto("/admin/settings");
  await ada.page.getByRole("link", { name: "Outcomes and tags" }).click();
  const page = new LabelsPage(ada.page);
  for (const name of ["Solved", "Refunded"]) await page.add("Outcome", name);
  for (const name of ["Delivery", "Complaint"]) await page.add("Tag", name);
  return page;
}

/** The page with "Complaint" stands open in two browsers. */
async function openInBoth(ada: Person, elsewhere: Person): Promise<[LabelsPage, LabelsPage]> {
  const first = await addLabels(ada);
  await expect(first.nameOf("Complaint")).toBeVisible();
  await ada.page.goto("/admin/labels");
  await elsewhere.signIn();
  await elsewhere.page.goto("/admin/labels");
  return [first, new LabelsPage(elsewhere.page)];
}

test("amy says how it ended and what it is about, sam sees it live, and the customer does not", async ({ ada, amy, sam, dana }) => {
  await addLabels(ada);
  await monitored(amy, sam, dana);
  const labels = amy.workspace.labels;
  await labels.unfold();
  await labels.outcome.selectOption("Solved");
  await labels.tag("Delivery").check();
  await expect(sam.coaching.labels.line).toContainText("Solved");
  await expect(sam.coaching.labels.line).toContainText("Delivery");
  await sam.coaching.labels.unfold();
  await sam.coaching.labels.tag("Complaint").check();
  await sam.coaching.labels.outcome.selectOption("Refunded");
  await expect(labels.line).toContainText("Refunded");
  await expect(labels.line).not.toContainText("Solved");
  await expect(labels.tag("Complaint")).toBeChecked();
  await labels.tag("Delivery").uncheck();
  await expect(sam.coaching.labels.line).not.toContainText("Delivery");
  await amy.reload();
  await expect(labels.line).toContainText("Refunded");
  await expect(labels.line).toContainText("Complaint");
  await expect(dana.page.locator("body")).not.toContainText(/Refunded|Complaint/);
  await expectNoViolations(amy.page, "the workspace");
  await expectNoViolations(sam.page, "the Coaching Page");
});

test("where closing needs an outcome the line unfolds when the conversation is over, and Close says why not", async ({ ada, amy, dana }) => {
  await addLabels(ada);
  const { version } = await ada.ask<{ version: number }>("organisation/organisation_load");
  const changes = [{ name: "outcome_required", value: 1 }];
  await ada.ask("organisation/organisation_save", { key: newKey(), version, changes });
  await conversation(amy, dana);
  await amy.answer("It arrives tomorrow.");
  await amy.workspace.wrapUp();
  await expect(amy.workspace.labels.outcome).toBeVisible();
  amy.expectProblem(/409/);
  await amy.workspace.closeButton.click();
  await expect(amy.page.getByText("This workitem needs an outcome: choose one first.")).toBeVisible();
  await amy.workspace.labels.outcome.selectOption("Solved");
  await expect(amy.workspace.labels.line).toContainText("Solved");
  await amy.workspace.close();

  // What is closed is found by it.
  await amy.page.goto("/history?label=solv");
  await expect(amy.page.getByRole("link", { name: "Where is my parcel?" })).toBeVisible();
  await amy.page.goto("/history?label=refund");
  await expect(amy.history.nothing).toBeVisible();
  await expect(amy.page.getByRole("link", { name: "Where is my parcel?" })).toHaveCount(0);
});

test("a label that is switched off is not offered any more and stays where it is", async ({ ada, amy, dana }) => {
  const page = await addLabels(ada);
  await conversation(amy, dana);
  await amy.workspace.labels.unfold();
  await amy.workspace.labels.tag("Complaint").check();
  await expect(amy.workspace.labels.line).toContainText("Complaint");
  await page.switchOff("Complaint");
  await amy.reload();
  await expect(amy.workspace.labels.line).toContainText("Complaint");
  await amy.workspace.labels.unfold();
  // It is gone from the list with that, so there is no state of it to wait for.
  await amy.workspace.labels.tag("Complaint").click();
  await expect(amy.workspace.labels.line).not.toContainText("Complaint");
  await expect(amy.workspace.labels.tag("Complaint")).toHaveCount(0);
  await amy.reload();
  await amy.workspace.labels.unfold();
  await expect(amy.workspace.labels.tag("Delivery")).toBeVisible();
  await expect(amy.workspace.labels.tag("Complaint")).toHaveCount(0);
});

test("U28 a label that is deleted is offered no more, stays where it is, and history finds it", async ({ ada, amy, sam, dana }) => {
  const page = await addLabels(ada);
  await monitored(amy, sam, dana);
  await amy.workspace.labels.unfold();
  await amy.workspace.labels.tag("Complaint").check();
  await expect(sam.coaching.labels.line).toContainText("Complaint");
  await page.delete("Complaint");
  await expect(ada.page.getByText("The label was deleted.")).toBeVisible();
  await expect(ada.page.getByRole("textbox", { name: "Name of Complaint" })).toHaveCount(0);
  await expectNoViolations(ada.page, "/admin/labels after a deletion");
  await amy.reload();
  await expect(amy.workspace.labels.line).toContainText("Complaint");
  await sam.page.goto("/history?label=compl");
  await expect(sam.page.getByRole("link", { name: "Where is my parcel?" })).toBeVisible();
  // Its name is free.
  await page.add("Tag", "Complaint");
  await expect(ada.page.getByRole("textbox", { name: "Name of Complaint" })).toBeVisible();
});

test("the page of outcomes and tags names what is wrong, keeps what was typed, and fits a phone", async ({ ada }) => {
  const page = await addLabels(ada);
  ada.expectProblem(/422/);
  await page.add("Tag", "DELIVERY");
  await expect(ada.page.getByRole("alert")).toContainText("Name:");
  await expect(page.name).toHaveValue("DELIVERY");
  await expect(page.name).toBeFocused();
  await expect(page.name).toHaveAccessibleDescription("Name: This name is taken.");
  await expectNoViolations(ada.page, "/admin/labels");
  await ada.page.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(ada.page, "the page of labels");
});

test("E03 who renames a label that was switched off meanwhile reads so, and leaves it off", async ({ ada, meet }) => {
  const elsewhere = await meet("ada", "Ada Almond");
  const [first, second] = await openInBoth(ada, elsewhere);
  await second.nameOf("Complaint").fill("Trouble");
  await first.switchOff("Complaint");
  await expect(ada.page.getByText("Saved.", { exact: true })).toBeVisible();

  elsewhere.expectProblem(/422/);
  await second.save("Complaint");
  await expect(second.problem).toContainText("Offered: now “Off”.");
  await expect(second.problem).not.toContainText("Name: now");
  await expect(second.problem).toBeFocused();
  await expect(second.nameOf("Complaint")).toHaveValue("Trouble");
  await expect(second.offered("Complaint")).not.toBeChecked();
  await expectNoViolations(elsewhere.page, "/admin/labels after a conflict");
  await second.save("Complaint");
  await expect(second.nameOf("Trouble")).toHaveValue("Trouble");
  await expect(second.offered("Trouble")).not.toBeChecked();
});

test("what was typed about a label that was deleted meanwhile can be copied", async ({ ada, meet }) => {
  const elsewhere = await meet("ada", "Ada Almond");
  const [first, second] = await openInBoth(ada, elsewhere);
  await second.nameOf("Complaint").fill("Trouble with parcels");
  await first.delete("Complaint");
  await expect(ada.page.getByText("The label was deleted.")).toBeVisible();

  elsewhere.expectProblem(/404/);
  await second.save("Complaint");
  await expect(second.problem).toContainText("This was deleted meanwhile");
  await expect(second.problem).toBeFocused();
  await expect(second.lost.getByRole("textbox", { name: "Name" })).toHaveValue("Trouble with parcels");
  await expect(second.nameOf("Complaint")).toHaveCount(0);
  await expect(second.nameOf("Delivery")).toBeVisible();
  await expectNoViolations(elsewhere.page, "/admin/labels about a label that is gone");
  // The tab keeps nothing for a form that never comes back.
  expect(await elsewhere.page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("Trouble");
});
