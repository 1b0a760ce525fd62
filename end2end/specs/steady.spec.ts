// What people meet who use it all day: nothing moves under the pointer, lines and times say what is meant, and nothing
// ends by mistake.

import { conversation, monitored } from "../fixtures/scenes.ts";
import type { Person } from "../fixtures/person.ts";
import { moved, places, watchShifts } from "../fixtures/shifts.ts";
import { expect, test } from "../fixtures/test.ts";
import { newKey, type Team, type UserAccount } from "../fixtures/wire.ts";

const PASSWORD = "correct horse 42";

/** So many agents in a team of their own under one supervisor; answers their usernames and names. */
async function crowd(ada: Person, supervisor: Person, count: number): Promise<{ username: string; name: string }[]> {
  const people = Array.from({ length: count }, (_, at) => ({
    username: `agent-${at + 10}`,
    name: `Agent ${at + 10} of a rather long family name`,
  }));
  const members: string[] = [];
  for (const { username, name } of people) {
    const input = { key: newKey(), username, name, roles: ["agent"], password: PASSWORD };
    members.push((await ada.ask<UserAccount>("administration/user_create", input)).id);
  }
  const change = { name: "Night", members, supervisors: [await supervisor.id()] };
  await ada.ask<Team>("administration/team_create", { key: newKey(), change });
  return people;
}

test("U05 E26 five hands that go up among twenty agents move nothing on the dashboard", async ({ ada, sam, meet }) => {
  await ada.signIn();
  await sam.signIn();
  const people = await crowd(ada, sam, 18);
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await watchShifts(sam.page);
  await sam.goto("/dashboard");
  await expect(sam.dashboard.rows).toHaveCount(20);
  expect(await moved(sam.page), "nothing moves while the page comes to life").toEqual([]);
  const headings = sam.dashboard.table.getByRole("columnheader");
  const before = { rows: await places(sam.dashboard.rows), columns: await places(headings) };
  expect(new Set(before.rows.map(([, , , height]) => height)).size, "rows of one height").toBe(1);
  const askers = people.filter((_, at) => at % 4 === 0);
  for (const { username, name } of askers) {
    const agent = await meet(username, name);
    await agent.signInFirst(PASSWORD, "stone-by-stone");
    await agent.raiseHand();
    await expect(sam.dashboard.agent(name).cell("Request")).not.toContainText("none");
  }
  expect(askers).toHaveLength(5);
  expect({ rows: await places(sam.dashboard.rows), columns: await places(headings) }).toEqual(before);
  // The whole text is the tooltip of what has no room.
  const hand = sam.dashboard.agent(askers[0]?.name ?? "").cell("Request").locator("[title]").first();
  expect(await hand.getAttribute("title")).toBe(await hand.textContent());
});

test("U05 among twenty agents at 1280 by 720 six rows are in sight beside a raised hand, and so is the way to all of them", async ({
  ada,
  amy,
  sam,
}) => {
  await ada.signIn();
  await amy.signIn();
  await sam.signIn();
  await crowd(ada, sam, 18);
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await sam.goto("/dashboard");
  await expect(sam.dashboard.rows).toHaveCount(20);
  await amy.raiseHand();
  await expect(sam.popUpFrom("Amy Adler").region).toBeVisible();
  const inSight = () =>
    sam.dashboard.rows.evaluateAll((rows) => {
      const end = document.querySelector("main")?.getBoundingClientRect().bottom ?? 0;
      return rows.filter((row) => row.getBoundingClientRect().bottom <= end).length;
    });
  await expect.poll(inSight).toBeGreaterThanOrEqual(6);
  await sam.page.getByRole("button", { name: /^1 request/ }).click();
  await expect(sam.dashboard.requests).toBeFocused();
  await expect(sam.dashboard.request("Amy Adler").claim).toBeInViewport({ ratio: 0.9 });
});

test("U05 E26 two hands of one agent take one row, which unfolds", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  const row = sam.dashboard.agent("Amy Adler");
  await expect(row.row).toBeVisible();
  const before = await places(sam.dashboard.rows);
  await amy.raiseHand();
  await amy.raiseHand();
  const more = row.cell("Request").getByRole("button", { name: "1 more" });
  await expect(more).toBeVisible();
  expect(await places(sam.dashboard.rows)).toEqual(before);
  await more.click();
  await expect(row.row.getByRole("button", { name: "Answer Amy Adler" })).toHaveCount(2);
});

test("U13 E25 visits that follow each other are one line, which unfolds; a closed tab reads as left", async ({
  amy,
  sam,
  dana,
}) => {
  const workitem = await monitored(amy, sam, dana);
  for (const visits of [1, 2, 3]) {
    if (visits > 1) await sam.monitor(amy, workitem);
    await sam.coaching.back.click();
    await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toHaveCount(visits);
  }
  const { entries } = amy.workspace.transcript;
  const lines = entries.filter({ hasText: "monitoring", visible: true });
  await expect(lines).toHaveCount(1);
  const run = lines.getByRole("button", { name: /Sam Stone started and stopped monitoring 3 times/ });
  const bottom = (part: string) => run.locator(part).evaluate((part) => part.getBoundingClientRect().bottom);
  for (const width of [390, 1280]) {
    await amy.page.setViewportSize({ width, height: 720 });
    expect(await bottom("svg"), `${width} px: the mark stands beside the words`).toBeLessThanOrEqual((await bottom("time")) + 1);
  }
  await run.click();
  await expect(run).toHaveAttribute("aria-expanded", "true");
  await expect(lines.getByRole("paragraph")).toHaveCount(6);
  await run.click();
  await expect(lines.getByRole("paragraph")).toHaveCount(0);

  await sam.monitor(amy, workitem);
  await expect(lines).toHaveCount(2);
  await sam.page.close();
  await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toHaveCount(4);
  await lines.getByRole("button", { name: /4 times/ }).click();
  await expect(lines.getByRole("paragraph").last()).toContainText("Sam Stone stopped monitoring");
  await expect(lines).not.toContainText("connection lost");
});

test("U12 a wait has units, and its tooltip the day and the exact time", async ({ amy, sam, dana }) => {
  await conversation(amy, dana);
  await sam.signIn();
  const wait = sam.dashboard.agent("Amy Adler").cell("Longest wait");
  await expect(wait).toHaveText(/Waiting \d+ (s|min|h)/);
  await expect(wait.locator("time")).toHaveAttribute("title", /\d{4}.*\d\d:\d\d:\d\d/);
  const said = amy.workspace.transcript.customer("Where is my parcel?").locator("time");
  await expect(said).toHaveAttribute("title", /\d{4}.*\d\d:\d\d:\d\d/);
});

test("U09 ending a conversation asks while the customer waits, and otherwise can be taken back", async ({
  amy,
  dana,
}) => {
  await conversation(amy, dana);
  const { workspace } = amy;
  await workspace.composer.text.fill("Let me");
  await workspace.wrapUpButton.click();
  await expect(workspace.endQuestion).toContainText("Dana Dietz is still waiting for an answer.");
  await expect(workspace.endQuestion).toContainText("What you wrote here has not been sent");
  await workspace.endQuestion.getByRole("button", { name: "Cancel" }).click();
  await expect(workspace.composer.text).toHaveValue("Let me");

  await amy.answer("It arrives tomorrow.");
  await workspace.wrapUpButton.click();
  await workspace.undoButton.click();
  await expect(workspace.open.getByRole("status").filter({ hasText: "Ending" })).toHaveCount(0);
  await amy.answer("Anything else?");
  await expect(dana.chat.message("Anything else?")).toBeVisible();

  await workspace.wrapUp();
  await expect(dana.page.locator("body")).toContainText("This conversation has ended");
});

test("U09 a double click ends a conversation, and does not take that back at once", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.answer("It arrives tomorrow.");
  const { wrapUpButton, undoButton, closeButton } = amy.workspace;
  // Where the button stands and where Undo will.
  await wrapUpButton.click();
  const [undo] = await places(undoButton);
  await undoButton.click();
  await expect(undoButton).toHaveCount(0);
  const [end] = await places(wrapUpButton);
  const [left, top, width, height] = end ?? [];
  const across = Math.max((left ?? 0) + 2, Math.min((left ?? 0) + (width ?? 0) - 2, (undo?.[0] ?? 0) + 4));
  await amy.page.mouse.dblclick(across, (top ?? 0) + (height ?? 0) / 2);
  await expect(undoButton).toBeVisible();
  await expect(closeButton).toBeVisible();
});

test("U14 a row that unfolds in the modal moves no row above it, and shows the last messages", async ({
  amy,
  sam,
  dana,
}) => {
  await conversation(amy, dana);
  await amy.answer("Let me look.");
  await sam.signIn();
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await sam.dashboard.viewWorkitems("Amy Adler");
  const row = sam.modal.row("Dana Dietz");
  await expect(row).toBeVisible();
  const dialog = sam.modal.dialogOf("Amy Adler");
  const before = [await places(dialog), await places(sam.modal.rows.first()), await places(row)];
  await row.dblclick();
  await expect(dialog.getByText("Let me look.")).toBeVisible();
  expect([await places(dialog), await places(sam.modal.rows.first()), await places(row)]).toEqual(before);
});

test("U14 E24 beside raised hands the last row of the modal unfolds into sight", async ({ amy, ben, sam, dana }) => {
  await conversation(amy, dana);
  await ben.signIn();
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await sam.signIn();
  for (const asks of [amy, ben, amy]) await asks.raiseHand();
  await sam.goto(`/coaching/${await amy.id()}`);
  await expect(sam.page.getByRole("dialog").getByRole("region", { name: /^Message from / })).toHaveCount(3);
  await sam.modal.rows.last().dblclick();
  await expect(sam.modal.editButton).toBeInViewport({ ratio: 0.9 });
  await sam.modal.editButton.click();
  await expect(sam.page).toHaveURL(/\/coaching\/[^/]+\/./);
});

test("U18 a long subject ends behind a word; the notice names the customer first", async ({ amy, dana }) => {
  await amy.signIn();
  await dana.begin("I ordered a lamp for Tuesday morning, and it has been broken since yesterday evening");
  const notice = amy.page.getByRole("status").getByRole("link", { name: /New workitem/ });
  await expect(notice).toHaveText("New workitem: “Dana Dietz: I ordered a lamp for Tuesday morning, and it has been…”");
});

test("U23 the notice of a supervisor who comes is a link and does not lie over the newest message", async ({
  amy,
  sam,
  dana,
}) => {
  const workitem = await conversation(amy, dana);
  for (const text of ["One", "Two", "Three"]) await amy.answer(text);
  await sam.signIn();
  await sam.monitor(amy, workitem);
  const notice = amy.page.getByRole("link", { name: /Sam Stone is monitoring “Dana Dietz: / });
  await expect(notice).toHaveAttribute("href", `/workspace/${workitem.id}`);
  const [toast] = await places(notice);
  const [newest] = await places(amy.workspace.transcript.agent("Three"));
  expect((toast?.[1] ?? 0) + (toast?.[3] ?? 0), "above it").toBeLessThan(newest?.[1] ?? 0);
});

test("U22 the picker, the heading and the thumbs stay where they are", async ({ amy, sam, dana }) => {
  const workitem = await conversation(amy, dana);
  const head = amy.workspace.wrapUpButton;
  const before = await places(head);
  await sam.signIn();
  await sam.monitor(amy, workitem);
  await expect(amy.workspace.open.getByText("Monitored by Sam Stone")).toBeVisible();
  expect(await places(head)).toEqual(before);

  await amy.header.assistance.click();
  await expect(amy.assistance.messages).toHaveCount(4);
  const picker = await places(amy.assistance.messages);
  await amy.assistance.oneSupervisor.check();
  await expect(amy.assistance.supervisor).toBeVisible();
  expect(await places(amy.assistance.messages)).toEqual(picker);
  await amy.page.keyboard.press("Escape");

  await sam.coach("Offer a refund.");
  const coaching = amy.workspace.transcript.coaching("Offer a refund.");
  const [thumbs] = await places(coaching.thumbsUp);
  await coaching.forward();
  await expect(coaching.article).toContainText("Forwarded");
  const [after] = await places(coaching.thumbsUp);
  expect(after?.[0]).toBe(thumbs?.[0]);
});

test("U24 a double click asks nobody; recipients come first, and many messages can be searched", async ({
  ada,
  amy,
  sam,
}) => {
  await ada.signIn();
  await amy.signIn();
  await sam.signIn();
  await amy.header.assistance.dblclick();
  await expect(amy.assistance.messages).toHaveCount(4);
  const search = amy.assistance.dialog.getByRole("searchbox", { name: "Search messages" });
  await expect(search).toHaveCount(0);
  const [recipients] = await places(amy.assistance.recipients);
  const [message] = await places(amy.assistance.messages.first());
  expect(recipients?.[1]).toBeLessThan(message?.[1] ?? 0);
  await expect(sam.dashboard.agent("Amy Adler").cell("Request")).toContainText("none");
  await amy.page.keyboard.press("Escape");

  for (const title of ["Warranty", "Fire alarm", "Recall", "Lost key"]) {
    await ada.ask("templates/template_create", { key: newKey(), title, message: `${title}: what now?`, active: true });
  }
  await amy.header.assistance.click();
  await expect(amy.assistance.messages).toHaveCount(8);
  await search.fill("alarm");
  await expect(amy.assistance.messages).toHaveCount(1);
  await amy.assistance.sendButton.click();
  await expect(sam.dashboard.agent("Amy Adler").cell("Request")).toContainText("Fire alarm: what now?");
});

test("the question before somebody is deactivated moves nothing in the list", async ({ ada }) => {
  await ada.signIn();
  for (const [width, height] of [[1280, 720], [390, 844]] as const) {
    await ada.page.setViewportSize({ width, height });
    await ada.goto("/admin/users");
    const button = ada.users.row("Ben Brooks").getByRole("button", { name: "Deactivate" });
    await expect(button).toBeVisible();
    // Within the table: the question scrolls into sight.
    const parts = async () => {
      const [table, ...cells] = await places(ada.users.table.locator("th, td").or(ada.users.table));
      return cells.map(([left, top, ...size]) => [left, (top ?? 0) - (table?.[1] ?? 0), ...size]);
    };
    const before = await parts();
    // The second click of a double click finds Cancel.
    await button.dblclick();
    await expect(ada.users.question("Ben Brooks")).toHaveCount(0);
    await button.click();
    await expect(ada.users.question("Ben Brooks")).toContainText("Deactivate Ben Brooks?");
    expect(await parts(), `${width} px`).toEqual(before);
    await ada.users.question("Ben Brooks").getByRole("button", { name: "Cancel" }).click();
    await expect(button).toBeFocused();
  }
});

test("U21 U28 a form names everything that is wrong and begins with the first", async ({ ada }) => {
  await ada.signIn();
  await ada.goto("/admin/users");
  await ada.users.newButton.click();
  await ada.users.saveButton.click();
  for (const field of ["Name", "Username", "Password"] as const) {
    await expect(ada.users.field(field)).toHaveAttribute("aria-invalid", "true");
  }
  await expect(ada.users.editor).toContainText("Choose at least one.");
  await expect(ada.users.field("Name")).toBeFocused();
  await ada.goto("/admin/templates");
  await ada.templates.newButton.click();
  await ada.templates.saveButton.click();
  await expect(ada.templates.title).toHaveAttribute("aria-invalid", "true");
  await expect(ada.templates.message).toHaveAttribute("aria-invalid", "true");
  await expect(ada.templates.title).toBeFocused();
});

test("U25 every page has its place in the navigation, and Back leads where one came from", async ({ amy, sam }) => {
  await amy.signIn();
  const workitem = await amy.workitemOn("chat");
  await amy.goto(`/workspace/${workitem.id}`);
  await sam.signIn();
  await amy.raiseHand();
  await sam.dashboard.agent("Amy Adler").row.getByRole("link", { name: "Go to workitem of Amy Adler" }).click();
  await expect(sam.coaching.title(workitem.subject)).toBeVisible();
  const place = sam.header.root.getByRole("navigation").locator("[aria-current]");
  await expect(place).toHaveText("Dashboard");
  await sam.coaching.back.click();
  await expect(sam.page).toHaveURL("/dashboard");
  await sam.goto("/settings");
  await expect(sam.header.userMenu).toHaveAttribute("aria-current", "true");
});

test("U30 the user menu says who is signed in and as what, and ticks the theme beside its own picture", async ({
  sam,
}) => {
  await sam.signIn();
  await sam.header.userMenu.click();
  const menu = sam.page.getByRole("menu", { name: "User menu" });
  await expect(menu).toContainText("Sam Stone");
  await expect(menu).toContainText("Supervisor");
  await expect(menu.getByRole("menuitem", { name: "Theme: System" })).toHaveAttribute("aria-current", "true");
});

test("U28 the list of users and the form name the teams; a new save takes the last message away", async ({ ada }) => {
  await ada.signIn();
  await ada.goto("/admin/users");
  await expect(ada.users.row("Amy Adler")).toContainText("Care");
  await ada.users.row("Amy Adler").getByRole("button", { name: "Edit" }).click();
  const teams = ada.users.editor.getByRole("group", { name: "Works in" });
  await expect(teams.getByRole("checkbox", { name: "Care" })).toBeChecked();
  await expect(teams.getByRole("checkbox", { name: "Sales" })).not.toBeChecked();
  await ada.users.field("Name").fill("Amy Adler-Weiss");
  await ada.users.save();
  const said = ada.page.getByRole("status").filter({ hasText: "Saved Amy Adler-Weiss" });
  await expect(said).toBeVisible();
  await ada.users.row("Ben Brooks").getByRole("button", { name: "Edit" }).click();
  await ada.users.field("Name").fill("");
  await ada.users.saveButton.click();
  await expect(said).toHaveCount(0);
});

test("U34 a page describes itself", async ({ amy }) => {
  await amy.page.goto("/login");
  await expect(amy.page.locator('meta[name="description"]')).toHaveAttribute("content", /coach/);
});

test("U31 the directory begins with who was talked with last", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  await sam.directory.write("Sid Sharp", "Have a look at this.");
  await sam.header.directory.click();
  await expect(sam.directory.people.first()).toContainText("Sid Sharp");
  await sam.reload();
  await sam.header.directory.click();
  await expect(sam.directory.people.first()).toContainText("Sid Sharp");
});
