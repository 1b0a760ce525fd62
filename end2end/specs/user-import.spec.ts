// Users out of a CSV file: looked at first, then created all at once, each with a password that is shown once.

import { readFile } from "node:fs/promises";

import { expectNoViolations } from "../fixtures/axe.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import { UserImport } from "../pages/user-import.ts";
import { Users } from "../pages/users.ts";

const WRONG = "username;name;roles;teams\r\nuna;Una Umber;agent;Care|Nowhere\r\namy;Amy Again;agent;\r\n";
const RIGHT = "username;name;roles;teams\r\nuna;Una Umber;agent;Care\r\nvic;\"Vic; the second\";agent|supervisor;Care|Sales\r\n";

test("S10 an administrator corrects a file, imports it, and a new user signs in and chooses a password", async ({
  ada,
  meet,
}) => {
  await ada.signIn();
  const users = new Users(ada.page);
  const page = new UserImport(ada.page);
  await users.open();
  await page.link.click();
  await expect(ada.page).toHaveTitle("Import users · Sideline");
  await expectNoViolations(ada.page, "/admin/users/import");

  ada.expectProblem(/422/);
  await page.file.setInputFiles({ name: "users.csv", mimeType: "text/csv", buffer: Buffer.from(WRONG) });
  await page.checkButton.click();
  await expect(page.said).toContainText("2 lines cannot be imported");
  await expect(page.result("una")).toContainText("teams: There is no team “Nowhere”.");
  await expect(page.result("amy")).toContainText("username:");
  await expect(page.importButton).toHaveCount(0);
  await expectNoViolations(ada.page, "/admin/users/import with problems");

  // What was uploaded stands in the box, to be corrected there.
  await expect(page.text).toHaveValue(/una;Una Umber/);
  await page.text.fill(RIGHT);
  await page.checkButton.click();
  await expect(page.said).toContainText("2 users can be imported. Nothing has been changed yet.");
  await expect(page.result("vic")).toContainText("Supervises: Care, Sales");
  await page.importButton.click();
  await expect(page.said).toContainText("Created 2 users");
  await expectNoViolations(ada.page, "/admin/users/import with passwords");
  await ada.page.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(ada.page, "/admin/users/import with passwords");

  const password = await page.password("una");
  const download = ada.page.waitForEvent("download");
  await page.saveLink.click();
  const file = await readFile(await (await download).path(), "utf8");
  expect(file.split("\r\n")[0]).toBe("username,name,password");
  expect(file).toContain(`una,Una Umber,${password}`);
  await users.open();
  await expect(users.row("Vic; the second")).toBeVisible();

  const una = await meet("una", "Una Umber");
  await una.signInFirst(password, "umber over the moon");
  await expect(una.page).toHaveURL("/workspace");
});

test("SPEC 3 the page of initial passwords is left after a question, until they are saved", async ({ ada }) => {
  await ada.signIn();
  const page = new UserImport(ada.page);
  await ada.page.goto("/admin/users/import");
  await page.text.fill("username,name,roles\numa,Uma Upton,agent\n");
  await page.checkButton.click();
  await page.importButton.click();
  await expect(page.passwords).toBeVisible();
  const asked = ada.page.waitForEvent("dialog");
  const leaves = ada.page.getByRole("link", { name: /users/i }).first().click({ noWaitAfter: true });
  const question = await asked;
  expect(question.type()).toBe("beforeunload");
  await question.dismiss();
  await leaves;
  await expect(page.passwords).toBeVisible();
});
