// The customer's page speaks the language of the browser.

import { expect, test } from "../fixtures/test.ts";
import { ChatPage } from "../pages/chat.ts";

/** Words of the English page that no other language has. */
const ENGLISH = /\b(your|you|message|conversation|send|sent|sending|waiting|somebody|answer|please|retry|discard)\b/i;

test("a customer whose browser speaks German reads German, on the page and from its script", async ({ amy, greta }) => {
  await greta.openChat();
  const chat = new ChatPage(greta.page, "de");
  const html = greta.page.locator("html");
  await expect(html).toHaveAttribute("lang", "de");
  await expect(html).toHaveAttribute("dir", "ltr");
  await expect(chat.log).toContainText("Guten Tag! Sagen Sie uns Ihren Namen und wie wir helfen können.");
  await expect(chat.content).not.toContainText(ENGLISH);

  // What the script says: on its way, waiting, introduced.
  await chat.begin(greta.name, "Wo bleibt mein Sofa?");
  await expect(chat.content).toContainText("Sie schreiben als Greta Groß");
  await expect(chat.status).toHaveText("Wir haben Ihre Nachricht. Hier wird Ihnen jemand antworten.");
  await amy.signIn();
  await amy.openWorkitem("Greta Groß");
  await amy.answer("Morgen!");
  await expect(chat.message("Morgen!")).toBeVisible();
  await expect(chat.message("Morgen!").locator("time")).toHaveText(/^\d\d:\d\d$/);
  await expect(chat.content).not.toContainText(ENGLISH);

  // What the host refuses comes in German as well.
  greta.expectProblem(/422/);
  await chat.send("x".repeat(4_001));
  await expect(chat.status).toHaveText("Ihre Nachricht ist zu lang: 4001 von 4000 Zeichen.");
  await chat.text.fill("");

  // Without the network.
  greta.expectProblem(/ERR_INTERNET_DISCONNECTED/);
  await greta.context.setOffline(true);
  await expect(chat.status).toHaveText("Sie sind offline. Ihre Nachricht bleibt erhalten.");
  await chat.send("Danke!");
  await expect(chat.message("Danke!")).toContainText("Nicht gesendet. Noch einmal");
  await greta.context.setOffline(false);
  await expect(chat.message("Danke!").locator("time")).toBeVisible();

  // Asked once more, ended; staff read their own language.
  await chat.endButton.click();
  await expect(chat.question).toContainText("Diese Unterhaltung beenden?");
  await expect(chat.question).not.toContainText(ENGLISH);
  await chat.question.getByRole("button", { name: "Unterhaltung beenden" }).click();
  await expect(chat.log).toContainText("Diese Unterhaltung ist beendet.");
  await expect(chat.startAgain).toBeVisible();
  await expect(amy.workspace.transcript.notice("Greta Groß ended the conversation.")).toHaveCount(1);
});

test("a customer whose browser speaks no language of the page reads English", async ({ browser, program }) => {
  const context = await browser.newContext({ baseURL: program.url, locale: "fr-FR" });
  const page = await context.newPage();
  await page.goto(program.chatPage);
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(new ChatPage(page).name).toBeVisible();
  await context.close();
});

test("a chat that is not there says so in the language of the browser", async ({ greta }) => {
  greta.expectProblem(/404/);
  await greta.page.goto("/chat/no-such-chat");
  await expect(greta.page.getByRole("heading")).toHaveText("Dieser Chat wurde nicht gefunden");
});
