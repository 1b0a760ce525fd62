// M13 to M16: from the User Dashboard through the list of an agent's workitems to one of them.

import type { Person } from "../fixtures/person.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

/** The administrator takes a team's supervision away from somebody. */
async function takeAway(ada: Person, team: string, supervisor: Person): Promise<void> {
  await ada.signIn();
  await ada.teams.open();
  await ada.teams.edit(team);
  await ada.teams.supervisors.getByRole("checkbox", { name: supervisor.name }).uncheck();
  await ada.teams.save();
}

test("M13 a right-click on an agent opens a menu that leads to the workitems", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  await sam.dashboard.agent("Amy Adler").row.click({ button: "right" });
  await expect(sam.dashboard.menu.getByRole("menuitem")).toHaveText([
    /^\s*View Workitems\s*$/,
    /^\s*View Workitems in new window\s*$/,
    /^\s*Send message\s*$/,
    /^\s*Peek at conversations\s*$/,
  ]);
  await sam.dashboard.menuItem("View Workitems").click();
  await expect(sam.page).toHaveURL(`/coaching/${await amy.id()}`);
  await expect(sam.modal.dialogOf("Amy Adler")).toBeVisible();
});

test("M13 View Workitems in new window leaves the dashboard where it is", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  await sam.dashboard.agent("Amy Adler").row.click({ button: "right" });
  const opened = sam.context.waitForEvent("page");
  await sam.dashboard.menuItem("View Workitems in new window").click();
  const page = await opened;
  await expect(page).toHaveURL(`/coaching/${await amy.id()}`);
  await expect(page.getByRole("dialog", { name: "Workitems of Amy Adler" })).toBeVisible();
  await expect(sam.page).toHaveURL("/dashboard");
  await expect(sam.dashboard.table).toBeVisible();
});

for (const key of ["Shift+F10", "ContextMenu"]) {
  test(`M13 ${key} on an agent's row opens the same menu from the keyboard`, async ({ amy, sam }) => {
    await amy.signIn();
    await sam.signIn();
    const row = sam.dashboard.agent("Amy Adler").row;
    await row.focus();
    await sam.page.keyboard.press(key);
    await expect(sam.dashboard.menuItem("View Workitems")).toBeFocused();
    await sam.page.keyboard.press("ArrowDown");
    await expect(sam.dashboard.menuItem("View Workitems in new window")).toBeFocused();
    await sam.page.keyboard.press("Escape");
    await expect(sam.dashboard.menu).toBeHidden();
    await expect(row).toBeFocused();
    await sam.page.keyboard.press(key);
    await sam.page.keyboard.press("Enter");
    await expect(sam.modal.dialogOf("Amy Adler")).toBeVisible();
  });
}

test("M13 a visible button opens the same menu for touch", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  await sam.dashboard.agent("Amy Adler").actions.click();
  await sam.dashboard.menuItem("Send message").click();
  await expect(sam.directory.conversation("Amy Adler")).toBeVisible();
  await sam.directory.composer("Amy Adler").send("Well done today.");
  await expect(amy.popUpFrom("Sam Stone").region).toContainText("Well done today.");
});

test("M14 the modal lists all workitems of the agent with what a supervisor needs to know", async ({ amy, sam }) => {
  await amy.signIn();
  const worklist = await amy.worklist();
  await sam.signIn();
  await sam.dashboard.viewWorkitems("Amy Adler");
  await expect(sam.modal.rows).toHaveCount(worklist.length);
  await expect(sam.modal.table.getByRole("columnheader")).toContainText([
    "Channel",
    "Customer",
    "Subject",
    "State",
    "Started",
    "Last activity",
    "Waiting for",
  ]);
  const states = { queued: "Queued", active: "Active", wrap_up: "Wrap-up", closed: "Closed" };
  for (const [index, workitem] of worklist.entries()) {
    const row = sam.modal.rows.nth(index);
    await expect(row).toContainText(workitem.customer);
    await expect(row).toContainText(workitem.subject);
    await expect(row).toContainText(states[workitem.state]);
    await expect(row).toContainText(workitem.waiting_since === null ? /Customer|Agent|No one/ : "Agent");
    await expect(row.locator("time[datetime]")).toHaveCount(2);
  }
});

test("M14 Close leads back to the dashboard", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  await sam.dashboard.viewWorkitems("Amy Adler");
  await sam.modal.closeButton.click();
  await expect(sam.page).toHaveURL("/dashboard");
  await expect(sam.dashboard.agent("Amy Adler").row).toBeVisible();
});

test("M15 the rows of the modal stand still; a line counts the changes and Refresh loads them", async ({
  amy,
  sam,
  dana,
}) => {
  await amy.signIn();
  await sam.signIn();
  await sam.dashboard.viewWorkitems("Amy Adler");
  // The window opens at once, its rows come a moment later.
  await expect(sam.modal.rows.first()).toBeVisible();
  const before = await sam.modal.rows.count();
  // The customers, without the clocks that go on.
  const customers = () => sam.modal.table.locator('td[data-label="Customer"]').allInnerTexts();
  const shown = await customers();

  await dana.begin("Something new");
  await amy.openWorkitem("Dana Dietz");
  await expect(sam.modal.changes).toHaveText(/1 change is waiting/);
  expect(await customers()).toEqual(shown);
  await expect(sam.modal.rows).toHaveCount(before);
  await expect(sam.modal.row("Dana Dietz")).toHaveCount(0);

  await sam.modal.refreshButton.click();
  await expect(sam.modal.row("Dana Dietz")).toHaveCount(1);
  await expect(sam.modal.rows).toHaveCount(before + 1);
  await expect(sam.modal.changes).toHaveText("");
});

test("M15 a workitem that is gone stays in its row until Refresh", async ({ amy, sam, dana }) => {
  const workitem = await conversation(amy, dana);
  await sam.signIn();
  await sam.dashboard.viewWorkitems("Amy Adler");
  await expect(sam.modal.row("Dana Dietz")).toHaveCount(1);
  await amy.workspace.wrapUp();
  await amy.workspace.close();
  await expect(sam.modal.changes).toHaveText(/1 change is waiting/);
  await expect(sam.modal.row("Dana Dietz")).toContainText("Active");
  await sam.modal.refreshButton.click();
  await expect(sam.modal.row("Dana Dietz")).toHaveCount(0);
  expect((await amy.worklist()).map((item) => item.id)).not.toContain(workitem.id);
});

test("M16 a double-click unfolds the details, and Edit opens the whole conversation, live", async ({
  amy,
  sam,
  dana,
}) => {
  const workitem = await conversation(amy, dana);
  await amy.answer("Let me look.");
  await sam.signIn();
  await sam.dashboard.viewWorkitems("Amy Adler");
  await expect(sam.modal.row("Dana Dietz")).toBeVisible();
  await expect(sam.modal.editButton).toHaveCount(0);
  await sam.modal.row("Dana Dietz").dblclick();
  await expect(sam.modal.editButton).toHaveCount(1);
  await sam.modal.editButton.click();
  await expect(sam.page).toHaveURL(`/coaching/${await amy.id()}/${workitem.id}`);
  await expect(sam.coaching.title(workitem.subject)).toBeVisible();
  await expect(sam.coaching.transcript.customer("Where is my parcel?")).toBeVisible();
  await expect(sam.coaching.transcript.agent("Let me look.")).toBeVisible();

  await dana.write("It was a red one.");
  await expect(sam.coaching.transcript.customer("It was a red one.")).toBeVisible();
  await amy.answer("Found it.");
  await expect(sam.coaching.transcript.agent("Found it.")).toBeVisible();
});

test("M16 Enter does on the keyboard what a double-click does", async ({ amy, sam }) => {
  await amy.signIn();
  const [workitem] = await amy.worklist();
  await sam.signIn();
  await sam.dashboard.viewWorkitems("Amy Adler");
  const row = sam.modal.rows.first();
  await row.focus();
  await sam.page.keyboard.press("Enter");
  await expect(sam.modal.editButton).toHaveCount(1);
  await expect(row).toBeFocused();
  await sam.modal.editButton.press("Enter");
  await expect(sam.coaching.title(workitem?.subject ?? "")).toBeVisible();
});

test("M04 M16 who may not look in any more sees nothing of the work, and what they typed stays", async ({
  amy,
  sam,
  ada,
  dana,
}) => {
  const workitem = await monitored(amy, sam, dana);
  const list = sam.page.getByRole("navigation", { name: "Workitems of Amy Adler" });
  const reassign = sam.coaching.main.getByRole("button", { name: "Reassign…" });
  await expect(list).toBeVisible();
  await expect(reassign).toBeVisible();
  await sam.coaching.composer.text.fill("Offer a voucher.");

  sam.expectProblem(/404/);
  await takeAway(ada, "Care", sam);
  await expect(sam.coaching.main).toContainText("You no longer have access to this workitem.");
  await expect(sam.coaching.title(workitem.subject)).toHaveCount(0);
  await expect(sam.coaching.main).not.toContainText("Where is my parcel?");
  await expect(sam.coaching.main).not.toContainText("Dana Dietz");
  await expect(list).toHaveCount(0);
  await expect(reassign).toHaveCount(0);
  await expect(sam.coaching.composer.text).toHaveCount(0);
  await expect(sam.page).not.toHaveTitle(new RegExp(workitem.subject.replace(/[^\w ]/g, ".")));

  const unsent = sam.page.getByRole("region", { name: "What you wrote here was not sent" });
  await expect(unsent).toContainText("Offer a voucher.");
  await sam.coaching.main.getByRole("link", { name: "Go to the User Dashboard" }).click();
  await expect(sam.page).toHaveURL("/dashboard");
});

test("M04 M14 the list of an agent's work goes with the right to see it", async ({ amy, sam, ada }) => {
  await amy.signIn();
  await sam.signIn();
  await sam.dashboard.viewWorkitems("Amy Adler");
  await expect(sam.modal.rows.first()).toBeVisible();
  sam.expectProblem(/404/);
  await takeAway(ada, "Care", sam);
  const dialog = sam.modal.dialogOf("Amy Adler");
  await expect(dialog).toContainText("You no longer have access to this agent's workitems.");
  await expect(sam.modal.table).toHaveCount(0);
  await expect(sam.modal.refreshButton).toHaveCount(0);
  await dialog.getByRole("link", { name: "Go to the User Dashboard" }).click();
  await expect(sam.page).toHaveURL("/dashboard");
});
