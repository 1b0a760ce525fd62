// The simulated phone of the demo: a newcomer is the customer who writes by SMS, WhatsApp, Messenger or Instagram.

import { expectNoViolations } from "../fixtures/axe.ts";
import { expect, test as base } from "../fixtures/test.ts";
import { PhonePage } from "../pages/phone.ts";

/** A stand-in carries with the delays of a network. */
const CARRIED = { timeout: 15_000 };

const test = base.extend<{ phone: PhonePage }>({
  environment: async ({}, use) => await use({ SIDELINE_STAND_INS: "true" }),
  phone: async ({ dana }, use) => await use(new PhonePage(dana.page)),
});

test("a newcomer texts from the phone, the agent answers, and the mark becomes Delivered", async ({ amy, phone }) => {
  await amy.signIn();
  const number = await phone.take("SMS");
  await expect(phone.simulated).toBeVisible();
  await phone.write("My lamp hums");
  await amy.openWorkitem(number);
  const { transcript, composer } = amy.workspace;
  await expect(transcript.customer("My lamp hums")).toBeVisible();
  await amy.answer("Which lamp is it?");
  await expect(phone.text("Which lamp is it?")).toBeVisible();
  await expect(phone.text("Which lamp is it?")).toContainText("Delivered", CARRIED);
  await expect(transcript.agent("Which lamp is it?")).toContainText("Delivered", CARRIED);

  // A phone that is off gets nothing; once it is on, what is sent again arrives.
  await phone.offButton.click();
  await expect(phone.onButton).toBeVisible();
  await amy.answer("Is it the Fern lamp?");
  const lost = transcript.agent("Is it the Fern lamp?");
  await expect(lost).toContainText("Not delivered: it did not reach the customer (30003)", CARRIED);
  await expect(phone.text("Is it the Fern lamp?")).toContainText("Not delivered");
  await phone.onButton.click();
  await expect(phone.offButton).toBeVisible();
  await lost.getByRole("button", { name: "Retry" }).click();
  await expect(lost).toContainText("Delivered", CARRIED);

  await phone.stopButton.click();
  await expect(transcript.notice("said STOP")).toBeVisible();
  await expect(amy.workspace.open.getByText("The customer has said STOP and gets no messages")).toBeVisible();
  await expect(composer.text).toBeHidden();
  await phone.startButton.click();
  await expect(transcript.customer("START")).toBeVisible();
  await expect(composer.text).toBeVisible();
});

test("a text whose answer is lost is sent again and written once", async ({ dana, phone }) => {
  await phone.take("SMS");
  dana.expectProblem(/ERR_FAILED/);
  let lost = 0;
  await phone.page.route("**/demo/phone", async (route) => {
    if (route.request().method() !== "POST" || lost > 0) return await route.fallback();
    lost += 1;
    await route.fetch({ maxRedirects: 0 });
    await route.abort();
  });
  await phone.box.fill("My lamp hums");
  await phone.sendButton.click();
  await expect(phone.status).toContainText("There was no answer.");
  expect(lost).toBe(1);
  await expect(phone.box).toHaveValue("My lamp hums");
  await expect(phone.text("My lamp hums")).toHaveCount(1);
  // Not even after the page was loaded once more.
  await phone.page.reload();
  await expect(phone.box).toHaveValue("My lamp hums");
  await phone.sendButton.click();
  await expect(phone.box).toHaveValue("");
  await expect(phone.status).toHaveText("");
  await phone.write("Are you there?");
  await expect(phone.log.getByRole("article")).toHaveText([/My lamp hums/, /Are you there\?/]);
});

test("without a network a text stays in its box, and outlives a reload", async ({ dana, phone }) => {
  await phone.take("SMS");
  const address = phone.page.url();
  dana.expectProblem(/ERR_INTERNET_DISCONNECTED/);
  await dana.context.setOffline(true);
  await phone.box.fill("My lamp hums");
  await phone.sendButton.click();
  await expect(phone.status).toContainText("please send it again");
  await expect(phone.page).toHaveURL(address);
  await expect(phone.box).toHaveValue("My lamp hums");
  await dana.context.setOffline(false);
  await phone.page.reload();
  await expect(phone.box).toHaveValue("My lamp hums");
  await phone.sendButton.click();
  await expect(phone.text("My lamp hums")).toHaveCount(1);
  await expect(phone.box).toHaveValue("");
  await phone.page.reload();
  await expect(phone.text("My lamp hums")).toBeVisible();
  await expect(phone.box).toHaveValue("");
});

test("a message on WhatsApp becomes Read", async ({ amy, phone }) => {
  await amy.signIn();
  const number = await phone.take("WhatsApp");
  await phone.write("Hello on WhatsApp");
  await amy.openWorkitem(number);
  await amy.answer("Hello to you");
  await expect(phone.text("Hello to you")).toContainText("Read", CARRIED);
  await expect(amy.workspace.transcript.agent("Hello to you")).toContainText("Read", CARRIED);
});

test("a customer on Messenger is answered, and each sees when a message was read", async ({ amy, phone }) => {
  await amy.signIn();
  const number = await phone.take("Messenger");
  await expect(phone.simulated).toBeVisible();
  await expect(phone.box).toHaveAccessibleName("Text to Larkfield");
  await expect(phone.stopButton).toHaveCount(0);
  await phone.write("My lamp hums");
  // Messenger names nobody.
  await amy.openWorkitem(`Messenger ${number.slice(-4)}`);
  const { transcript } = amy.workspace;
  await expect(transcript.customer("My lamp hums")).toBeVisible();
  await amy.answer("Which lamp is it?");
  await expect(phone.text("Which lamp is it?")).toContainText("Read", CARRIED);
  await expect(transcript.agent("Which lamp is it?")).toContainText("Read", CARRIED);

  // What is sent while the phone is off waits for it.
  await phone.offButton.click();
  await expect(phone.onButton).toBeVisible();
  await amy.answer("Is it the Fern lamp?");
  await expect(phone.text("Is it the Fern lamp?")).toContainText("Sent");
  await phone.onButton.click();
  await expect(phone.offButton).toBeVisible();
  await expect(transcript.agent("Is it the Fern lamp?")).toContainText("Read", CARRIED);
});

test("M20 M21 a customer on Instagram writes, sam coaches, amy forwards, and the phone gets one ordinary message", async ({
  amy,
  sam,
  phone,
}) => {
  await amy.signIn();
  const number = await phone.take("Instagram");
  await expect(phone.simulated).toBeVisible();
  await phone.write("My lamp hums");
  // Instagram names nobody either.
  const customer = `Instagram ${number.slice(-4)}`;
  await amy.openWorkitem(customer);
  const { transcript } = amy.workspace;
  await expect(transcript.customer("My lamp hums")).toBeVisible();
  await amy.answer("Which lamp is it?");
  await expect(phone.text("Which lamp is it?")).toBeVisible();

  await sam.signIn();
  await sam.monitor(amy, await amy.workitemWith(customer));
  await sam.coach("Offer a new one");
  const offer = "I can send you a new lamp today.";
  await sam.coach(offer);
  await transcript.coaching(offer).forward();
  await expect(phone.text(offer)).toContainText("Read", CARRIED);
  await expect(transcript.agent(offer)).toContainText("Read", CARRIED);
  await expect(sam.coaching.transcript.agent(offer)).toContainText("Read", CARRIED);

  // Nothing came but the two answers, and no word of sam's coaching or name.
  await expect(phone.log.getByRole("article")).toHaveCount(3);
  await expect(phone.text(offer)).toHaveCount(1);
  await expect(phone.log).not.toContainText("Offer a new one");
  await expect(phone.log).not.toContainText(sam.name);
});

test("each product of Meta's has a channel that says it is simulated, and a conversation that moves", async ({
  ada,
  amy,
  phone,
}) => {
  await ada.signIn();
  await ada.goto("/admin/channels");
  for (const product of ["Messenger", "Instagram", "WhatsApp by Meta"]) {
    await expect(ada.channels.channel(`Larkfield on ${product} (simulated)`)).toBeVisible();
  }
  await amy.signIn();
  for (const product of ["Instagram", "WhatsApp by Meta"] as const) {
    const number = await phone.take(product);
    await phone.write(`Hello on ${product}`);
    await amy.openWorkitem(product === "Instagram" ? `Instagram ${number.slice(-4)}` : number);
    await amy.answer("Hello to you");
    await expect(amy.workspace.transcript.agent("Hello to you")).toContainText("Read", CARRIED);
  }
});

test("the demo begins with messages that arrived and one that did not", async ({ amy }) => {
  await amy.signIn();
  await amy.openWorkitem("Priya Raman");
  const { transcript } = amy.workspace;
  await expect(transcript.agent("You do not. Place one order")).toContainText("Read");
  const lost = transcript.agent("Just send me the order number here");
  await expect(lost).toContainText("Not delivered: it did not reach the customer (63018)");
  await lost.getByRole("button", { name: "Retry" }).click();
  await expect(lost).toContainText("Read", CARRIED);
});

test("on a small screen Retry is a button in one line, named by its message", async ({ amy }) => {
  await amy.page.setViewportSize({ width: 390, height: 844 });
  await amy.signIn();
  await amy.openWorkitem("Priya Raman");
  const lost = amy.workspace.transcript.agent("Just send me the order number here");
  const retry = lost.getByRole("button", { name: "Retry: Just send me the order number here" });
  await expect(retry).toHaveText("Retry");
  await expect(retry).toHaveCSS("border-top-style", "solid");
  const lines = await retry.evaluate((button) => {
    const range = document.createRange();
    range.selectNodeContents(button);
    return new Set([...range.getClientRects()].map((part) => Math.round(part.top))).size;
  });
  expect(lines).toBe(1);
});

test("the phone can be held with a keyboard and on a small screen, and axe finds nothing", async ({ dana, phone }) => {
  const { page } = phone;
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto("/demo/phone");
  await expectNoViolations(page, "the list of phones");
  dana.expectProblem(/422/);
  await phone.number.fill("07700 900321");
  await phone.number.press("Enter");
  await expect(page.getByRole("alert")).not.toBeEmpty();
  await expectNoViolations(page, "a number that is refused");
  await phone.number.fill("+44 7700 900321");
  await phone.number.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("+447700900321");
  await phone.box.focus();
  await page.keyboard.type("Written with a keyboard");
  await page.keyboard.press("Enter");
  await expect(phone.text("Written with a keyboard")).toContainText("Delivered");
  await expect(phone.box).toBeFocused();
  await expectNoViolations(page, "a phone with a text");
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(tooWide).toBe(false);
});

base("a program without simulated providers has no phone", async ({ dana }) => {
  dana.expectProblem(/404/);
  const answer = await dana.page.goto("/demo/phone");
  expect(answer?.status()).toBe(404);
});
