// Figures of requests, coaching and conversations: who reads them, for which days, and as what.

import { readFile } from "node:fs/promises";

import { expectNoViolations } from "../fixtures/axe.ts";
import { monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

test("a supervisor reads what coaching and requests came to, and takes the numbers along", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await sam.coach("Offer a refund.");
  await amy.workspace.transcript.coaching("Offer a refund.").thumbsUp.click();
  await sam.goto("/dashboard");
  await sam.page.getByRole("link", { name: "Analytics" }).click();
  await expect(sam.page).toHaveTitle("Analytics · Sideline");

  const coaching = sam.page.getByRole("region", { name: "Coaching", exact: true });
  const bySam = coaching.getByRole("table", { name: "Supervisor" }).getByRole("row", { name: /^Sam Stone/ });
  await expect(bySam).toBeVisible();
  await expect(coaching.getByText(/in all, most on/)).toBeVisible();
  await coaching.getByText("Numbers").click();
  await expect(coaching.getByRole("table", { name: "Coaching messages" })).toBeVisible();
  await expect(sam.page.getByRole("region", { name: "Conversations", exact: true }).getByRole("row", { name: /^Chat/ })).toBeVisible();

  // The page asks for the days of the browser's time zone, and keeps what was chosen.
  await sam.page.getByRole("link", { name: "Last 7 days" }).click();
  await expect(sam.page).toHaveURL(/from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d/);
  const file = sam.page.waitForEvent("download");
  await coaching.getByRole("link", { name: "CSV" }).click();
  const content = await readFile(await (await file).path(), "utf8");
  expect(content.split("\r\n")[0]).toContain("author_name");
  expect(content).toContain("Sam Stone");
  expect(content).not.toContain("Offer a refund.");

  sam.expectProblem(/422/);
  await sam.page.getByRole("textbox", { name: "Time zone" }).fill("Europe/Atlantis");
  await sam.page.getByRole("button", { name: "Show" }).click();
  await expect(sam.page.getByRole("alert")).toContainText("no such time zone");
  await expect(sam.page.getByRole("textbox", { name: "Time zone" })).toHaveValue("Europe/Atlantis");
});

test("a supervisor who reads figures can be asked, learns of a raised hand, and goes to where it is answered", async ({ amy, sam, sue }) => {
  await amy.signIn();
  await sue.signIn();
  await sam.signIn();
  await sam.goto("/analytics");
  // Sue leaves later than sam left the app: once she is seen as gone, he would be gone as well.
  await sue.page.goto("about:blank");
  await amy.header.assistance.click();
  await amy.assistance.oneSupervisor.check();
  await expect(amy.assistance.option("Sue Silva")).toContainText("Offline");
  await expect(amy.assistance.option("Sam Stone")).toContainText("Available");
  await amy.page.keyboard.press("Escape");
  await expect(amy.assistance.dialog).toBeHidden();
  const header = sam.page.getByRole("banner");
  await expect(header.getByRole("link", { name: "Sam Stone" })).toBeVisible();
  await expect(header.getByRole("link", { name: "Dashboard" })).toHaveAttribute("aria-current", "true");
  await amy.raiseHand();
  const sign = header.getByRole("link", { name: "1 request waits for help" });
  await expect(sign).toBeVisible();
  await expect(sam.page).toHaveTitle("(1) Analytics · Sideline");
  await expectNoViolations(sam.page, "/analytics with a raised hand");
  await sam.page.setViewportSize({ width: 320, height: 640 });
  await expect(sign).toBeInViewport();
  await sam.page.setViewportSize({ width: 1280, height: 720 });
  await sign.click();
  await expect(sam.page).toHaveURL("/dashboard");
});

test("requests stand by team, and conversations with how long they waited and were handled", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await amy.answer("Just a moment.");
  await amy.raiseHand();
  await sam.page.goto("/analytics");
  const requests = sam.page.getByRole("region", { name: "Requests for assistance", exact: true });
  await expect(requests.getByRole("table", { name: "Team" }).getByRole("row", { name: /^Care [1-9]/ })).toBeVisible();
  const file = sam.page.waitForEvent("download");
  await requests.getByRole("link", { name: /^CSV\s*:/ }).click();
  const lines = (await readFile(await (await file).path(), "utf8")).trimEnd().split("\r\n");
  expect(lines[0]).toMatch(/,ended_how,template_id,teams$/);
  expect(lines.at(-1)).toMatch(/Amy Adler.*,care$/);
  const conversations = sam.page.getByRole("region", { name: "Conversations", exact: true });
  for (const name of ["Waiting (median)", "Waiting (90% within)", "Handle time (median)", "Handle time (90% within)"]) {
    await expect(conversations.getByRole("term").filter({ hasText: name })).toBeVisible();
    await expect(conversations.getByRole("columnheader", { name })).toBeVisible();
  }
});

test("what coaching changed is drawn, said in words, and in a table of the same numbers", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await amy.answer("Just a moment.");
  await sam.coach("Offer a refund.");
  await amy.workspace.wrapUp();
  await amy.workspace.close();
  await sam.page.goto("/analytics");
  const around = sam.page.getByRole("region", { name: "Before and after coaching", exact: true });
  for (const name of ["First answer on average", "Duration on average"]) {
    const figure = around.getByRole("figure", { name });
    await expect(figure).toContainText(/Agents with conversations before and after: \d+/);
    await figure.getByText("Numbers").click();
    await expect(figure.getByRole("table", { name }).getByRole("row", { name: /^Amy Adler/ })).toBeVisible();
  }
  await expectNoViolations(sam.page, "/analytics");
  // What is drawn is there in the system's colours as well, and one tells before from after without colours.
  await sam.page.emulateMedia({ forcedColors: "active" });
  const fill = (bar: string) => around.locator(bar).first().evaluate((element) => getComputedStyle(element).fill);
  expect(await fill(".analytics__bar--before")).not.toBe(await fill(".analytics__bar:not(.analytics__bar--before)"));
});

test("figures are nobody's who has no authority, and each supervisor's own", async ({ amy, sam, sid, dana }) => {
  await monitored(amy, sam, dana);
  await sam.coach("Offer a refund.");
  await sid.signIn();
  await sid.page.goto("/analytics");
  await expect(sid.page.getByRole("heading", { name: "Analytics", level: 1 })).toBeVisible();
  await expect(sid.page.getByText("Sam Stone")).toHaveCount(0);
  amy.expectProblem(/404/);
  const answer = await amy.page.goto("/analytics");
  expect(answer?.status()).toBe(404);
  await expect(amy.page.getByRole("heading", { name: "Analytics" })).toHaveCount(0);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe-core finds nothing about figures in the ${colorScheme} theme, and they fit`, async ({ amy, sam, dana }) => {
    await sam.page.emulateMedia({ colorScheme });
    await monitored(amy, sam, dana);
    await sam.coach("Offer a refund.");
    await sam.page.goto("/analytics");
    await expectNoViolations(sam.page, "/analytics");
    for (const width of [390, 320]) {
      await sam.page.setViewportSize({ width, height: 640 });
      // Wide tables scroll in themselves.
      const wide = await sam.page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, `the page at ${width}`).toBeLessThanOrEqual(width);
    }
  });
}
