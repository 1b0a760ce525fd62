// What people write is read as they wrote it: its direction, its blanks, its signs.

import { readFile } from "node:fs/promises";

import type { Locator } from "@playwright/test";

import { conversation, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";
import { newKey } from "../fixtures/wire.ts";
import { Teams } from "../pages/teams.ts";
import { Users } from "../pages/users.ts";

const ARABIC = "مرحبا! كيف حالك؟";
const MIXED = "Order 4711 - שלום!";

/** Which way the text runs where it stands. */
async function directionOf(text: Locator): Promise<string> {
  return await text.evaluate((element) => getComputedStyle(element).direction);
}

/** From the left edge of a heading to its first letter. */
async function insetOf(heading: Locator): Promise<number> {
  return await heading.evaluate((heading) => {
    const words = document.createRange();
    words.selectNodeContents(heading);
    return words.getBoundingClientRect().left - heading.getBoundingClientRect().left;
  });
}

/** The innermost element that says exactly this. */
function saying(scope: Locator, text: string): Locator {
  return scope.getByText(text, { exact: true }).last();
}

test("E30 F31 a text runs as its own first letter does, on every page and while it is typed", async ({ amy, sam, dana }) => {
  await dana.openChat();
  await dana.chat.name.fill("דנה");
  expect(await directionOf(dana.chat.name)).toBe("rtl");
  await dana.chat.text.fill(ARABIC);
  expect(await directionOf(dana.chat.text)).toBe("rtl");
  await amy.signIn();
  await dana.chat.sendButton.click();
  await expect(dana.chat.message(ARABIC)).toBeVisible();
  expect(await directionOf(saying(dana.chat.log, ARABIC))).toBe("rtl");
  await expect(dana.page.getByText("Chatting as \u2068דנה\u2069")).toBeVisible();

  await amy.openWorkitem("דנה");
  const { transcript, composer } = amy.workspace;
  await expect(transcript.customer(ARABIC)).toBeVisible();
  expect(await directionOf(saying(transcript.log, ARABIC))).toBe("rtl");
  expect(await directionOf(saying(transcript.log, "דנה"))).toBe("rtl");
  expect(await directionOf(saying(amy.workspace.list, "דנה"))).toBe("rtl");
  expect(await directionOf(amy.workspace.title)).toBe("rtl");
  expect(await insetOf(amy.workspace.title), "it stands above the facts").toBeLessThan(20);
  await expect(amy.page).toHaveTitle(/\u2068مرحبا! كيف حالك؟\u2069 .*Sideline/);
  await composer.text.fill("שלום");
  expect(await directionOf(composer.text)).toBe("rtl");
  await composer.text.fill(MIXED);
  expect(await directionOf(composer.text)).toBe("ltr");
  await composer.sendButton.click();
  await expect(transcript.agent(MIXED)).toBeVisible();
  expect(await directionOf(saying(transcript.log, MIXED))).toBe("ltr");
  await expect(dana.chat.message(MIXED)).toBeVisible();
  expect(await directionOf(saying(dana.chat.log, MIXED))).toBe("ltr");

  const workitem = await amy.workitemWith("דנה");
  await sam.signIn();
  await sam.monitor(amy, workitem);
  expect(await directionOf(sam.page.getByRole("heading", { level: 1 }))).toBe("rtl");
  expect(await insetOf(sam.page.getByRole("heading", { level: 1 }))).toBeLessThan(20);
  expect(await directionOf(saying(sam.page.getByRole("main"), "דנה"))).toBe("rtl");
  await sam.coach("ספר לו");
  await expect(transcript.coaching("ספר לו").article).toBeVisible();
  expect(await directionOf(saying(transcript.log, "ספר לו"))).toBe("rtl");
  await dana.page.reload();
  expect(await directionOf(saying(dana.chat.log, ARABIC))).toBe("rtl");
});

test("E30 a name from right to left moves no word of the sentence around it", async ({ ada, amy }) => {
  await ada.signIn();
  const users = new Users(ada.page);
  await users.open();
  await users.row("Ben Brooks").getByRole("button", { name: /Edit/ }).click();
  await users.field("Name").fill("בן (A)");
  expect(await directionOf(users.field("Name"))).toBe("rtl");
  await users.save();
  await amy.signIn();
  await amy.header.directory.click();
  const person = amy.directory.person("בן (A)");
  expect(await directionOf(saying(person, "בן (A)"))).toBe("rtl");
  await person.getByRole("button").click();
  await expect(amy.directory.dialog.getByRole("textbox", { name: "Message \u2068בן (A)\u2069" })).toBeVisible();
});

test("E32 F45 a text keeps its indentation and every kind of line break", async ({ amy, dana }) => {
  await conversation(amy, dana, "    first: 1\n      second: 2");
  const { transcript, composer } = amy.workspace;
  const text = async (scope: Locator) => await scope.locator("p", { hasText: "second: 2" }).evaluate((p: HTMLElement) => p.innerText);
  expect(await text(transcript.log)).toBe("    first: 1\n      second: 2");
  expect(await text(dana.chat.log)).toBe("    first: 1\n      second: 2");
  await composer.send("  one\u000btwo\u2028three");
  await expect(transcript.agent("three")).toBeVisible();
  const lines = await transcript.agent("three").locator("p").last().evaluate((p: HTMLElement) => p.innerText);
  expect(lines).toBe("  one\ntwo\nthree");
  await dana.page.reload();
  expect(await text(dana.chat.log)).toBe("    first: 1\n      second: 2");
});

for (const [what, text] of Object.entries({
  "zero-width signs": "\u200b\u2060\ufeff",
  "combining marks alone": "\u0301\u0308",
  "Hangul fillers": "\u3164\u115f",
  "an empty braille pattern": "\u2800",
})) {
  test(`E32 ${what} are refused as empty in every box`, async ({ ada, amy, dana }) => {
    await conversation(amy, dana);
    await amy.workspace.composer.send(text);
    await expect(amy.workspace.composer.problem).toHaveText(/Write something first/);
    await expect(amy.workspace.composer.text).toHaveValue(text);
    await dana.chat.send(text);
    await expect(dana.chat.status).toHaveText(/must not be empty/);
    await expect(dana.chat.messages).toHaveCount(1);
    await ada.signIn();
    await ada.goto("/admin/templates");
    await ada.templates.newButton.click();
    await ada.templates.title.fill(text);
    await ada.templates.message.fill(text);
    await ada.templates.saveButton.click();
    await expect(ada.templates.editor.getByText(/must not be empty/)).toHaveCount(2);
  });
}

test("E32 F32 marks around a number are taken out, and what is refused is named with its place", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await dana.chat.send("Call me: \u202d+49 30 901820\u202c");
  await expect(amy.workspace.transcript.customer("Call me: +49 30 901820")).toBeVisible();
  await expect(dana.chat.message("Call me: +49 30 901820")).toBeVisible();
  await amy.workspace.composer.send("\u200e030\u202f1234\u200e");
  await expect(dana.chat.message("030\u202f1234")).toBeVisible();
  dana.expectProblem(/422/);
  await dana.chat.send("one\nab\u202egpj.exe");
  await expect(dana.chat.status).toHaveText(/line 2, character 3 \(U\+202E\)/);
  await expect(dana.chat.text).toHaveValue("one\nab\u202egpj.exe");
});

for (const [written, dialled] of [
  ["+49\u00a030\u202f90\u201118\u201120", "+4930901820"],
  ["\u202d+49 30 901820\u202c", "+4930901820"],
  ["＋４９（３０）９０１８２０", "+4930901820"],
  ["٠٣٠ ٩٠١٨٢٠", "030901820"],
  ["+49 (0) 30 / 90.18.20", "+4930901820"],
] as const) {
  test(`E32 F32 the Dialpad takes ${JSON.stringify(written)} as people write it`, async ({ amy }) => {
    await amy.signIn();
    await amy.header.dialpad.click();
    await amy.dialpad.number.fill(written);
    await amy.dialpad.callButton.click();
    await expect(amy.page.getByRole("status").filter({ hasText: dialled })).toBeVisible();
  });
}

test("E32 the Dialpad names the sign that has no place in a number", async ({ amy }) => {
  await amy.signIn();
  await amy.header.dialpad.click();
  await amy.dialpad.number.fill("030 x2");
  await amy.dialpad.callButton.click();
  await expect(amy.dialpad.problem).toHaveText("Character 5, “x”, has no place in a telephone number. Enter 2 to 20 digits; +, * and # are allowed.");
});

test("E32 F43 a letter with 60 marks covers no neighbour", async ({ amy, sam, dana }) => {
  const tall = `Z${"\u0301\u0308\u030a".repeat(20)}`;
  await monitored(amy, sam, dana);
  await dana.write(tall);
  for (const log of [dana.chat.log, amy.workspace.transcript.log, sam.page.getByRole("log", { name: "Conversation" })]) {
    const text = saying(log, tall);
    await expect(text).toBeVisible();
    expect(await text.evaluate((element) => getComputedStyle(element).overflowY)).toBe("clip");
  }
});

test("E33 F33 addresses are links that open apart, for staff e-mail and telephone as well", async ({ amy, dana }) => {
  await conversation(amy, dana, "https://shop.example/return?a=1&b=2, please.");
  await dana.write("www.shop.example! javascript:alert(1) ftp://a.example dana@shop.example +49 30 901820.");
  await amy.answer("(https://shop.example/a_(b))");
  await expect(dana.chat.message("a_(b)")).toBeVisible();
  for (const reload of [false, true]) {
    if (reload) await dana.page.reload();
    const links = dana.chat.log.getByRole("link");
    await expect(links).toHaveText([
      "https://shop.example/return?a=1&b=2",
      "www.shop.example",
      "https://shop.example/a_(b)",
    ]);
    for (const link of await links.all()) {
      await expect(link).toHaveAttribute("target", "_blank");
      await expect(link).toHaveAttribute("rel", "noopener noreferrer");
    }
    await expect(links.nth(0)).toHaveAttribute("href", "https://shop.example/return?a=1&b=2");
    await expect(links.nth(1)).toHaveAttribute("href", "https://www.shop.example");
  }
  for (const reload of [false, true]) {
    if (reload) await amy.reload();
    const links = amy.workspace.transcript.log.getByRole("link");
    await expect(links).toHaveText([
      "https://shop.example/return?a=1&b=2",
      "www.shop.example",
      "dana@shop.example",
      "+49 30 901820",
      "https://shop.example/a_(b)",
    ]);
    await expect(links.nth(1)).toHaveAttribute("rel", "noopener noreferrer");
    await expect(links.nth(2)).toHaveAttribute("href", "mailto:dana@shop.example");
    await expect(links.nth(3)).toHaveAttribute("href", "tel:+4930901820");
    await expect(links.nth(3)).not.toHaveAttribute("target", "_blank");
  }
});

test("E33 the customer's page finds the same addresses as the host", async ({ dana }) => {
  const cases = JSON.parse(await readFile(new URL("../../shared/src/links.json", import.meta.url), "utf8")) as [string, string[]][];
  const text = cases.map(([text]) => text).join("\n");
  const expected = cases.flatMap(([, links]) => links);
  await dana.openChat();
  await dana.chat.begin(dana.name, text);
  await expect(dana.chat.log.getByRole("link")).toHaveText(expected);
  await dana.page.reload();
  await expect(dana.chat.log.getByRole("link")).toHaveText(expected);
});

test("E34 F34 names are found without accents, stand in order, and are told apart", async ({ ada, amy, dana }) => {
  await ada.signIn();
  const hire = async (username: string, name: string) =>
    await ada.ask<{ id: string }>("administration/user_create", {
      key: newKey(),
      username,
      name,
      roles: ["agent"],
      password: "correct horse 42",
    });
  for (const [username, name] of [
    ["zoe", "Zoë Müller"],
    ["agnes", "Ágnes Óvári"],
    ["amelie", "Ame\u0301lie"],
    ["akim", "Alex Kim"],
    ["akim2", "Alex Kim"],
  ] as const) {
    await hire(username, name);
  }
  await ada.goto("/admin/users");
  const users = new Users(ada.page);
  const search = ada.page.getByRole("searchbox", { name: "Search users" });
  for (const [typed, found] of [
    ["zoe", "Zoë Müller"],
    ["MULLER", "Zoë Müller"],
    ["agnes ovari", "Ágnes Óvári"],
    ["Am\u00e9lie", "Ame\u0301lie"],
  ] as const) {
    await search.fill(typed);
    await expect(users.table.getByRole("rowheader")).toHaveText([found]);
  }
  await search.fill("");
  const names = await users.table.getByRole("rowheader").allTextContents();
  expect(names.indexOf("Ágnes Óvári")).toBeLessThan(names.indexOf("Amy Adler"));

  const teams = new Teams(ada.page);
  await teams.open();
  await teams.newButton.click();
  await teams.name.fill(" c\u00e1re ");
  ada.expectProblem(/422/);
  await teams.saveButton.click();
  await expect(teams.editor.getByRole("alert").filter({ hasText: "This name is taken." })).toBeVisible();
  for (const username of ["akim", "akim2"]) {
    await expect(teams.agents.getByRole("checkbox", { name: `Alex Kim (${username})` })).toBeVisible();
  }

  await conversation(amy, dana);
  await amy.header.directory.click();
  await amy.directory.search.fill("alex");
  for (const username of ["akim", "akim2"]) {
    await expect(amy.directory.person(`Alex Kim (${username})`)).toHaveCount(1);
  }
  await amy.directory.search.fill("muller");
  await expect(amy.directory.people).toHaveText([/Zoë Müller/]);
});
