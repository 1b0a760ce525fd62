// The time in which no conversation begins, as somebody meets it who has the page open.

import { expect, test } from "../fixtures/widget.ts";

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
