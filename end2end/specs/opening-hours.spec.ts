// The time in which no conversation begins, as somebody meets it who has the page open.

import { look } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/widget.ts";
import { Widget } from "../pages/widget.ts";

const OPENS = /The chat opens again/;
const NOBODY = "Nobody takes messages here at the moment.";

test("a message by the offline form outlasts a reload and a network that is gone, and goes once", async ({
  amy,
  dana,
  settings,
}) => {
  await settings.closeUntilLater({ offlineForm: true });
  await dana.openChat();
  const { form } = dana.chat;
  await form.getByRole("textbox", { name: "Your name" }).fill("Dana Dietz");
  await form.getByRole("textbox", { name: "Your e-mail address" }).fill("dana@example.com");
  await form.getByRole("textbox", { name: "Your phone number" }).fill("+49 30 901820");
  await form.getByRole("textbox", { name: "Message" }).fill("A long story about my lamp");
  await dana.page.reload();
  await expect(form.getByRole("textbox", { name: "Your name" })).toHaveValue("Dana Dietz");
  await expect(form.getByRole("textbox", { name: "Your e-mail address" })).toHaveValue("dana@example.com");
  await expect(form.getByRole("textbox", { name: "Your phone number" })).toHaveValue("+49 30 901820");

  dana.expectProblem(/ERR_INTERNET_DISCONNECTED/);
  await dana.context.setOffline(true);
  const send = form.getByRole("button", { name: "Send message" });
  await send.click();
  await expect(dana.chat.status).toHaveText("Your message could not be sent. Your message is kept.");
  await expect(form.getByRole("textbox", { name: "Message" })).toHaveValue("A long story about my lamp");
  await dana.context.setOffline(false);
  await send.click();
  await expect(dana.chat.message("A long story about my lamp")).toHaveCount(1);
  await expect(form).toBeHidden();
  await expect(dana.chat.text, "nothing of it is left in the box").toHaveValue("");
  await dana.write("After six, please");

  await amy.signIn();
  await amy.openWorkitem("Dana Dietz");
  await expect(amy.workspace.transcript.customer("A long story about my lamp")).toHaveCount(1);
  await expect(amy.workspace.transcript.customer("After six, please")).toBeVisible();
});

test("a page that is open before the chat opens takes messages when it does, with what was typed", async ({ dana, settings }) => {
  await settings.closeUntilLater({ offlineForm: true });
  await dana.page.clock.install();
  await dana.openChat();
  await expect(dana.chat.status).toHaveText(OPENS);
  await dana.chat.form.getByRole("textbox", { name: "Message" }).fill("Is my lamp there?");
  // The clock of this computer is wrong: the host is asked, and says that it is still closed.
  const answered = dana.page.waitForResponse(`**${dana.program.chatPage}`);
  await dana.page.clock.fastForward("01:00:10");
  await (await answered).finished();
  await expect(dana.chat.status).toHaveText(OPENS);
  await expect(dana.chat.form).toBeVisible();

  await settings.openAlways();
  await expect(async () => {
    await dana.page.clock.fastForward("01:00:10");
    await expect(dana.chat.name).toBeVisible({ timeout: 1_000 });
    await expect(dana.chat.form).toBeHidden({ timeout: 1_000 });
  }).toPass();
  await expect(dana.chat.status).toHaveText("");
  await expect(dana.chat.log).toContainText("Hello!");
  await expect(dana.chat.text).toHaveValue("Is my lamp there?");
  await expect(dana.chat.text, "it is the same page").toBeFocused();
  await dana.chat.name.fill("Dana Dietz");
  await dana.chat.sendButton.click();
  await expect(dana.chat.message("Is my lamp there?")).toBeVisible();
  await expect(dana.chat.status).toHaveText("Thanks, we’ll reply here shortly.");
});

test("a page of a chat that was switched off opens when somebody looks at it again, and asks at a modest pace", async ({
  ada,
  dana,
}) => {
  await ada.signIn();
  await ada.goto("/admin/teams");
  await ada.teams.channelSwitch("Care", "Larkfield Care").click();
  await expect(ada.teams.said).toHaveText("Larkfield Care is off.");
  await dana.page.clock.install();
  await dana.openChat();
  await expect(dana.chat.status).toHaveText(NOBODY);
  let asked = 0;
  dana.page.on("request", (request) => {
    if (request.resourceType() === "fetch" && new URL(request.url()).pathname === dana.program.chatPage) asked += 1;
  });
  const answered = dana.page.waitForResponse(`**${dana.program.chatPage}`);
  await dana.page.clock.fastForward("00:31");
  for (let looks = 0; looks < 3; looks++) await look(dana.page, "here");
  await (await answered).finished();
  await expect(dana.chat.status).toHaveText(NOBODY);
  expect(asked).toBe(1);

  await ada.teams.channelSwitch("Care", "Larkfield Care").click();
  await expect(ada.teams.said).toHaveText("Larkfield Care is on.");
  await dana.page.clock.fastForward("00:31");
  await look(dana.page, "here");
  await expect(dana.chat.name).toBeVisible();
  await expect(dana.chat.status).toHaveText("");
});

test("a widget that is open before the chat opens takes messages when it does", async ({ dana, settings, shop }) => {
  await settings.closeUntilLater({ offlineForm: false });
  await dana.page.clock.install();
  const widget = new Widget(dana.page);
  await widget.openAt(shop.origin);
  await expect(widget.chat.status).toHaveText(OPENS);
  await expect(widget.chat.text).toBeHidden();
  await settings.openAlways();
  await dana.page.clock.fastForward("01:00:10");
  await expect(widget.chat.status).toHaveText("");
  await widget.chat.begin("Dana Dietz", "Do you have red lamps?");
  await expect(widget.chat.message("Do you have red lamps?")).toBeVisible();
});

test("a page that is open when the chat closes says so at the first message, and keeps it", async ({ dana, settings }) => {
  await dana.openChat();
  await dana.chat.name.fill("Dana Dietz");
  await settings.closeUntilLater({ offlineForm: true });
  dana.expectProblem(/409/);
  await dana.chat.send("Is anybody there?");
  await expect(dana.chat.status).toHaveText(OPENS);
  await expect(dana.chat.form.getByRole("textbox", { name: "Message" })).toHaveValue("Is anybody there?");
  await expect(dana.chat.form.getByRole("textbox", { name: "Your name" })).toHaveValue("Dana Dietz");
  await expect(dana.chat.messages).toHaveCount(0);
});
