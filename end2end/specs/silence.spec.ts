// M21 to the byte: what a customer's browser receives is the same whether or not anybody coaches.

import type { Customer, Recording } from "../fixtures/customer.ts";
import type { Person } from "../fixtures/person.ts";
import { expect, test } from "../fixtures/test.ts";

/** What differs between any two conversations: keys, times, hashes. Everything else must not. */
function comparable(event: string): string {
  return event
    .replace(/\d{16,}/g, "TIME")
    .replace(/"key":"[^"]*"/g, '"key":"KEY"');
}

/** One conversation; `meanwhile` happens between its lines. */
async function talk(amy: Person, customer: Customer, meanwhile: (step: number) => Promise<void>): Promise<Recording> {
  await customer.openChat();
  const recording = await customer.record();
  await customer.begin("Where is my parcel?");
  await amy.openWorkitem(customer.name);
  await meanwhile(1);
  await amy.answer("Let me look.");
  await expect(customer.chat.message("Let me look.")).toBeVisible();
  await meanwhile(2);
  await customer.write("Thanks.");
  await expect(amy.workspace.transcript.customer("Thanks.")).toBeVisible();
  await meanwhile(3);
  await amy.answer("It arrives tomorrow.");
  await expect(customer.chat.message("It arrives tomorrow.")).toBeVisible();
  return recording;
}

test("M21 a coached and an uncoached conversation bring the customer the same events, number for number", async ({
  amy,
  sam,
  dana,
  eli,
}) => {
  await amy.signIn();
  await sam.signIn();
  const coached = await talk(amy, dana, async (step) => {
    if (step === 1) {
      await sam.monitor(amy, await amy.workitemWith("Dana Dietz"));
      await sam.coaching.composer.text.pressSequentially("Ask");
      await sam.coach("Ask for the order number.");
      await amy.workspace.transcript.coaching("Ask for the order number.").replyButton.click();
      await amy.page.keyboard.type("She has none, Sam.");
      await expect(amy.workspace.toCoach.text).toHaveValue("She has none, Sam.");
      await expect(sam.page.getByText("Amy Adler is typing to you…")).toBeVisible();
      await amy.page.keyboard.press("Enter");
      await expect(sam.coaching.transcript.reply("She has none, Sam.")).toBeVisible();
    } else if (step === 2) {
      await amy.workspace.transcript.coaching("Ask for the order number.").thumbsDown.click();
      await sam.coach("Tell them: tomorrow.");
      await expect(amy.workspace.transcript.coaching("Tell them: tomorrow.").article).toBeVisible();
    } else {
      await sam.coaching.back.click();
      await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toBeVisible();
      await amy.workspace.toCoach.send("Thank you, Sam.");
      await expect(sam.page.getByRole("region", { name: "Reply from Amy Adler" })).toContainText("Thank you, Sam.");
    }
  });
  const alone = await talk(amy, eli, async () => undefined);

  // The sign that the agent writes is repeated every few seconds, and a quiet stream says that it is alive: how often depends on how
  // long it takes.
  const lines = (recording: Recording) => recording.events.filter((event) => !/(^| )(typing|alive) \{/.test(event));
  expect(lines(coached).length).toBeGreaterThan(0);
  expect(lines(coached).map(comparable)).toEqual(lines(alone).map(comparable));
  for (const event of coached.events) expect(lines(coached).includes(event) || /\{"name":"Amy Adler"\}$|alive \{\}$/.test(event)).toBe(true);
  const numbers = lines(coached).flatMap((event) => /"seq":(\d+)/.exec(event)?.slice(1, 2).map(Number) ?? []);
  numbers.forEach((number, index) => expect(number).toBe((numbers[0] ?? 0) + index));
  expect(await coached.everything()).not.toMatch(/Sam Stone|, Sam\b|order number|Tell them|She has none|coaching|monitor|supervis/i);
});

test("M21 a reload and a reconnect of a coached customer bring the ordinary conversation, without gaps", async ({
  amy,
  sam,
  dana,
}) => {
  await amy.signIn();
  await sam.signIn();
  const recording = await talk(amy, dana, async (step) => {
    if (step !== 2) return;
    await sam.monitor(amy, await amy.workitemWith("Dana Dietz"));
    await sam.coach("Quietly, between us.");
    await expect(amy.workspace.transcript.coaching("Quietly, between us.").article).toBeVisible();
    await amy.workspace.coachOpener.click();
    await amy.workspace.toCoach.send("Between us, Sam.");
    await expect(sam.coaching.transcript.reply("Between us, Sam.")).toBeVisible();
  });
  dana.expectProblem(/ERR_INTERNET_DISCONNECTED/);
  await dana.context.setOffline(true);
  await sam.coach("And one more.");
  await amy.answer("Anything else?");
  await dana.context.setOffline(false);
  await expect(dana.chat.message("Anything else?")).toBeVisible();
  await dana.page.reload();
  await expect(dana.chat.messages).toHaveCount(5);
  const numbers = await dana.chat.messages.evaluateAll((articles) =>
    articles.map((article) => Number((article as HTMLElement).dataset.seq)),
  );
  expect(numbers).toEqual([1, 2, 3, 4, 5]);
  expect(await recording.everything()).not.toMatch(/Sam Stone|, Sam\b|Quietly|etween us|And one more|coaching|monitor|supervis/i);
});
