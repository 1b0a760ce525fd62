// Bad input gets its clear error, changes nothing, loses no typed text and never answers 500.

import { conversation, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";
import { type AppError, type Conversation, type Invalid, newKey } from "../fixtures/wire.ts";

const TOO_LONG = "ä".repeat(4_001);

/** What a text box must not take, and what the error says. */
const BAD_TEXTS = {
  "nothing at all": { text: "", reason: /must not be empty/, problem: { code: "empty", max: 4_000 } },
  "only blanks": { text: " \n\t ", reason: /must not be empty/, problem: { code: "empty", max: 4_000 } },
  "4,001 characters": {
    text: TOO_LONG,
    reason: /4,001 of 4,000 characters/,
    problem: { code: "too_long", max: 4_000, actual: 4_001 },
  },
  "control characters": {
    text: "one\r\na\u0000b",
    reason: /control characters: line 2, character 2 \(U\+0000\)/,
    problem: { code: "control_characters", line: 2, place: 2, sign: "U+0000" },
  },
  "bidirectional overrides": {
    text: "a\u202eb",
    reason: /control characters: line 1, character 2 \(U\+202E\)/,
    problem: { code: "control_characters", line: 1, place: 2, sign: "U+202E" },
  },
} as const;

function invalid(error: AppError): Invalid {
  if (typeof error === "object" && "Invalid" in error) return error.Invalid;
  throw new Error(`not Invalid: ${JSON.stringify(error)}`);
}

for (const [what, { text, reason, problem }] of Object.entries(BAD_TEXTS)) {
  test(`${what} is refused as a message, as coaching and in the directory`, async ({ amy, sam, dana }) => {
    const workitem = await monitored(amy, sam, dana);
    const before = await amy.ask<Conversation>("workitems/conversation_load", { workitem: workitem.id });
    const refusals = [
      await amy.refused("workitems/message_send", { workitem: workitem.id, key: newKey(), text }, 422),
      await sam.refused("coaching/coaching_send", { workitem: workitem.id, key: newKey(), text }, 422),
      await amy.refused("directory/directory_send", { to: await sam.id(), key: newKey(), text, answers: null }, 422),
    ];
    for (const refusal of refusals) {
      expect(invalid(refusal).field).toBe("text");
      expect(invalid(refusal).reason).toMatch(reason);
      expect(invalid(refusal).problem).toEqual(problem);
    }
    const after = await amy.ask<Conversation>("workitems/conversation_load", { workitem: workitem.id });
    expect(after.rev).toBe(before.rev);
    expect(after.entries).toEqual(before.entries);
  });
}

test("a template has a title and at most 280 characters on one line", async ({ ada }) => {
  await ada.signIn();
  const create = (title: string, message: string) =>
    ada.refused("templates/template_create", { key: newKey(), title, message, active: true }, 422).then(invalid);
  expect(await create("", "Help")).toMatchObject({ field: "title" });
  expect(await create("x".repeat(81), "Help")).toMatchObject({ field: "title", reason: /81 of 80 characters/ });
  expect(await create("Help", "")).toMatchObject({ field: "message" });
  expect(await create("Help", "x".repeat(281))).toMatchObject({ field: "message", reason: /281 of 280 characters/ });
  expect(await create("Help", "two\nlines")).toMatchObject({ field: "message" });
  expect(await ada.ask("templates/template_list")).toHaveLength(4);
});

test("the template page shows the refusal at its field and keeps what was typed", async ({ ada }) => {
  await ada.signIn();
  ada.expectProblem(/422/);
  await ada.templates.newButton.click();
  await ada.templates.fill({ title: "Long", message: "x".repeat(281) });
  await ada.templates.saveButton.click();
  await expect(ada.templates.message).toHaveAttribute("aria-invalid", "true");
  await expect(ada.templates.message).toHaveAccessibleDescription(/281 of 280 characters/);
  await expect(ada.templates.message).toHaveValue("x".repeat(281));
  await ada.templates.fill({ message: "Short" });
  await ada.templates.save();
  await expect(ada.templates.row("Long")).toContainText("Short");
});

test("a text box says at once when nothing or too much is in it, and loses nothing", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  for (const composer of [amy.workspace.composer, sam.coaching.composer]) {
    await composer.send("   ");
    await expect(composer.problem).toContainText("1 to 4,000");
    await composer.send(TOO_LONG);
    await expect(composer.problem).toContainText("4,001");
    await expect(composer.problem).toContainText("4,000");
    await expect(composer.text).toHaveValue(TOO_LONG);
    await expect(composer.text).toHaveAttribute("aria-invalid", "true");
    await composer.text.fill("");
  }
  await sam.coach("Just right");
  await expect(sam.coaching.transcript.allCoaching).toHaveCount(1);
  await expect(dana.chat.messages).toHaveCount(1);
});

test("control characters that only the host notices come back into the box with the reason", async ({
  amy,
  sam,
  dana,
}) => {
  await monitored(amy, sam, dana);
  sam.expectProblem(/422/);
  await sam.coaching.composer.send("a\u202eb");
  await expect(sam.coaching.composer.scope).toContainText("must not contain control characters");
  await expect(sam.coaching.composer.text).toHaveValue("a\u202eb");
  await expect(sam.coaching.transcript.allCoaching).toHaveCount(0);
});

test("unknown ids and other people's ids get one and the same answer", async ({ amy, ben, sid, dana }) => {
  const workitem = await conversation(amy, dana);
  await ben.signIn();
  await sid.signIn();
  const key = newKey();
  const text = "Hello";
  for (const id of [workitem.id, "no-such-workitem", "not an id at all: %00", "x".repeat(300)]) {
    // What cannot be an id is refused before anything is looked up.
    const status = id === workitem.id || id === "no-such-workitem" ? 404 : 422;
    const answers = [
      await ben.call("workitems/conversation_load", { workitem: id }),
      await ben.call("workitems/conversation_older", { workitem: id, before: 10 }),
      await ben.call("workitems/message_send", { workitem: id, key, text }),
      await ben.call("workitems/workitem_read", { workitem: id, through: 1 }),
      await ben.call("workitems/workitem_wrap_up", { workitem: id, key }),
      await ben.call("workitems/workitem_close", { workitem: id, key }),
      await ben.call("workitems/workitem_transfer", { workitem: id, key, to: { Agent: await ben.id() } }),
      await sid.call("coaching/coaching_send", { workitem: id, key, text }),
      await ben.call("coaching/coaching_forward", { workitem: id, entry: "no-such-entry" }),
      await ben.call("coaching/reaction_set", { workitem: id, entry: "no-such-entry", reaction: "thumbs_up" }),
    ];
    for (const answer of answers) {
      expect(answer.status(), `${answer.url()} ${id} ${await answer.text()}`).toBe(status);
      if (status === 404) expect(await answer.json()).toBe("NotFound");
    }
  }
  await expect(dana.chat.messages).toHaveCount(1);
  expect((await amy.workitemWith("Dana Dietz")).state).toBe("active");
});

test("malformed, mistyped and oversized bodies are refused, never answered with 500", async ({ amy, program }) => {
  await amy.signIn();
  const send = (body: string) =>
    amy.context.request.post(`${program.url}/api/app/api/workitems/message_send`, {
      data: Buffer.from(body),
      headers: { Origin: program.url, "Content-Type": "application/json" },
    });
  for (const body of ["", "{", "null", "[]", "42", '"text"', '{"workitem":1}', '{"workitem":"a","key":"b"}', "\u0000"]) {
    const answer = await send(body);
    expect(answer.status(), body).toBeGreaterThanOrEqual(400);
    expect(answer.status(), body).toBeLessThan(500);
  }
  const workitem = await amy.workitemOn("chat");
  const oversized = await send(JSON.stringify({ workitem: workitem.id, key: newKey(), text: "x".repeat(3_000_000) }));
  expect(oversized.status()).toBe(413);
  const answer = await amy.call("workitems/message_send", { workitem: workitem.id, key: newKey(), text: "Still here." });
  expect(answer.status()).toBe(200);
});

test("a command that is repeated with its key gives the first answer again", async ({ amy, dana }) => {
  const workitem = await conversation(amy, dana);
  const command = { workitem: workitem.id, key: newKey(), text: "Once only" };
  const first = await amy.ask("workitems/message_send", command);
  const second = await amy.ask("workitems/message_send", command);
  expect(second).toEqual(first);
  await expect(dana.chat.message("Once only")).toHaveCount(1);
  await expect(amy.workspace.transcript.agent("Once only")).toHaveCount(1);
});

test("commands that come too late are a conflict and change nothing", async ({ amy, dana }) => {
  const workitem = await conversation(amy, dana);
  const early = await amy.refused("workitems/workitem_close", { workitem: workitem.id, key: newKey() }, 409);
  expect(early).toHaveProperty("Conflict.reason");
  await amy.workspace.wrapUp();
  const late = await amy.refused(
    "workitems/message_send",
    { workitem: workitem.id, key: newKey(), text: "One more thing" },
    409,
  );
  expect(late).toHaveProperty("Conflict.reason");
  await expect(dana.chat.log).toContainText("This conversation has ended.");
  await expect(dana.chat.messages).toHaveCount(1);
});

test("a workitem that closes while a supervisor types keeps the typed text", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.coaching.composer.text.fill("I was about to say");
  await amy.workspace.wrapUp();
  await amy.workspace.close();
  await expect(sam.coaching.main).toContainText("This workitem is closed. The coaching has ended.");
  await expect(sam.coaching.composer.text).toHaveValue("I was about to say");
  await expect(sam.coaching.composer.sendButton).toBeDisabled();
  await sam.coaching.composer.text.press("Enter");
  await expect(sam.coaching.composer.text).toHaveValue("I was about to say");
});

test("a customer's bad input is refused in words, and nothing typed is lost", async ({ dana, program }) => {
  await dana.openChat();
  dana.expectProblem(/422/);
  await dana.chat.name.fill("x".repeat(81));
  await dana.chat.text.fill("Hello");
  await dana.chat.sendButton.click();
  await expect(dana.chat.status).toContainText(/81 of 80 characters/);
  await expect(dana.chat.text).toHaveValue("Hello");
  await dana.chat.name.fill("Dana Dietz");
  await dana.chat.text.fill(TOO_LONG);
  await dana.chat.sendButton.click();
  await expect(dana.chat.status).toContainText(/4,001 of 4,000 characters/);
  await expect(dana.chat.text).toHaveValue(TOO_LONG);
  await dana.chat.begin("Dana Dietz", "Hello");
  await expect(dana.chat.messages).toHaveCount(1);

  for (const body of ["{", "[]", '{"name":1}', "x".repeat(3_000_000)]) {
    const answer = await dana.context.request.post(`${program.url}${program.chatPage}/messages`, {
      data: Buffer.from(body),
      headers: { Origin: program.url, "Content-Type": "application/json" },
    });
    expect(answer.status()).toBeGreaterThanOrEqual(400);
    expect(answer.status()).toBeLessThan(500);
  }
});
