// U20: notes of staff on every channel, the days of a conversation, and where the unread begins.

import type { Locator } from "@playwright/test";

import { expectNoViolations } from "../fixtures/axe.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";

test("U20 agent and supervisor note something for each other, live, and the customer sees none of it", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await amy.workspace.noteOpener.click();
  await expect(amy.workspace.note.text).toBeFocused();
  await amy.page.keyboard.type("Called twice: engaged.");
  await amy.page.keyboard.press("Enter");
  await expect(amy.workspace.transcript.note("Called twice: engaged.")).toContainText("Amy Adler");
  await expect(sam.coaching.transcript.note("Called twice: engaged.")).toContainText("Note for staff");
  await sam.coaching.noteOpener.click();
  await sam.coaching.note.send("Her parcel is insured.");
  await expect(amy.workspace.transcript.note("Her parcel is insured.")).toContainText("Sam Stone");

  // The customer gets what comes next, and nothing before it.
  await amy.answer("Let me see what I can do.");
  await expect(dana.chat.message("Let me see what I can do.")).toBeVisible();
  await expect(dana.page.locator("body")).not.toContainText(/engaged|insured/);
  await expectNoViolations(amy.page, "the workspace");
  await expectNoViolations(sam.page, "the Coaching Page");
});

test("U20 what stands in the box for notes is never sent to the customer, and a reload keeps it", async ({ amy, dana }) => {
  await conversation(amy, dana);
  const { composer, note, noteOpener, transcript } = amy.workspace;
  await noteOpener.click();
  await note.text.fill("Rude, but right.");
  await composer.text.fill("One moment, please.");
  await composer.text.press("Enter");
  await expect(dana.chat.message("One moment, please.")).toBeVisible();
  await expect(note.text).toHaveValue("Rude, but right.");
  await amy.reload();
  await expect(note.text).toHaveValue("Rude, but right.");
  await note.text.press("Escape");
  await expect(noteOpener).toBeFocused();
  await expect(noteOpener).toContainText("Draft");
  await noteOpener.click();
  await note.text.press("Enter");
  await expect(transcript.note("Rude, but right.")).toBeVisible();
  await expect(dana.chat.message("Rude, but right.")).toHaveCount(0);
});

for (const channel of ["phone", "email"] as const) {
  test(`U20 ${channel}: the box for notes is open, because there is nothing else to write`, async ({ amy, sam }) => {
    await amy.signIn();
    const workitem = await amy.workitemOn(channel);
    await amy.openWorkitem(workitem.customer);
    await expect(amy.workspace.composer.text).toHaveCount(0);
    await amy.workspace.note.send("Wants a call on Thursday.");
    await expect(amy.workspace.transcript.note("Wants a call on Thursday.")).toBeVisible();
    await sam.signIn();
    await sam.monitor(amy, workitem);
    await expect(sam.coaching.transcript.note("Wants a call on Thursday.")).toBeVisible();
    await sam.coaching.noteOpener.click();
    await sam.coaching.note.send("I call him.");
    await expect(amy.workspace.transcript.note("I call him.")).toBeVisible();
  });
}

test("U20 who hands work on says what the next agent should know", async ({ amy, ben, dana }) => {
  await conversation(amy, dana);
  await ben.signIn();
  await amy.workspace.transferTo("agent", "Ben Brooks", "Speaks French. Be kind.");
  await ben.openWorkitem("Dana Dietz");
  const log = ben.workspace.transcript;
  await expect(log.note("Speaks French. Be kind.")).toContainText("Amy Adler");
  await ben.answer("Bonjour!");
  await expect(dana.chat.message("Bonjour!")).toBeVisible();
  await expect(dana.page.locator("body")).not.toContainText("French");
});

test("U20 a note with markup and direction marks is text, at 320 pixels as well", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.page.setViewportSize({ width: 320, height: 640 });
  await amy.workspace.noteOpener.click();
  const text = `<b>שלום</b> ${"w".repeat(200)} https://example.com/a`;
  await amy.workspace.note.send(text);
  const note = amy.workspace.transcript.note("שלום");
  await expect(note).toContainText("<b>שלום</b>");
  await expect(note.getByRole("link")).toHaveAttribute("rel", /noopener/);
  await expectNothingSideways(amy.page, "a note");
});

test("U20 a conversation over several days says where each begins, and what was unread has a line before it", async ({ amy, dana }) => {
  const now = new Date();
  await conversation(amy, dana, "Is somebody there?");
  await amy.page.goto("/workspace");
  await dana.write("Hello?");
  await dana.write("It is about my parcel.");
  await expect(amy.workspace.workitem("Dana Dietz")).toContainText("2 unread");
  // As it reads three days later.
  await amy.page.clock.setFixedTime(new Date(now.getTime() + 3 * 86_400_000));
  await amy.page.goto(`/workspace/${(await amy.workitemWith("Dana Dietz")).id}`);
  const log = amy.workspace.transcript;
  const day = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
  await expect(log.log.getByRole("separator").first()).toContainText(day.format(now).replace(/,.*/, "").split(" ")[0] ?? "");
  const unread = log.log.getByRole("separator", { name: "Unread" });
  await expect(unread).toHaveCount(1);
  const next = unread.locator("xpath=following-sibling::article[1]");
  await expect(next).toContainText("Hello?");
  await expectNoViolations(amy.page, "the workspace");
});

test("U20 U26 Add note on closed work looks as what cannot be pressed, pointed at as well, in every theme and in the system's colours", async ({
  amy,
  sam,
  dana,
}) => {
  await monitored(amy, sam, dana);
  await amy.answer("It comes tomorrow.");
  await amy.workspace.wrapUp();
  const { note, noteOpener } = sam.coaching;
  await noteOpener.click();
  await note.text.fill("She was friendly.");
  const look = (button: Locator) =>
    button.evaluate(async (element) => {
      // As long as a colour takes to change.
      await Promise.allSettled(element.getAnimations().map(({ finished }) => finished));
      const { backgroundColor, borderTopColor, color } = getComputedStyle(element);
      return { backgroundColor, borderTopColor, color };
    });
  const ready = await look(note.sendButton);
  await amy.workspace.close();
  await expect(note.sendButton).toBeDisabled();
  await expect(note.text).toHaveValue("She was friendly.");
  const discard = note.scope.getByRole("button", { name: "Discard" });
  for (const forcedColors of ["none", "active"] as const) {
    for (const colorScheme of ["light", "dark"] as const) {
      const where = `${colorScheme}, forced colours ${forcedColors}`;
      await sam.page.emulateMedia({ colorScheme, forcedColors });
      await discard.hover();
      await expect.poll(async () => (await look(note.sendButton)).color, where).not.toBe((await look(discard)).color);
      const away = await look(note.sendButton);
      expect(away, where).not.toEqual(ready);
      await note.sendButton.hover();
      expect(await look(note.sendButton), `${where}, pointed at`).toEqual(away);
    }
  }
});
