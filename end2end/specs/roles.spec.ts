// Roles that an administrator builds from permissions, and what their holders see.

import { expectNoViolations } from "../fixtures/axe.ts";
import { conversation } from "../fixtures/scenes.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";

test("E51 ada builds a role that only reads along, gives it to sam, and his page says so", async ({ ada, amy, sam, dana }) => {
  const workitem = await conversation(amy, dana);
  await sam.signIn();
  await ada.signIn();
  await ada.goto("/admin/users");
  await ada.page.getByRole("link", { name: "Roles" }).click();
  await ada.page.getByRole("combobox", { name: "Based on" }).selectOption({ label: "Supervisor" });
  await ada.page.getByRole("textbox", { name: "Name" }).fill("Trainee");
  await ada.page.getByRole("button", { name: "Add role" }).click();
  const role = ada.page.getByRole("article", { name: "Trainee" });
  await expect(role.getByRole("checkbox", { name: "See agents and their workitems" })).toBeDisabled();
  for (const permission of ["Coach agents", "Write to agents' customers", "Save conversations as files"]) {
    await role.getByRole("checkbox", { name: permission }).uncheck();
  }
  await role.getByRole("button", { name: "Save Trainee" }).click();
  await expect(ada.page.getByRole("status")).toHaveText("Saved.");
  await expect(role.getByRole("checkbox", { name: "Coach agents" })).not.toBeChecked();
  await expectNoViolations(ada.page, "the page of roles");
  await ada.page.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(ada.page, "the page of roles");

  sam.expectProblem(/401/);
  await role.getByRole("combobox", { name: "Give Trainee to" }).selectOption({ label: sam.name });
  await role.getByRole("button", { name: "Give Trainee" }).click();
  await expect(role.getByRole("list", { name: "Users with the role Trainee" })).toContainText(sam.name);
  await expect(sam.page.getByRole("textbox", { name: "Username" })).toBeVisible();
  await sam.signIn();
  await sam.monitor(amy, workitem);
  await expect(sam.coaching.transcript.customer("Where is my parcel?")).toBeVisible();
  await expect(sam.page.getByText("Your role can read along here but can't coach.")).toBeVisible();
  await expect(sam.coaching.composer.text).toHaveCount(0);
  await expect(sam.coaching.customerOpener).toHaveCount(0);
});
