// Files in the chat: customer and agent send them, everybody who reads the conversation sees them at once, and what lies about itself
// is refused.

import { readFile } from "node:fs/promises";

import { expectNoViolations } from "../fixtures/axe.ts";
import type { Customer } from "../fixtures/customer.ts";
import type { Person } from "../fixtures/person.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { Shop } from "../fixtures/shop.ts";
import { expect, test } from "../fixtures/test.ts";
import { ChatSettings } from "../pages/chat-settings.ts";
import { Widget } from "../pages/widget.ts";

/** A red dot. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==",
  "base64",
);
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');

const PDF = Buffer.from("%PDF-1.7\n");

/** Whether the picture was loaded and can be seen. */
const isThere = (image: HTMLImageElement) => image.complete && image.naturalWidth > 0;

test("a picture of the customer is seen by agent and supervisor at once, and opens in a tab of its own", async ({
  amy,
  sam,
  dana,
}) => {
  await monitored(amy, sam, dana);
  await dana.chat.sendFile("broken lamp.png", "image/png", PICTURE);
  for (const shown of [
    dana.chat.picture("broken lamp.png"),
    amy.workspace.transcript.picture("broken lamp.png"),
    sam.coaching.transcript.picture("broken lamp.png"),
  ]) {
    await expect(shown).toBeVisible();
    await expect.poll(() => shown.evaluate(isThere)).toBe(true);
    const box = await shown.boundingBox();
    expect(box?.height, "its size is reserved").toBeGreaterThan(100);
  }
  await expect(dana.chat.text).toBeFocused();
  await expect(amy.workspace.workitem("Dana Dietz")).toContainText("broken lamp.png");

  // The browser's own viewer would style the picture and act on clicks, which no file is allowed.
  amy.expectProblem(/Applying inline style violates/);
  amy.expectProblem(/Blocked script execution/);
  const opened = amy.context.waitForEvent("page");
  await amy.workspace.transcript.picture("broken lamp.png").click();
  const tab = await opened;
  await expect(tab).toHaveURL(/\/files\/\w+$/);
  await tab.close();
  await dana.page.reload();
  await amy.reload();
  await sam.reload();
  for (const transcript of [amy.workspace.transcript, sam.coaching.transcript]) {
    await expect(transcript.picture("broken lamp.png")).toBeVisible();
  }
  await expect.poll(() => dana.chat.picture("broken lamp.png").evaluate(isThere)).toBe(true);
});

test("another file is a row with its kind and size, and is downloaded under its name", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await dana.chat.attach.setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("Grüße") });
  await expect(dana.chat.removeFileButton).toBeVisible();
  await dana.chat.removeFileButton.click();
  await expect(dana.chat.removeFileButton).toBeHidden();
  await dana.chat.sendFile("notes.txt", "text/plain", Buffer.from("Grüße"));
  const row = amy.workspace.transcript.file("notes.txt");
  await expect(row).toContainText("TXT, 1 KB");
  const download = amy.page.waitForEvent("download");
  await row.click();
  expect((await download).suggestedFilename()).toBe("notes.txt");
  expect(await readFile(await (await download).path(), "utf8")).toBe("Grüße");
});

test("words and a file are sent together, in this order", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await dana.chat.text.fill("This is how it looks");
  await dana.chat.sendFile("lamp.png", "image/png", PICTURE);
  await expect(dana.chat.messages.last().getByRole("img", { name: "lamp.png" })).toBeVisible();
  await expect(dana.chat.text).toHaveValue("");
  const { entries } = amy.workspace.transcript;
  await expect(entries.last().getByRole("img", { name: "lamp.png" })).toBeVisible();
  const texts = await entries.allTextContents();
  expect(texts.at(-2)).toContain("This is how it looks");
});

test("a file that lies about what it is, or is too large, is refused with words", async ({ amy, dana }) => {
  await conversation(amy, dana);
  dana.expectProblem(/415/);
  await dana.chat.sendFile("lamp.png", "image/png", SVG);
  await expect(dana.chat.status).toContainText("This kind of file is not taken. PNG, JPEG, GIF and WebP");
  await expect(dana.chat.picture("lamp.png")).toHaveCount(0);
  await dana.chat.attach.setInputFiles({
    name: "large.png",
    mimeType: "image/png",
    buffer: Buffer.alloc(5 * 1024 * 1024 + 1),
  });
  await expect(dana.chat.status).toHaveText("This file is too large. A file may have up to 5 MB.");
  await expect(dana.chat.removeFileButton).toBeHidden();
  await dana.chat.send("Then without it");
  await expect(amy.workspace.transcript.customer("Then without it")).toBeVisible();
  await expect(amy.workspace.transcript.log.getByRole("img")).toHaveCount(0);
});

test("a file that finds no network waits and is sent once", async ({ amy, dana }) => {
  await conversation(amy, dana);
  dana.expectProblem(/ERR_INTERNET_DISCONNECTED/);
  await dana.context.setOffline(true);
  await dana.chat.sendFile("lamp.png", "image/png", PICTURE);
  await expect(dana.chat.message("lamp.png")).toContainText(/Sending|Not sent/);
  await dana.context.setOffline(false);
  await expect(amy.workspace.transcript.picture("lamp.png")).toHaveCount(1);
  await expect(dana.chat.picture("lamp.png")).toHaveCount(1);
});

test("in the widget, where no cookie is sent, a picture comes and goes all the same", async ({ ada, amy, dana, program }) => {
  await ada.signIn();
  const settings = new ChatSettings(ada.page);
  const shop = await Shop.open(program.url);
  await settings.allow(shop.origin);
  await amy.signIn();
  const widget = new Widget(dana.page);
  await widget.openAt(shop.origin);
  await widget.chat.begin("Dana Dietz", "Do you have red lamps?");
  await amy.openWorkitem("Dana Dietz");
  await widget.chat.sendFile("like this.png", "image/png", PICTURE);
  await expect(amy.workspace.transcript.picture("like this.png")).toBeVisible();
  const shown = widget.chat.picture("like this.png");
  await expect.poll(() => shown.evaluate(isThere)).toBe(true);
  await amy.workspace.composer.attach("or these.png", "image/png", PICTURE);
  await amy.workspace.composer.sendButton.click();
  const answered = widget.chat.picture("or these.png");
  await expect.poll(() => answered.evaluate(isThere)).toBe(true);
  await dana.page.reload();
  for (const picture of [shown, answered]) await expect.poll(() => picture.evaluate(isThere)).toBe(true);
  expect(await dana.context.cookies()).toEqual([]);
  await expectNoViolations(await widget.document(), "the widget with a picture");
  await shop.close();
});

test("a picture and a document of the agent are seen by customer and supervisor at once", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const { composer } = amy.workspace;
  await composer.attach("hook.png", "image/png", PICTURE);
  await expect(composer.chosenFile).toContainText(/hook\.png.* \(1 KB\)/);
  await expect(composer.text).toBeFocused();
  await composer.send("Like this");
  await expect(composer.chosenFile).toHaveCount(0);
  const pictures = [
    dana.chat.picture("hook.png"),
    amy.workspace.transcript.picture("hook.png"),
    sam.coaching.transcript.picture("hook.png"),
  ];
  for (const shown of pictures) {
    await expect.poll(() => shown.evaluate(isThere)).toBe(true);
    const box = await shown.boundingBox();
    expect(box?.height, "its size is reserved").toBeGreaterThan(100);
  }
  const message = dana.chat.message("Like this");
  await expect(message).toContainText("Amy Adler");
  await expect(message.getByRole("img", { name: "hook.png" })).toBeVisible();

  await composer.attach("wrong.pdf", "application/pdf", PDF);
  await composer.removeFileButton.click();
  await expect(composer.chosenFile).toHaveCount(0);
  await composer.attach("manual.pdf", "application/pdf", PDF);
  await composer.sendButton.click();
  await expect(sam.coaching.transcript.file("manual.pdf")).toContainText("PDF, 1 KB");
  await expect(amy.workspace.workitem("Dana Dietz")).toContainText("manual.pdf");
  const download = dana.page.waitForEvent("download");
  await dana.chat.file("manual.pdf").click();
  expect((await download).suggestedFilename()).toBe("manual.pdf");
  expect(await readFile(await (await download).path(), "utf8")).toBe("%PDF-1.7\n");
  await expect(dana.chat.file("wrong.pdf")).toHaveCount(0);

  await dana.page.reload();
  await amy.reload();
  await sam.reload();
  for (const shown of pictures) await expect(shown).toHaveCount(1);
  for (const shown of [dana.chat, amy.workspace.transcript, sam.coaching.transcript]) {
    await expect(shown.file("manual.pdf")).toHaveCount(1);
  }
});

test("an agent pastes or drops a file, and one that is not taken comes back with its words", async ({ amy, dana }) => {
  await conversation(amy, dana);
  const { composer, transcript } = amy.workspace;
  await composer.text.fill("This is the one");
  await composer.bring("paste", "image.png", "image/png", PICTURE);
  await expect(composer.chosenFile).toContainText("image.png");
  await composer.bring("drop", "lamp.png", "image/png", SVG);
  await expect(composer.chosenFile).toContainText("lamp.png");
  amy.expectProblem(/415/);
  await composer.sendButton.click();
  await expect(composer.problem).toContainText("This kind of file is not taken. PNG, JPEG, GIF and WebP");
  await expect(composer.text).toHaveValue("This is the one");
  await expect(composer.chosenFile).toContainText("lamp.png");
  await composer.attach("large.png", "image/png", Buffer.alloc(5 * 1024 * 1024 + 1));
  await expect(composer.problem).toHaveText("This file is too large. A file may have up to 5 MB.");
  await expect(composer.chosenFile).toHaveCount(0);
  await composer.bring("drop", "lamp.png", "image/png", PICTURE);
  await composer.sendButton.click();
  await expect(dana.chat.message("This is the one").getByRole("img", { name: "lamp.png" })).toBeVisible();
  await expect(transcript.log.getByRole("img")).toHaveCount(1);
});

test("an agent's file that finds no network waits and is sent once", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.setOffline(true);
  await amy.workspace.composer.attach("lamp.png", "image/png", PICTURE);
  await amy.workspace.composer.send("Here it is");
  await expect(amy.workspace.open.getByRole("list", { name: "Not sent yet" })).toContainText("lamp.png");
  await amy.setOffline(false);
  await expect(dana.chat.picture("lamp.png")).toHaveCount(1);
  await expect(amy.workspace.transcript.picture("lamp.png")).toHaveCount(1);
});

test("files are offered in the box to the customer of a chat and in no other", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.coach("Ask for the order number");
  await expect(sam.coaching.composer.attachButton).toHaveCount(0);
  await sam.coaching.customerOpener.click();
  await expect(sam.coaching.boxTo("Dana Dietz").text).toBeVisible();
  await expect(sam.coaching.main.getByRole("button", { name: "Attach a file" })).toHaveCount(0);
  await amy.workspace.coachOpener.click();
  await expect(amy.workspace.toCoach.text).toBeVisible();
  await expect(amy.workspace.composer.attachButton, "of the box to the customer").toHaveCount(1);
  const [sms] = (await amy.worklist()).filter((workitem) => workitem.channel === "sms");
  await amy.goto(`/workspace/${sms?.id}`);
  await expect(amy.workspace.composer.text).toBeVisible();
  await expect(amy.workspace.composer.attachButton).toHaveCount(0);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe-core finds nothing in conversations with files in the ${colorScheme} theme`, async ({ amy, sam, dana }) => {
    for (const { page } of [amy, sam, dana]) await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await dana.page.setViewportSize({ width: 320, height: 568 });
    await monitored(amy, sam, dana);
    await dana.chat.sendFile("lamp.png", "image/png", PICTURE);
    await expect(dana.chat.picture("lamp.png")).toBeVisible();
    await dana.chat.sendFile(`${"long name ".repeat(9)}.txt`, "text/plain", Buffer.from("a"));
    await expect(sam.coaching.transcript.file("long name")).toBeVisible();
    await dana.chat.attach.setInputFiles({ name: "next.png", mimeType: "image/png", buffer: PICTURE });
    await expectNoViolations(dana.page, "the chat page with files");
    expect(await dana.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await amy.workspace.composer.attach("next.png", "image/png", PICTURE);
    await expect(amy.workspace.composer.chosenFile).toBeVisible();
    await expectNoViolations(amy.page, "the workspace with files");
    await expectNoViolations(sam.page, "the Coaching Page with files");
  });
}

/** Of these two files everybody has a row and no picture, also after a reload; the first one is downloaded. */
async function expectRows(
  { amy, sam, dana }: { amy: Person; sam: Person; dana: Customer },
  first: string,
  second: string,
): Promise<void> {
  const look = async () => {
    for (const of of [dana.chat, amy.workspace.transcript, sam.coaching.transcript]) {
      for (const name of [first, second]) {
        await expect(of.file(name)).toContainText("PNG, 1 KB");
        await expect(of.picture(name)).toHaveCount(0);
      }
    }
  };
  await look();
  await dana.page.reload();
  await amy.reload();
  await sam.reload();
  await look();
  const download = amy.page.waitForEvent("download");
  await amy.workspace.transcript.file(first).click();
  expect((await download).suggestedFilename()).toBe(first);
}

test("a picture of more pixels than a page shows is a row for everybody, and is downloaded", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const bomb = Buffer.from(PICTURE);
  bomb.writeUInt32BE(16_000, 16);
  bomb.writeUInt32BE(16_000, 20);
  await dana.chat.sendFile("plan.png", "image/png", bomb);
  await amy.workspace.composer.attach("answer.png", "image/png", bomb);
  await amy.workspace.composer.sendButton.click();
  await expectRows({ amy, sam, dana }, "plan.png", "answer.png");
});

test("what only begins like a picture is a row like any other file", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const broken = Buffer.concat([PICTURE.subarray(0, 24), Buffer.from("cut off")]);
  await dana.chat.sendFile("cut off.png", "image/png", broken);
  await amy.workspace.composer.attach("answer.png", "image/png", broken);
  await amy.workspace.composer.sendButton.click();
  await expectRows({ amy, sam, dana }, "cut off.png", "answer.png");
});
