// The host's own pages, which load no app: their readers are there for others, and are shown what comes meanwhile.

import { expectNoViolations } from "../fixtures/axe.ts";
import type { Person } from "../fixtures/person.ts";
import { monitored } from "../fixtures/scenes.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import { LoginPage } from "../pages/login.ts";
import { SavedTextsPage } from "../pages/saved-texts.ts";

test("an agent whose only page is that of her texts stays there, and is shown the work that she is given", async ({
  amy,
  ben,
  sam,
  dana,
}) => {
  await sam.signIn();
  await amy.signIn();
  await ben.signIn();
  await amy.goto("/texts");
  // Ben leaves later than amy left the app: once he is seen as gone, she would be gone as well.
  await ben.page.goto("about:blank");
  await expect(sam.dashboard.agent("Ben Brooks").cell("Presence")).toContainText("Offline");
  await expect(sam.dashboard.agent("Amy Adler").cell("Presence")).toContainText("Available");

  await dana.begin("Where is my parcel?");
  const line = amy.header.root.getByRole("link", { name: /^New workitem: .*Dana Dietz/ });
  await expect(line).toBeVisible();
  await expect(amy.page).toHaveTitle("(1) Saved texts · Sideline");
  await expectNoViolations(amy.page, "/texts with new work");
  await amy.page.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(amy.page, "/texts with new work");
  await amy.page.setViewportSize({ width: 1280, height: 720 });

  // The form leads to the page once more, and the work is still new.
  const texts = new SavedTextsPage(amy.page);
  await texts.title.fill("Parcels");
  await texts.text.fill("I am looking for your parcel.");
  await texts.saveButton.click();
  await expect(texts.row("Parcels")).toBeVisible();
  await expect(amy.page).toHaveTitle("(1) Saved texts · Sideline");
  const { id } = await amy.workitemWith(dana.name);
  await line.click();
  await expect(amy.page).toHaveURL(`/workspace/${id}`);
  await expect(amy.workspace.transcript.customer("Where is my parcel?")).toBeVisible();
  // She has been where it leads.
  await amy.goto("/texts");
  await expect(amy.page).toHaveTitle("Saved texts · Sideline");
  await expect(line).toHaveCount(0);
});

test("a message reaches somebody on a page of the host, until it is read", async ({ ben, sam }) => {
  await ben.signIn();
  await sam.signIn();
  await sam.goto("/analytics");
  await ben.directory.write("Sam Stone", "Do you have a minute?");
  const line = sam.header.root.getByRole("link", { name: "Message from Ben Brooks" });
  await expect(line).toBeVisible();
  await ben.directory.write("Sam Stone", "Or two?");
  await expect(sam.page).toHaveTitle("(2) Analytics · Sideline");
  await expect(line).toHaveCount(1);
  const other = await sam.openWindow("/dashboard");
  await other.directory.openConversation("Ben Brooks");
  await expect(line).toHaveCount(0);
  await expect(sam.page).toHaveTitle("Analytics · Sideline");
});

test("E23 an agent on a page of the host is led to coaching, until she has seen it", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  const workitem = await amy.workitemOn("chat");
  await sam.monitor(amy, workitem);
  await amy.goto("/texts");
  await sam.coach("Apologise first.");
  const line = amy.header.root.getByRole("link", { name: /^Coaching from Sam Stone in / });
  await expect(line).toContainText(workitem.subject);
  await expect(amy.page).toHaveTitle("(1) Saved texts · Sideline");
  await sam.coach("Then ask for the number.");
  await expect(amy.page).toHaveTitle("(2) Saved texts · Sideline");
  await expect(line).toHaveCount(1);
  await expect(amy.page.locator("body")).not.toContainText(/Apologise first|ask for the number/);
  await expectNoViolations(amy.page, "/texts with coaching");

  // What was there before the page counts as well, as in the app.
  await amy.reload();
  await expect(line).toBeVisible();
  await expect(amy.page).toHaveTitle("(2) Saved texts · Sideline");
  const other = await amy.openWindow("/settings");
  const notice = other.page.getByRole("region", { name: "Coaching from Sam Stone" });
  await expect(other.page).toHaveTitle(/^\(2\) /);
  await notice.getByRole("button", { name: "Dismiss" }).click();
  const mark = amy.header.root.getByRole("link", { name: /^Coaching in / });
  await expect(mark).toContainText(workitem.subject);
  await expect(line).toHaveCount(0);
  await expect(amy.page).toHaveTitle("(2) Saved texts · Sideline");

  await sam.coach("And thank her.");
  await expect(amy.page).toHaveTitle("(3) Saved texts · Sideline");
  await line.click();
  await expect(amy.page).toHaveURL(`/workspace/${workitem.id}`);
  await expect(sam.coaching.transcript.coaching("And thank her.").article).toContainText(/Seen /);
  await amy.goto("/texts");
  await expect(amy.page).toHaveTitle("Saved texts · Sideline");
  await sam.coach("Well done.");
  await expect(amy.page).toHaveTitle("(1) Saved texts · Sideline");
  await other.page.goto(`/workspace/${workitem.id}`);
  await expect(line).toHaveCount(0);
  await expect(amy.page).toHaveTitle("Saved texts · Sideline");
});

test("E23 an agent who sees to her second factor is led to coaching", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  const workitem = await amy.workitemOn("chat");
  await sam.monitor(amy, workitem);
  await amy.goto("/settings/second-factor");
  await sam.coach("Apologise first.");
  const line = amy.header.root.getByRole("link", { name: /^Coaching from Sam Stone in / });
  await expect(line).toContainText(workitem.subject);
  await expect(amy.page).toHaveTitle("(1) Second factor · Sideline");
  await expectNoViolations(amy.page, "/settings/second-factor with coaching");
  await amy.page.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(amy.page, "/settings/second-factor with coaching");
  await amy.page.setViewportSize({ width: 1280, height: 720 });
  await line.click();
  await expect(amy.page).toHaveURL(`/workspace/${workitem.id}`);
});

test("E23 a coach on a page of the host is led to the reply, until it was read", async ({ amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await sam.coach("Offer a refund.");
  await sam.goto("/analytics");
  await amy.workspace.coachOpener.click();
  await amy.workspace.toCoach.send("She had one already.");
  const line = sam.header.root.getByRole("link", { name: /^Amy Adler replied to your coaching in / });
  await expect(line).toContainText(workitem.subject);
  await expect(sam.page).toHaveTitle("(1) Analytics · Sideline");
  await amy.workspace.toCoach.send("A week ago.");
  await expect(sam.page).toHaveTitle("(2) Analytics · Sideline");
  await expect(line).toHaveCount(1);
  await expect(sam.page.locator("body")).not.toContainText(/She had one already|A week ago/);
  await line.click();
  await expect(sam.page).toHaveURL(`/coaching/${await amy.id()}/${workitem.id}`);
  await expect(amy.workspace.transcript.reply("A week ago.")).toContainText("Seen by Sam Stone");

  await sam.goto("/analytics");
  await expect(sam.page).toHaveTitle("Analytics · Sideline");
  await amy.workspace.toCoach.send("Never mind.");
  await expect(line).toBeVisible();
  const other = await sam.openWindow("/settings");
  const card = other.page.getByRole("region", { name: "Reply from Amy Adler" });
  await card.getByRole("button", { name: "Mark as read" }).click();
  await expect(line).toHaveCount(0);
  await expect(sam.page).toHaveTitle("Analytics · Sideline");
});

test("a page of the host says that the session is over, and keeps what was typed", async ({ sam }) => {
  await sam.signIn();
  const { page } = await sam.openWindow("/texts");
  const texts = new SavedTextsPage(page);
  await texts.title.fill("Half a title");
  await sam.header.signOut();
  await sam.page.getByRole("dialog", { name: "Sign out?" }).getByRole("button", { name: "Discard and sign out" }).click();
  const header = page.getByRole("banner");
  await expect(header.getByText("You were signed out in another window.")).toBeVisible();
  await expect(texts.title).toHaveValue("Half a title");
  page.once("dialog", (question) => void question.accept());
  await header.getByRole("link", { name: "Sign in" }).click();
  await expect(new LoginPage(page).signInButton).toBeVisible();
});

test("a page of the host is live again after the host was away", async ({ sam, amy, program }) => {
  await amy.signIn();
  await sam.signIn();
  await sam.goto("/analytics");
  const gone = /WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE/;
  for (const person of [amy, sam]) person.expectProblem(gone);
  await program.restart();
  await expect(amy.header.connection).toBeHidden();
  await amy.directory.write("Sam Stone", "Are you back?");
  await expect(sam.header.root.getByRole("link", { name: "Message from Amy Adler" })).toBeVisible();
});

test("the header of a host's page takes one row at little height, and leaves the pages to the thumb on a phone", async ({
  ada,
  amy,
  sam,
}) => {
  const tops = (person: Person) =>
    person.header.root
      .getByRole("navigation")
      .getByRole("link")
      .evaluateAll((links) => links.map((link) => Math.round(link.getBoundingClientRect().top)));
  // Below the rest of the header stands what is new.
  const top = async (person: Person) => {
    const [main, lines] = [person.page.getByRole("main"), person.header.root.locator("[data-live]")];
    const news = await lines.evaluate((element) => element.getBoundingClientRect().height);
    return (await main.evaluate((element) => element.getBoundingClientRect().top)) - news;
  };
  for (const person of [ada, sam, amy]) await person.signIn();
  await amy.raiseHand();
  for (const [person, path] of [
    [ada, "/admin/labels"],
    [sam, "/texts"],
  ] as const) {
    await person.page.goto(path);
    const links = person.header.root.getByRole("navigation").getByRole("link");
    const name = person.header.root.getByText(person.name, { exact: true });
    const main = person.page.getByRole("main");

    await person.page.setViewportSize({ width: 320, height: 256 });
    await expectNothingSideways(person.page, `${path} at 320 by 256`);
    expect(new Set(await tops(person)).size, path).toBe(1);
    for (const link of await links.all()) await expect(link).toBeInViewport({ ratio: 1 });
    expect(await top(person), path).toBeLessThanOrEqual(64);
    await expectNoViolations(person.page, `${path} at 320 by 256`);

    for (const [width, height] of [
      [320, 640],
      [390, 844],
    ] as const) {
      const where = `${path} at ${width} by ${height}`;
      await person.page.setViewportSize({ width, height });
      await expectNothingSideways(person.page, where);
      await expect(name, where).toBeInViewport({ ratio: 1 });
      for (const link of await links.all()) await expect(link, where).toBeInViewport({ ratio: 1 });
      expect(await top(person), where).toBeLessThanOrEqual(64);
      const highest = Math.min(...(await tops(person)));
      expect(highest, where).toBeGreaterThan(height / 2);
      // What has the focus stands above them.
      const last = main.getByRole("button").last();
      await last.focus();
      const ends = await last.evaluate((element) => element.getBoundingClientRect().bottom);
      expect(ends, where).toBeLessThanOrEqual(highest);
      // What has the focus already is not scrolled to once more.
      await last.blur();
      await person.page.evaluate(() => scrollTo(0, 0));
    }
  }
});
