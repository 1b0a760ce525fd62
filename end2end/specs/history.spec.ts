// The history: who finds what in open and closed work, where it opens, and what nobody finds.

import { conversation, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

/** 1280 by 1024 at 400 %. */
const SMALL = { width: 320, height: 256 };

test("E13 what was said is found in open and closed work and opens at the place", async ({ amy, sam, sid, dana }) => {
  const chat = await monitored(amy, sam, dana);
  await amy.answer("The Zoë lamp comes with a spare fuse.");
  await dana.write("Does the ZOE lamp come in <b>green</b>?");
  await expect(amy.workspace.transcript.customer("ZOE lamp")).toBeVisible();

  // Amy, in her own open work.
  await amy.history.link.click();
  await expect(amy.page).toHaveURL("/history");
  await expect(amy.page).toHaveTitle("History · Sideline");
  await amy.history.search('zoe "spare fuse"');
  await expect(amy.page).toHaveURL("/history?words=zoe+%22spare+fuse%22");
  await expect(amy.history.said).toHaveText("1 result");
  await expect(amy.history.hits.locator("mark")).toHaveText(["Zoë", "spare fuse"]);
  await amy.history.search("lamp gre*");
  await expect(amy.history.hits.locator("mark")).toHaveText(["lamp", "green"]);
  await expect(amy.history.hits).toContainText("Does the ZOE lamp come in <b>green</b>?");
  await amy.page.goBack();
  await expect(amy.history.words).toHaveValue('zoe "spare fuse"');
  await expect(amy.history.hits.locator("mark")).toHaveText(["Zoë", "spare fuse"]);
  await amy.reload();
  await expect(amy.history.words).toHaveValue('zoe "spare fuse"');
  await amy.history.open("spare fuse");
  await expect(amy.page).toHaveURL(new RegExp(`/workspace/${chat.id}\\?entry=\\d+$`));
  await expect(amy.history.found).toContainText("The Zoë lamp comes");
  await expect(amy.history.found).toBeInViewport();
  await expect(amy.history.found).toBeFocused();

  // Sam, where amy is notified, and, when it is over, where nobody is.
  await sam.history.link.click();
  await sam.history.search("fuse");
  await sam.history.open("spare fuse");
  await expect(sam.page).toHaveURL(new RegExp(`/coaching/${await amy.id()}/${chat.id}\\?entry=\\d+$`));
  await expect(sam.history.found).toContainText("The Zoë lamp comes");
  await amy.workspace.wrapUp();
  await amy.workspace.close();
  await sam.goto("/history?words=fuse");
  await expect(sam.history.hits).toContainText("Agent: Amy Adler");
  await sam.history.open("spare fuse");
  await expect(sam.page).toHaveURL(new RegExp(`/history/${chat.id}\\?entry=\\d+$`));
  await expect(sam.history.found).toContainText("The Zoë lamp comes");
  await expect(sam.page.getByRole("main").getByRole("textbox")).toHaveCount(0);
  await sam.history.back.click();
  await expect(sam.page).toHaveURL("/history?words=fuse");
  await expect(sam.history.hits).toHaveCount(1);

  // Sid of Sales finds nothing of Care, and is told of nothing.
  await sid.signIn();
  await sid.history.link.click();
  await expect(sid.history.hits.first()).toBeVisible();
  await expect(sid.history.hits.filter({ hasText: "Amy Adler" })).toHaveCount(0);
  await sid.history.search("fuse");
  await expect(sid.history.nothing).toBeVisible();
  await expect(sid.history.said).toHaveText("0 results");
  sid.expectProblem(/404/);
  await sid.page.goto(`/history/${chat.id}`);
  await expect(sid.notFound).toBeVisible();
});

test("S23 coaching is found by those who may read it, and only if they ask for it", async ({
  amy,
  sam,
  sid,
  cleo,
  dana,
}) => {
  const chat = await monitored(amy, sam, dana);
  await sam.coach("Offer a velvet cushion.");
  await amy.goto("/history?words=velvet");
  await expect(amy.history.nothing).toBeVisible();
  await amy.history.withCoaching.check();
  await amy.history.searchButton.click();
  await expect(amy.page).toHaveURL("/history?words=velvet&coaching=1");
  await expect(amy.history.hits).toContainText("Offer a velvet cushion.");
  await expect(amy.history.hits).toContainText("Coaching");
  await amy.history.open("velvet");
  await expect(amy.history.found).toContainText("Offer a velvet cushion.");

  await cleo.signIn();
  await sid.signIn();
  await amy.goto(`/workspace/${chat.id}`);
  await amy.workspace.transferTo("agent", "Cleo Costa");
  for (const other of [cleo, sid]) {
    await other.goto("/history?words=parcel");
    await expect(other.history.hits).toHaveCount(1);
    await other.goto("/history?words=velvet&coaching=1");
    await expect(other.history.nothing).toBeVisible();
    await expect(other.history.older).toHaveCount(0);
  }
});

test("E51 reading what is over is in the audit log, and narrowing finds it", async ({ amy, sam, ada }) => {
  await sam.signIn();
  await sam.history.link.click();
  await sam.history.state.selectOption("Closed");
  await sam.history.agent.fill("adler");
  await sam.history.searchButton.click();
  await expect(sam.page).toHaveURL("/history?agent=adler&state=closed");
  await expect(sam.history.hits).toHaveCount(1);
  await sam.history.open("Assembly leaflet is missing");
  await expect(sam.history.transcript.log).toBeVisible();
  await expect(sam.history.found).toHaveCount(0);
  await sam.history.link.click();
  await sam.history.customer.fill("cast");
  await sam.history.channel.selectOption("Chat");
  await sam.history.searchButton.click();
  await expect(sam.history.hits).toHaveCount(1);
  await sam.history.channel.selectOption("Phone");
  await sam.history.searchButton.click();
  await expect(sam.history.nothing).toBeVisible();

  await ada.signIn();
  await expect(ada.history.link).toHaveCount(0);
  await ada.goto("/admin/audit?act=history_read");
  const row = ada.page.getByRole("row").filter({ hasText: "Read a conversation of the history" });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText("Sam Stone");
  // Her own is not recorded.
  await amy.signIn();
  await amy.goto("/history?state=closed");
  await amy.history.open("Assembly leaflet is missing");
  await expect(amy.page).toHaveURL(/\/workspace\//);
  await ada.reload();
  await expect(row).toHaveCount(1);
});

test("a search is narrowed by what became of a request and of coaching", async ({ amy, sam, sid, dana }) => {
  await monitored(amy, sam, dana);
  await sam.coach("Offer a velvet cushion.");
  await amy.workspace.transcript.coaching("Offer a velvet cushion.").thumbsUp.click();
  await expect(sam.coaching.transcript.coaching("Offer a velvet cushion.").article).toContainText("Thumbs up");
  await amy.raiseHand();

  await sam.goto("/history");
  await expect(sam.history.request, "what is seldom needed is folded").toBeHidden();
  await sam.history.moreFilters.click();
  await sam.history.request.selectOption("Open");
  await sam.history.searchButton.click();
  await expect(sam.page).toHaveURL("/history?request=open");
  await expect(sam.history.hit("Where is my parcel?")).toHaveCount(1);
  await sam.history.request.selectOption("Lapsed");
  await sam.history.searchButton.click();
  await expect(sam.page).toHaveURL("/history?request=lapsed");
  await expect(sam.history.hit("Where is my parcel?")).toHaveCount(0);
  await amy.workspace.wrapUp();
  await sam.goto("/history?request=lapsed");
  await expect(sam.history.hit("Where is my parcel?")).toHaveCount(1);
  await expect(sam.history.request).toHaveValue("lapsed");

  await sam.history.request.selectOption("Any");
  await sam.history.reaction.selectOption("Thumbs up");
  await sam.history.searchButton.click();
  await expect(sam.page).toHaveURL("/history?reaction=thumbs_up");
  await expect(sam.history.hit("Where is my parcel?")).toHaveCount(1);
  // Words are then words of that coaching.
  await sam.history.search("velvet");
  await expect(sam.page).toHaveURL("/history?words=velvet&reaction=thumbs_up");
  await expect(sam.history.hits.locator("mark")).toHaveText(["velvet"]);
  await sam.history.reaction.selectOption("Thumbs down");
  await sam.history.searchButton.click();
  await expect(sam.history.nothing).toBeVisible();

  await sid.signIn();
  for (const asked of ["request=any", "reaction=thumbs_up"]) {
    await sid.goto(`/history?${asked}`);
    await expect(sid.history.said).toHaveText(/result/);
    await expect(sid.history.hit("Where is my parcel?")).toHaveCount(0);
  }
});

test("a customer's earlier conversations stand beside the present one", async ({ amy, sam, dana }) => {
  const first = await conversation(amy, dana, "My first question");
  await amy.workspace.wrapUp();
  await amy.workspace.close();
  await dana.chat.startAgain.click();
  await dana.chat.send("My second question");
  // The one before may stand in the list a moment longer.
  await expect(amy.workspace.workitem("My second question")).toBeVisible();
  await amy.openWorkitem(dana.name);
  const second = await amy.workitemWith(dana.name);
  await amy.history.earlier.locator("summary").click();
  const earlier = amy.history.earlier.getByRole("listitem");
  await expect(earlier).toHaveCount(1);
  await expect(earlier).toContainText("Amy Adler");
  await earlier.getByRole("link", { name: "My first question" }).click();
  await expect(amy.page).toHaveURL(`/workspace/${first.id}`);

  await sam.signIn();
  await sam.monitor(amy, second);
  await sam.history.earlier.locator("summary").click();
  await sam.history.earlier.getByRole("link", { name: "My first question" }).click();
  await expect(sam.page).toHaveURL(`/history/${first.id}`);
  await expect(sam.history.transcript.customer("My first question")).toBeVisible();
  await sam.history.earlier.locator("summary").click();
  await expect(sam.history.earlier).toContainText("no earlier conversations");
});

test("a search that asks for nothing says so, and one without a connection is made when there is one", async ({ sam }) => {
  await sam.signIn();
  await sam.history.link.click();
  sam.expectProblem(/422/);
  for (const [words, said] of [
    ["!?", "There is no word in this that could be searched for."],
    ["a*", "Enter at least 2 characters in front of the *."],
    ["x".repeat(201), "Too long: 201 of 200 characters."],
  ] as const) {
    await sam.history.search(words);
    await expect(sam.page.getByRole("alert").filter({ hasText: said })).toBeInViewport();
    await expect(sam.history.words).toHaveAccessibleDescription(new RegExp(said.replace("*", "\\*")));
    await expect(sam.history.words).toHaveValue(words);
  }
  await sam.setOffline(true);
  await sam.history.search("sofa");
  await expect(sam.page.getByRole("button", { name: "Try again" })).toBeVisible();
  await sam.setOffline(false);
  await expect(sam.history.hits.first()).toBeVisible({ timeout: 30_000 });
});

test("E39 at 320 px everything can be reached, and a far place in a long conversation is opened", async ({ amy, dana }) => {
  const chat = await conversation(amy, dana, "The needle is in the first line");
  for (let line = 1; line <= 230; line += 1) {
    const input = { workitem: chat.id, key: crypto.randomUUID(), text: `Line ${line} of many` };
    await amy.ask("workitems/message_send", input);
  }
  await amy.page.setViewportSize(SMALL);
  await amy.goto("/history?words=needle");
  const sideways = await amy.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(sideways).toBe(false);
  await amy.history.searchButton.click({ trial: true });
  await amy.history.open("needle");
  await expect(amy.history.found).toContainText("The needle is in the first line");
  await expect(amy.history.found).toBeInViewport();
  await amy.goto("/history?words=many");
  await expect(amy.history.said).toHaveText("The newest 25 results");
  await amy.history.older.click();
  await expect(amy.page).toHaveURL(/\/history\?words=many&before=-?\d+$/);
  await expect(amy.history.hits.first()).toContainText("Line 205 of many");
});

// Somewhere it is another day than in UTC, and stays so for the length of a test.
const ELSEWHERE = new Date().getUTCHours() < 11 ? "Etc/GMT+12" : "Etc/GMT-14";

test.describe("where it is another day than in UTC", () => {
  test.use({ timezoneId: ELSEWHERE });

  test("E36 days of the history and of the audit log are those of the reader's clock", async ({ amy, ada, dana }) => {
    const zone = encodeURIComponent(ELSEWHERE);
    const shown = `Searched by days in the time zone ${ELSEWHERE}.`;
    await conversation(amy, dana, "Where is my parcel?");
    const today = await amy.page.evaluate(() => new Date().toLocaleDateString("sv"));
    await amy.goto("/history");
    await amy.history.moreFilters.click();
    await expect(amy.history.form).toContainText("Days are in your time zone.");
    await amy.history.from.fill(today);
    await amy.history.to.fill(today);
    await amy.history.searchButton.click();
    await expect(amy.page).toHaveURL(`/history?from=${today}&to=${today}&zone=${zone}`);
    await expect(amy.history.hit("Where is my parcel?")).toHaveCount(1);
    await expect(amy.history.form).toContainText(shown);
    await amy.goto(`/history?from=${today}`);
    await expect(amy.history.form).toContainText("Searched by days in the time zone UTC.");

    await ada.signIn();
    await ada.goto("/admin/audit");
    const filter = ada.page.getByRole("main").getByRole("search");
    await expect(filter).toContainText("Days are in your time zone.");
    await filter.getByLabel("From day").fill(today);
    await filter.getByLabel("To day").fill(today);
    await filter.getByRole("button", { name: "Show" }).click();
    await expect(ada.page).toHaveURL(new RegExp(`[?&]zone=${zone}(&|$)`));
    await expect(filter).toContainText(shown);
    await expect(ada.page.getByRole("row", { name: /Ada Almond/ }).first()).toBeVisible();
  });
});
