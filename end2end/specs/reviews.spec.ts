// Flags for review: a supervisor flags, another one sees it live and marks it as reviewed, the history finds it, and neither agent
// nor customer sees anything of it.

import { expectNoViolations } from "../fixtures/axe.ts";
import { monitored } from "../fixtures/scenes.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import { newKey } from "../fixtures/wire.ts";

const WHY = "Ask why she was not called back.";

test("sam flags a conversation, sue sees it live and marks it as reviewed, and amy and dana see nothing of it", async ({ amy, sam, sue, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await sue.signIn();
  await sue.monitor(amy, workitem);
  const { review } = sam.coaching;

  // Escape and Cancel close the form, what was typed stays, and the focus returns.
  await review.flagButton.click();
  await expect(review.comment).toBeFocused();
  await expect(review.section).toContainText("neither the agent nor the customer does");
  await sam.page.keyboard.type(WHY);
  await expectNoViolations(sam.page, "the Coaching Page with the form");
  await sam.page.keyboard.press("Escape");
  await expect(review.comment).toHaveCount(0);
  await expect(review.flagButton).toBeFocused();
  await review.flagButton.click();
  await expect(review.comment).toHaveValue(WHY);
  await review.cancel.click();
  await expect(review.flagButton).toBeFocused();

  // Sue is about to do the same, and learns who was first.
  await sue.coaching.review.flagButton.click();
  await sue.coaching.review.comment.fill("Me too.");
  await review.flagButton.click();
  await review.save.click();
  await expect(review.section).toContainText("Flagged for review");
  await expect(review.section).toBeFocused();
  await expect(review.flagButton).toHaveCount(0);
  await expect(sue.coaching.review.section).toContainText(WHY);
  await expect(sue.coaching.review.section).toContainText("by Sam Stone");
  sue.expectProblem(/409/);
  await sue.coaching.review.save.click();
  await expect(sue.coaching.review.section.getByRole("alert")).toContainText("Sam Stone has flagged this workitem for review already.");
  await sue.coaching.review.cancel.click();

  await sue.coaching.review.finishButton.click();
  await expect(review.section).toContainText("Reviewed");
  await expect(review.section).toContainText("by Sue Silva");
  await expect(review.finishButton).toHaveCount(0);
  await expect(review.flagButton).toBeVisible();
  await expectNoViolations(sam.page, "the Coaching Page with a flag");

  // Both get what comes next, and nothing before it.
  await amy.answer("Let me see what I can do.");
  await expect(dana.chat.message("Let me see what I can do.")).toBeVisible();
  for (const page of [amy.page, dana.page]) {
    await expect(page.locator("body")).not.toContainText(/Flag for review|Flagged|called back/);
  }
  await amy.reload();
  await expect(amy.workspace.transcript.customer("Where is my parcel?")).toBeVisible();
  await expect(amy.page.locator("body")).not.toContainText(/Flag for review|Flagged|called back/);
});

test("what is closed is flagged where it is read, and the history finds it by its flag", async ({ amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await amy.workspace.wrapUp();
  await amy.workspace.close();
  await sam.goto(`/history/${workitem.id}`);
  await sam.history.review.flag(`<b>${"w".repeat(200)}</b>`);
  await expect(sam.history.review.section).toContainText("<b>www");
  await sam.page.setViewportSize({ width: 320, height: 640 });
  await expectNothingSideways(sam.page, "a flag for review");
  await sam.page.setViewportSize({ width: 1280, height: 720 });

  await sam.goto("/history");
  await sam.history.moreFilters.click();
  await sam.history.reviewState.selectOption("Flagged for review");
  await sam.history.searchButton.click();
  await expect(sam.page).toHaveURL("/history?review=flagged");
  await expect(sam.history.hits).toHaveCount(1);
  await expect(sam.history.hits).toContainText("Flagged for review");
  await sam.history.open("Where is my parcel?");
  await sam.history.review.finishButton.click();
  await expect(sam.history.review.section).toContainText("Reviewed");
  await sam.goto("/history?review=flagged");
  await expect(sam.history.nothing).toBeVisible();
  await sam.goto("/history?review=reviewed");
  await expect(sam.history.hits).toContainText("Reviewed");

  // Agents have no such choice, and an address gets them nothing.
  await amy.page.goto("/history?review=reviewed");
  await expect(amy.history.nothing).toBeVisible();
  await expect(amy.history.reviewState).toHaveCount(0);
});

test("a comment that is too long is named with its limit, and nothing typed is lost", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  const { review } = sam.coaching;
  sam.expectProblem(/422/);
  await review.flag("x".repeat(501));
  await expect(review.section.getByRole("alert")).toContainText("501 of 500");
  await expect(review.comment).toHaveValue("x".repeat(501));
  const { id } = await amy.workitemWith("Dana Dietz");
  await amy.refused("reviews/review_flag", { workitem: id, key: newKey(), comment: "Mine" }, 404);
});
