// Languages. Staff: chosen in the settings, kept with the user, and everywhere on their pages. Customers: that of the
// browser.

import type { Page } from "@playwright/test";

import { catalogue, wordsOf } from "../fixtures/catalogue.ts";
import type { Person } from "../fixtures/person.ts";
import { chooseGerman, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";
import { ChatPage } from "../pages/chat.ts";
import { LoginPage } from "../pages/login.ts";

const ENGLISH = catalogue("en");
const GERMAN = catalogue("de");

/** Words of the customer's English page that no other language has. */
const ENGLISH_WORDS = /\b(your|you|message|conversation|send|sent|sending|waiting|somebody|answer|please|retry|discard)\b/i;

/** Everything that a page says: its text, and what assistive technology or a pointer finds. */
function said(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts: string[] = [document.title];
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
      if (!node.parentElement?.closest("script, style")) texts.push(node.textContent ?? "");
    }
    for (const element of document.querySelectorAll("body, body *")) {
      for (const name of ["aria-label", "title", "placeholder", "alt", "data-label"]) {
        texts.push(element.getAttribute(name) ?? "");
      }
    }
    return texts.map((text) => text.trim()).filter((text) => text !== "");
  });
}

/** A page in German says nothing in English, and no key or parameter in place of words. */
async function expectGerman(page: Page): Promise<void> {
  const english = wordsOf(ENGLISH, GERMAN);
  const texts = await said(page);
  expect(texts.length, "the page says something").toBeGreaterThan(3);
  const wrong = texts.filter((text) => english.has(text) || GERMAN.has(text) || /\{\{|\}\}|\{\d\}/.test(text));
  expect(wrong, page.url()).toEqual([]);
}

test("who chooses German reads German: pages, messages, problems and dates; the others read on in English", async ({
  amy,
  sam,
  dana,
}) => {
  const workitem = await monitored(amy, sam, dana);
  await chooseGerman(amy);
  const { page } = amy;
  await expect(page.locator("html")).toHaveAttribute("dir", "ltr");
  await expect(page).toHaveTitle("Einstellungen · Sideline");

  // To another page without loading a document.
  await page.evaluate(() => Object.assign(window, { kept: true }));
  await page.getByRole("banner").getByRole("link", { name: "Arbeitsplatz" }).click();
  const list = page.getByRole("navigation", { name: "Meine Vorgänge" });
  await list.getByRole("link").filter({ hasText: dana.name }).click();
  const log = page.getByRole("log", { name: "Unterhaltung", exact: true });
  await expect(log.locator('[data-entry="monitoring-started"]')).toContainText("Sam Stone hat die Beobachtung begonnen");
  expect(await page.evaluate(() => "kept" in window)).toBe(true);

  // What comes live.
  await sam.coach("Offer her a refund.");
  const coaching = log.locator('[data-entry="coaching"]').filter({ hasText: "Offer her a refund." });
  await expect(coaching).toContainText("Coaching · nur Sie und Supervisoren sehen das");
  await coaching.getByRole("button", { name: "Daumen hoch" }).click();
  await expect(sam.coaching.transcript.coaching("Offer her a refund.").article).toContainText("Thumbs up from Amy Adler");

  // A notice, and a problem with a number in it.
  await coaching.getByRole("button", { name: "Weitere Aktionen" }).click();
  await page.getByRole("menuitem", { name: "Kopieren" }).click();
  await expect(page.getByText("Kopiert", { exact: true })).toBeVisible();
  const box = page.getByRole("textbox", { name: "Nachricht an den Kunden", exact: true });
  await box.fill("ä".repeat(4_001));
  await expect(page.getByRole("alert").filter({ hasText: "Zu lang: 4.001 von 4.000 Zeichen." })).toBeVisible();
  await box.fill("");

  // A day later.
  const tomorrow = new Date(Date.now() + 86_400_000);
  await page.clock.setFixedTime(tomorrow);
  await expect(coaching.locator("time").first()).toHaveText(/^\d{1,2}\. \p{L}+\.?( \d{4})?, \d\d:\d\d$/u);
  await sam.page.clock.setFixedTime(tomorrow);
  const same = sam.coaching.transcript.coaching("Offer her a refund.").article;
  await expect(same.locator("time").first()).toHaveText(/^\d{1,2} \p{L}+( \d{4})?, \d\d:\d\d$/u);

  // The choice is the user's: it outlives the page and the session.
  await amy.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.getByRole("textbox", { name: "Nachricht an den Kunden", exact: true })).toBeVisible();
  const again = await amy.openWindow(`/workspace/${workitem.id}`);
  await expect(again.page.getByRole("navigation", { name: "Meine Vorgänge" })).toBeVisible();

  await expect(sam.page.locator("html")).toHaveAttribute("lang", "en");
  await expect(sam.coaching.composer.text).toBeVisible();
});

test("U27 in German at 390 pixels no word of the tools lies over another", async ({ amy }) => {
  await amy.page.setViewportSize({ width: 390, height: 844 });
  await amy.signIn();
  await chooseGerman(amy);
  const words = amy.page.locator(".header__tools :is(.button__label, .header__word)");
  await expect(words).toHaveText(["Wähltastatur", "Unterstützung", "Kollegen"]);
  const places = await words.evaluateAll((all) => all.map((word) => word.getBoundingClientRect().toJSON() as DOMRect));
  for (const [place, word] of places.entries()) {
    expect(word.width).toBeGreaterThan(20);
    if (place > 0) expect(word.left).toBeGreaterThanOrEqual(places[place - 1].right);
  }
});

test("the browser's language counts until somebody chooses one, and again afterwards", async ({ browser, program }) => {
  const context = await browser.newContext({ baseURL: program.url, locale: "de-AT" });
  const page = await context.newPage();
  await page.goto("/login");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expectGerman(page);
  await page.getByRole("textbox", { name: "Benutzername" }).fill("amy");
  await page.getByRole("textbox", { name: "Passwort" }).fill("not it at all");
  await page.getByRole("button", { name: "Anmelden" }).click();
  await expect(page.getByRole("alert")).toHaveText("Benutzername oder Passwort ist falsch.");
  await page.getByRole("textbox", { name: "Passwort" }).fill("sideline-demo");
  await page.getByRole("button", { name: "Anmelden" }).click();
  await expect(page.getByRole("navigation", { name: "Meine Vorgänge" })).toBeVisible();

  await page.goto("/settings");
  await page.getByRole("combobox", { name: "Sprache" }).selectOption("English");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByRole("combobox", { name: "Language" }).selectOption("Same as browser");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await context.close();

  const english = await browser.newContext({ baseURL: program.url, locale: "fr-FR" });
  const login = new LoginPage(await english.newPage());
  await login.open();
  await expect(login.signInButton).toBeVisible();
  await expect(login.page.locator("html")).toHaveAttribute("lang", "en");
  await english.close();
});

test("no page in German says an English word of the interface, or a key", async ({ amy, sam, ada, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  for (const person of [amy, sam, ada]) {
    if (person === ada) await ada.signIn();
    await chooseGerman(person);
    await expectGerman(person.page);
  }
  const amysId = await amy.id();
  const pages: [Person, string, RegExp][] = [
    [amy, "/workspace", /Arbeitsplatz/],
    [amy, `/workspace/${workitem.id}`, / · Sideline/],
    [sam, "/dashboard", /Dashboard/],
    [sam, `/coaching/${amysId}`, /Coaching für Amy Adler/],
    [sam, `/coaching/${amysId}/${workitem.id}`, /Coaching: /],
    [ada, "/admin/templates", /Vorlagen für Unterstützung/],
    [ada, "/admin/users", /Benutzer/],
    [ada, "/admin/teams", /Teams/],
    [ada, "/admin/channels", /Kanäle/],
    [ada, "/admin/settings", /Organisation/],
  ];
  for (const [person, path, title] of pages) {
    await person.goto(path);
    await expect(person.page).toHaveTitle(title);
    await expectGerman(person.page);
  }

  amy.expectProblem(/404/);
  await amy.page.goto("/no/such/page");
  await expect(amy.page).toHaveTitle(/Nicht gefunden/);
  await expectGerman(amy.page);

  // What opens on a page.
  await amy.goto("/workspace");
  const banner = amy.page.getByRole("banner");
  for (const button of ["Wähltastatur", "Unterstützung", "Firmenverzeichnis", "Benutzermenü"]) {
    await banner.getByRole("button", { name: button, exact: true }).click();
    await expectGerman(amy.page);
    await amy.page.keyboard.press("Escape");
  }
  ada.expectProblem(/422/);
  for (const [path, button] of [
    ["/admin/templates", "Neue Vorlage"],
    ["/admin/users", "Neuer Benutzer"],
    ["/admin/teams", "Neues Team"],
    ["/admin/channels", "Neuer Kanal"],
  ] as const) {
    await ada.goto(path);
    await ada.page.getByRole("button", { name: button }).click();
    await ada.page.getByRole("button", { name: "Speichern" }).click();
    await expectGerman(ada.page);
  }
});

test("a customer whose browser speaks German reads German, on the page and from its script", async ({ amy, greta }) => {
  await greta.openChat();
  const chat = new ChatPage(greta.page, "de");
  const html = greta.page.locator("html");
  await expect(html).toHaveAttribute("lang", "de");
  await expect(html).toHaveAttribute("dir", "ltr");
  await expect(chat.log).toContainText("Guten Tag! Sagen Sie uns Ihren Namen und wie wir helfen können.");
  await expect(chat.content).not.toContainText(ENGLISH_WORDS);

  // What the script says: on its way, waiting, introduced.
  await chat.begin(greta.name, "Wo bleibt mein Sofa?");
  await expect(chat.content).toContainText("Sie schreiben als Greta Groß");
  await expect(chat.status).toHaveText("Wir haben Ihre Nachricht. Hier wird Ihnen jemand antworten.");
  await amy.signIn();
  await amy.openWorkitem("Greta Groß");
  await amy.answer("Morgen!");
  await expect(chat.message("Morgen!")).toBeVisible();
  await expect(chat.message("Morgen!").locator("time")).toHaveText(/^\d\d:\d\d$/);
  await expect(chat.content).not.toContainText(ENGLISH_WORDS);

  // What the host refuses comes in German as well.
  greta.expectProblem(/422/);
  await chat.send("x".repeat(4_001));
  await expect(chat.status).toHaveText("Ihre Nachricht ist zu lang: 4.001 von 4.000 Zeichen.");
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
  await expect(chat.question).not.toContainText(ENGLISH_WORDS);
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
