// Files of the history: a conversation and a list of results, saved where they are read.

import { readFile } from "node:fs/promises";

import { monitored } from "../fixtures/scenes.ts";
import type { Person } from "../fixtures/person.ts";
import { expect, test } from "../fixtures/test.ts";

/** What a link of the history saves: the file's name and its text. */
async function saved(person: Person, link: string): Promise<{ name: string; text: string }> {
  const download = person.page.waitForEvent("download");
  await person.history.file(link).click();
  const file = await download;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

test("E13 S23 E51 a conversation is saved as text and JSON, with coaching only where that is asked for", async ({
  amy,
  sam,
  dana,
  ada,
}) => {
  const chat = await monitored(amy, sam, dana);
  await sam.coach("Offer a velvet cushion.");
  await amy.answer("A cushion goes with it.\nIs velvet right?");
  await dana.write("=velvet & <b>green</b>");
  await expect(amy.workspace.transcript.customer("green")).toBeVisible();
  await amy.workspace.wrapUp();
  await amy.workspace.close();

  await sam.goto(`/history/${chat.id}`);
  const text = await saved(sam, "Save as text");
  expect(text.name).toBe(`transcript-${chat.id}.txt`);
  expect(text.text).toContain("Amy Adler (Agent)\n  A cushion goes with it.\n  Is velvet right?\n");
  expect(text.text).toContain(`${dana.name} (Customer)\n  =velvet & <b>green</b>\n`);
  expect(text.text).not.toContain("Offer a velvet cushion.");
  expect(text.text).not.toContain(sam.name);
  const coached = await saved(sam, "Save as text with coaching");
  expect(coached.text).toContain(`${sam.name} (Coaching)\n  Offer a velvet cushion.\n`);

  const json = await saved(sam, "Save as JSON");
  expect(json.name).toBe(`transcript-${chat.id}.json`);
  const { format, coaching, entries } = JSON.parse(json.text);
  expect([format, coaching]).toEqual(["sideline.transcript.1", false]);
  expect(entries.map((entry: { kind: string }) => entry.kind)).toEqual(["message", "message", "message"]);
  const whole = await saved(sam, "Save as JSON with coaching");
  expect(whole.text).toContain('"kind":"coaching"');
  // The page is still there.
  await expect(sam.history.transcript.customer("green")).toBeVisible();

  await ada.signIn();
  await ada.goto("/admin/audit?act=transcript_export");
  const rows = ada.page.getByRole("row").filter({ hasText: "Saved a conversation as a file" });
  await expect(rows).toHaveCount(4);
  await expect(rows.first()).toContainText(sam.name);
});

test("E13 what a search finds is saved as CSV, as the search stands", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await amy.answer("The zircon lamp hums.");
  await amy.answer("=zircon(1)");
  await sam.goto("/history?words=zircon");
  await expect(sam.history.hits).toHaveCount(2);
  const list = await saved(sam, "Export as CSV");
  expect(list.name).toBe("history.csv");
  const rows = list.text.trimEnd().split("\r\n");
  expect(rows).toHaveLength(3);
  expect(rows[0]).toContain("started_at,last_activity_at,customer,subject,channel,state,agent");
  expect(rows[1]).toContain(`"'=zircon(1)"`);
  expect(rows[2]).toContain("The zircon lamp hums.");

  await sam.history.search("humbug");
  await expect(sam.history.nothing).toBeVisible();
  await expect(sam.history.file("Export as CSV")).toHaveCount(0);
});
