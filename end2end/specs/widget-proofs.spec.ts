// A page of another site proves to the widget who its customer is, with a secret that administrators make.

import { createHmac } from "node:crypto";

import { expectNoViolations } from "../fixtures/axe.ts";
import { Shop } from "../fixtures/shop.ts";
import { expect, test } from "../fixtures/widget.ts";
import { Widget } from "../pages/widget.ts";

/** What proves to the host that the customer is `u-42` of the page. */
function proof(secret: string): string {
  return createHmac("sha256", secret).update("u-42").digest("hex");
}

test("a page that proves its customer finds the same conversation on another device, and a wrong proof finds nothing", async ({
  amy,
  ada,
  dana,
  eli,
  program,
  settings,
}) => {
  await settings.open();
  const secret = await settings.makeSecret();
  expect(secret).toMatch(/^sli_[0-9a-f]{64}$/);
  await expectNoViolations(ada.page, "the secret of a chat channel");
  const customer = { channel: "care", name: "Dana Dietz", "user-id": "u-42" };
  const shop = await Shop.open(program.url, { ...customer, "user-hash": proof(secret) });
  const forger = await Shop.open(program.url, { ...customer, "user-hash": proof("guessed") });
  await settings.allow(`${shop.origin}\n${forger.origin}`);

  const [phone, desk] = [new Widget(dana.page), new Widget(eli.page)];
  await amy.signIn();
  await phone.openAt(shop.origin);
  await expect(phone.chat.name, "prefilled").toHaveValue("Dana Dietz");
  await phone.chat.send("From my phone");
  await expect(phone.chat.message("From my phone")).toBeVisible();
  await desk.openAt(shop.origin);
  await expect(desk.chat.message("From my phone")).toBeVisible();
  await desk.chat.send("And from my desk");
  await expect(phone.chat.message("And from my desk")).toBeVisible();
  expect((await amy.worklist()).filter((item) => item.customer === "Dana Dietz")).toHaveLength(1);

  eli.expectProblem(/could not prove who you are|422/);
  await desk.openAt(forger.origin);
  await expect(desk.chat.status).toContainText("This page could not prove who you are");
  await expect(desk.chat.text).toBeHidden();
  await expect(desk.chat.messages).toHaveCount(0);
  await shop.close();
  await forger.close();
});

test("the secret of a chat channel is replaced and removed after a question, and unsaved settings stay", async ({
  ada,
  settings,
}) => {
  await settings.open();
  await settings.greeting.fill("Half a sentence");
  const first = await settings.makeSecret();
  await expect(settings.greeting).toHaveValue("Half a sentence");

  await settings.question("Replace the secret").click();
  await expect(ada.page.getByText(/stop proving who their customer is until they have the new one/)).toBeVisible();
  expect(await settings.secret.inputValue(), "nothing is done yet").toBe(first);
  await expectNoViolations(ada.page, "the question before the secret is replaced");
  await ada.page.getByRole("button", { name: "Replace it now" }).click();
  await expect(settings.secret).not.toHaveValue(first);
  await expect(settings.greeting).toHaveValue("Half a sentence");

  await settings.question("Remove the secret").click();
  await ada.page.getByRole("button", { name: "Remove it now" }).click();
  await expect(ada.page.getByText("The secret was removed.")).toBeVisible();
  await expect(settings.makeSecretButton).toBeVisible();
  await expect(settings.greeting).toHaveValue("Half a sentence");
  await settings.save();
});

test("a page whose proof counts no more reads nothing more, and says why", async ({ amy, ada, dana, program, settings }) => {
  await settings.open();
  const hash = proof(await settings.makeSecret());
  const customer = { channel: "care", name: "Dana Dietz", "user-id": "u-42", "user-hash": hash };
  const shop = await Shop.open(program.url, customer);
  await settings.allow(shop.origin);
  const phone = new Widget(dana.page);
  await amy.signIn();
  await phone.openAt(shop.origin);
  await phone.chat.send("From my phone");
  await expect(phone.chat.message("From my phone")).toBeVisible();
  await amy.openWorkitem("Dana Dietz");

  dana.expectProblem(/could not prove who you are|422/);
  await settings.question("Replace the secret").click();
  await ada.page.getByRole("button", { name: "Replace it now" }).click();
  await expect(phone.chat.status).toContainText("This page could not prove who you are");
  await expect(phone.chat.text).toBeHidden();
  await shop.close();
});

test("a call that proves its customer opens their conversation on another device", async ({
  amy,
  dana,
  eli,
  program,
  settings,
}) => {
  await settings.open();
  const hash = proof(await settings.makeSecret());
  const shop = await Shop.open(program.url, {});
  await settings.allow(shop.origin);
  const customer = { channel: "care", name: "Dana Dietz", identity: { user_id: "u-42", hash } };

  const [phone, desk] = [new Widget(dana.page), new Widget(eli.page)];
  await amy.signIn();
  await phone.page.goto(shop.origin);
  await phone.openByCall(customer);
  await phone.chat.send("From my phone");
  await amy.openWorkitem("Dana Dietz");
  await expect(amy.workspace.transcript.customer("From my phone")).toBeVisible();
  await desk.page.goto(shop.origin);
  await desk.openByCall(customer);
  await expect(desk.chat.message("From my phone")).toBeVisible();
  await desk.chat.send("And from my desk");
  await expect(amy.workspace.transcript.customer("And from my desk")).toBeVisible();
  expect((await amy.worklist()).filter((item) => item.customer === "Dana Dietz")).toHaveLength(1);
  await shop.close();
});
