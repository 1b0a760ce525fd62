// Signs that somebody writes: between the agent and the customer, and nobody else.

import { monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

test("M23 agent and customer see that the other writes, and nobody's coaching shows", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const sign = dana.page.getByText(/is typing/);
  await sam.coaching.composer.text.pressSequentially("Ask for the order number.");
  await sam.coach("Ask for the order number.");
  await expect(amy.workspace.transcript.coaching("Ask for the order number.").article).toBeVisible();
  await expect(sign).toBeHidden();

  await amy.workspace.composer.text.pressSequentially("May I");
  await expect(sign).toHaveText("Amy Adler is typing…");
  await amy.workspace.composer.text.pressSequentially(" have the order number?");
  await amy.workspace.composer.sendButton.click();
  await expect(dana.chat.message("May I have the order number?")).toBeVisible();
  await expect(sign).toBeHidden();

  await dana.chat.text.pressSequentially("It is");
  await expect(amy.page.getByText("Dana Dietz is typing…")).toBeVisible();
  await dana.chat.text.fill("It is 4711");
  await dana.chat.sendButton.click();
  await expect(amy.workspace.transcript.customer("It is 4711")).toBeVisible();
  await expect(amy.page.getByText("Dana Dietz is typing…")).toBeHidden();
});
