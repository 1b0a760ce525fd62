// What is kept and for how long: the audit log, retention, and a customer who is erased.

import { readFile } from "node:fs/promises";

import type { Locator, Page } from "@playwright/test";

import type { Person } from "../fixtures/person.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { Shop } from "../fixtures/shop.ts";
import { expect, test } from "../fixtures/test.ts";
import { newKey } from "../fixtures/wire.ts";
import { ChatSettings } from "../pages/chat-settings.ts";
import { Organisation } from "../pages/organisation.ts";
import { Widget } from "../pages/widget.ts";

/** An administrator who is signed in chooses a customer of a chat; answers the question. */
async function askToErase(ada: Person, name: string): Promise<Locator> {
  await ada.goto("/admin/customers");
  await ada.page.getByRole("textbox", { name: "Name" }).fill(name);
  await ada.page.keyboard.press("Enter");
  await ada.page.getByRole("row").filter({ hasText: "Chat" }).getByRole("button", { name: `Erase ${name}` }).first().click();
  return ada.page.getByRole("dialog", { name: new RegExp(`^Erase ${name}`) });
}

/** What a browser keeps for a page and for the frames in it. */
async function kept(page: Page): Promise<string> {
  const stores = page.frames().map((frame) => frame.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])));
  return (await Promise.all(stores)).join();
}

/** The answer to it. */
async function erase(ada: Person, question: Locator): Promise<void> {
  await question.getByRole("button", { name: "Erase", exact: true }).click();
  await expect(ada.page.getByRole("status").filter({ hasText: "The customer was erased." })).toBeVisible();
}

test("E51 an administrator finds in the audit log what was refused, and exports it", async ({ ada, amy }) => {
  await amy.signIn();
  amy.expectProblem(/404/);
  await amy.page.goto("/admin/users");
  await expect(amy.notFound).toBeVisible();
  await ada.signIn();
  await ada.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Audit log" }).click();
  await expect(ada.page).toHaveURL("/admin/audit");
  const rows = ada.page.getByRole("table", { name: "Audit log" }).getByRole("row");
  await expect(rows.filter({ hasText: "Signed in" }).first()).toContainText("Ada Almond");

  await ada.page.getByRole("combobox", { name: "Outcome" }).selectOption("Refused");
  await ada.page.getByRole("textbox", { name: "Username" }).fill("amy");
  await ada.page.keyboard.press("Enter");
  await expect(ada.page).toHaveURL(/user=amy.*outcome=refused/);
  await expect(rows.filter({ hasText: "Page not allowed" })).toContainText("Amy Adler");
  await expect(rows.filter({ hasText: "Signed in" })).toHaveCount(0);

  const download = ada.page.waitForEvent("download");
  await ada.page.getByRole("button", { name: "Export CSV" }).click();
  const file = await (await download).path();
  const text = await readFile(file, "utf8");
  expect(text).toMatch(/^id,time,user,/);
  expect(text).toContain("refused_page");
  expect(text).not.toContain("sign_in,");

  await ada.page.goto("/admin/audit?user=nobody-of-that-name");
  await expect(ada.page.getByText("Nothing found")).toBeVisible();
});

test("E51 an administrator reads in the audit log who monitored whom and who saw to a request", async ({ ada, amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await amy.raiseHand();
  await sam.coaching.back.click();
  await expect(amy.workspace.transcript.monitoringEnded(sam.name)).toBeVisible();
  await sam.goto("/dashboard");
  const request = sam.dashboard.request(amy.name);
  await request.claim.click();
  await request.handBack.click();
  await request.done.click();
  await expect(amy.page.getByText("Marked as handled by Sam Stone")).toBeVisible();

  await ada.signIn();
  await ada.goto("/admin/audit");
  await ada.page.getByRole("textbox", { name: "Agent concerned" }).fill("amy");
  await ada.page.keyboard.press("Enter");
  await expect(ada.page).toHaveURL(/agent=amy/);
  const rows = ada.page.getByRole("table", { name: "Audit log" }).getByRole("row").filter({ hasText: workitem.id });
  for (const act of [
    "Began to monitor",
    "Stopped monitoring",
    "Claimed a request for assistance",
    "Handed a request for assistance back",
    "Settled a request for assistance",
  ]) {
    const row = rows.filter({ hasText: act });
    await expect(row.getByRole("time")).toHaveText(/\d\d:\d\d:\d\d$/);
    await expect(row).toContainText("Sam Stone");
    await expect(row).toContainText("Agent: Amy Adler");
  }
  await ada.page.getByRole("textbox", { name: "Agent concerned" }).fill("ben");
  await ada.page.getByRole("combobox", { name: "Act" }).selectOption("Stopped monitoring");
  await ada.page.getByRole("button", { name: "Show" }).click();
  await expect(ada.page).toHaveURL(/act=monitoring_end/);
  await expect(rows).toHaveCount(0);
});

test("E51 a look at an agent that was refused is in the filter, and rows say in words what was changed", async ({ ada, sam }) => {
  await sam.signIn();
  sam.expectProblem(/404/);
  await sam.page.goto("/coaching/nobody");
  await expect(sam.notFound).toBeVisible();
  await ada.signIn();
  await ada.ask("templates/template_create", { key: newKey(), title: "On its way", message: "It is on its way.", active: true });
  const team = { name: "Audited team", members: [], supervisors: [], priority: "high" };
  await ada.ask("administration/team_create", { key: newKey(), change: team });
  await ada.goto("/admin/audit");
  const table = ada.page.getByRole("table", { name: "Audit log" });
  const rows = table.getByRole("row");
  await expect(rows.filter({ hasText: "Ada Almond" }).filter({ hasText: "Created a template" })).toContainText("Title: On its way");
  await expect(rows.filter({ hasText: "Agent not allowed" }).first()).toContainText("Sam Stone");
  await expect(rows.filter({ hasText: "Created a team" }).first()).toContainText("Priority: High");
  await expect(table).not.toContainText("refused_");
  await ada.page.getByRole("combobox", { name: "Act" }).selectOption("Agent not allowed");
  await ada.page.getByRole("button", { name: "Show" }).click();
  await expect(ada.page).toHaveURL(/act=refused_agent/);
  await expect(rows.filter({ hasText: "Agent not allowed" }).first()).toContainText("Sam Stone");
  await expect(rows.filter({ hasText: "Created a template" })).toHaveCount(0);
});

test("E52 an administrator sets how long closed work, messages and the audit log are kept", async ({ ada }) => {
  await ada.signIn();
  await ada.goto("/admin/settings");
  const settings = new Organisation(ada.page);
  const work = settings.setting("Delete closed workitems after");
  await expect(work).toHaveValue("0");
  await expect(ada.page.getByText("0 keeps them for ever", { exact: false }).first()).toBeVisible();
  ada.expectProblem(/422/);
  await work.fill("-1");
  await settings.saveButton.click();
  await expect(ada.page.getByText("Enter a number from 0 to 36,500; this is -1.")).toBeVisible();
  await work.fill("365");
  await settings.setting("Delete audit rows after").fill("1000");
  await settings.saveButton.click();
  const question = ada.page.getByRole("dialog", { name: "Delete what is older?" });
  await expect(question.getByText("0 rows of the audit log")).toBeVisible();
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(settings.said).toBeHidden();
  await settings.saveButton.click();
  await question.getByRole("button", { name: "Save" }).click();
  await expect(settings.said).toHaveText("Saved.");
  await ada.reload();
  await expect(work).toHaveValue("365");
  await expect(settings.setting("Delete direct messages after")).toHaveValue("0");
  await ada.goto("/admin/audit?act=organisation_save");
  const row = ada.page.getByRole("row").filter({ hasText: "Changed settings" });
  await expect(row).toContainText("Delete closed workitems after: 0 days → 365 days");
});

test("E52 an administrator erases a customer, and open pages show it", async ({ ada, amy, sam, dana }) => {
  // Her stream ends, and her page asks why.
  dana.expectProblem(/404.*\/history/);
  await monitored(amy, sam, dana);
  await sam.coach("Offer a refund.");
  await ada.signIn();
  const question = await askToErase(ada, "Dana Dietz");
  await expect(question.getByRole("listitem").first()).toHaveText("1 workitem (open)");
  await expect(question).toContainText("1 coaching message");
  await erase(ada, question);

  await expect(sam.page.getByText("Where is my parcel?")).toHaveCount(0);
  await expect(sam.page.getByRole("log", { name: "Conversation" })).toContainText("—");
  await expect(sam.page.getByText("Offer a refund.")).toHaveCount(0);
  await dana.page.reload();
  await expect(dana.page.getByText("Where is my parcel?")).toHaveCount(0);
});

test("E52 the page and the widget of an erased customer forget the name as well", async ({ ada, amy, dana, eli, program }) => {
  await conversation(amy, dana);
  await ada.signIn();
  const shop = await Shop.open(program.url);
  await new ChatSettings(ada.page).allow(shop.origin);
  const widget = new Widget(eli.page);
  await widget.openAt(shop.origin);
  await widget.chat.begin(eli.name, "Hello?");
  for (const [customer, chat] of [[dana, dana.chat], [eli, widget.chat]] as const) {
    await expect(chat.content.getByText(`Chatting as ${customer.name}`)).toBeVisible();
    expect(await kept(customer.page), "what is sent is no draft").not.toContain(customer.name);
    customer.expectProblem(/404/);
    await erase(ada, await askToErase(ada, customer.name));
    await expect(chat.status.filter({ hasText: "Your browser has forgotten this conversation." })).toBeVisible();
    await expect(chat.content.getByText(customer.name)).toHaveCount(0);
    await chat.startAgain.click();
    await expect(chat.name).toBeVisible();
    await expect(chat.name).toHaveValue("");
    await chat.begin("Somebody", "I have another question.");
    await expect(chat.content.getByText("Chatting as Somebody")).toBeVisible();
    expect(await kept(customer.page)).not.toContain(customer.name);
  }
  await shop.close();
});

test("E52 an ordinary end forgets no name", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.workspace.wrapUp();
  await dana.chat.startAgain.click();
  await expect(dana.chat.content.getByText("Chatting as Dana Dietz")).toBeVisible();
  await expect(dana.chat.name).toBeHidden();
  await dana.chat.send("One more thing.");
  await expect(dana.chat.message("One more thing.")).toBeVisible();
});

test("E34 an administrator finds a customer by any word of the name, without case and accents", async ({ ada, dana }) => {
  await dana.openChat();
  await dana.chat.begin("Zoë Müller", "Where is my parcel?");
  await ada.signIn();
  await ada.goto("/admin/customers");
  const name = ada.page.getByRole("textbox", { name: "Name" });
  const found = ada.page.getByRole("row").filter({ hasText: "Zoë Müller" });
  await expect(name).toBeVisible();
  await expect(ada.page.getByText("Nobody found")).toHaveCount(0);
  for (const search of ["muller", "ZOE", "mül zo"]) {
    await name.fill(search);
    await name.press("Enter");
    await expect(found, search).toHaveCount(1);
  }
  await name.fill("uller");
  await name.press("Enter");
  await expect(ada.page.getByText("Nobody found")).toBeVisible();
});

test("E52 no notice of monitoring names a customer who is erased", async ({ ada, amy, sam, dana }) => {
  // Her stream ends, and her page asks why.
  dana.expectProblem(/404.*\/history/);
  const workitem = await conversation(amy, dana);
  await sam.signIn();
  await sam.monitor(amy, workitem);
  const notice = amy.page.getByRole("link", { name: /Sam Stone is monitoring “Dana Dietz: / });
  // As long as it has the focus it stays.
  await notice.focus();
  await ada.signIn();
  const question = await askToErase(ada, "Dana Dietz");
  await erase(ada, question);
  await expect(amy.workspace.workitem("Dana Dietz")).toHaveCount(0);
  await expect(notice).toHaveCount(0);
  await expect(amy.page.getByText(/Sam Stone (is|stopped) monitoring “Dana Dietz/)).toHaveCount(0);
});
