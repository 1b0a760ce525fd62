// Work that changes hands while somebody coaches: what was written for one agent is neither sent to another nor said of them.

import { monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

test("F23 M23 coaching that was begun for amy goes to ben only when sam says so", async ({ amy, ben, sam, dana }) => {
  await monitored(amy, sam, dana);
  await ben.signIn();
  const box = sam.coaching.composer;
  await expect(box.text).toHaveAttribute("placeholder", /Amy Adler/);
  await box.text.fill("Amy, be quicker.");
  await amy.workspace.transferTo("agent", "Ben Brooks");
  await expect(box.text).toHaveAttribute("placeholder", /Ben Brooks/);
  await box.text.press("Enter");
  await expect(box.scope).toContainText("Ben Brooks has this workitem now; you wrote this for Amy Adler.");
  await expect(box.text).toHaveValue("Amy, be quicker.");
  await ben.openWorkitem(dana.name);
  await expect(ben.workspace.transcript.monitoringStarted("Sam Stone").first()).toBeVisible();
  await expect(ben.workspace.transcript.allCoaching).toHaveCount(0);

  await box.text.fill("Ben, be quick.");
  await box.text.press("Enter");
  await expect(ben.workspace.transcript.coaching("Ben, be quick.").article).toBeVisible();
  await box.send("And be kind.");
  await expect(ben.workspace.transcript.coaching("And be kind.").article).toBeVisible();
});

test("F23 M23 coaching that waited for the network while the work went to ben comes back to sam", async ({ amy, ben, sam, dana }) => {
  await monitored(amy, sam, dana);
  await ben.signIn();
  sam.expectProblem(/ERR_INTERNET_DISCONNECTED|409/);
  await sam.context.setOffline(true);
  const box = sam.coaching.composer;
  await box.send("Amy, be quicker.");
  await amy.workspace.transferTo("agent", "Ben Brooks");
  await ben.openWorkitem(dana.name);
  await sam.context.setOffline(false);
  await expect(box.scope).toContainText("Somebody else has this workitem by now.");
  await expect(ben.workspace.transcript.allCoaching).toHaveCount(0);
  await box.scope.getByRole("button", { name: "Back to draft" }).click();
  await box.text.fill("Ben, be quick.");
  await box.text.press("Enter");
  await expect(ben.workspace.transcript.coaching("Ben, be quick.").article).toBeVisible();
});

test("E23 a reaction stays that of the agent who gave it", async ({ amy, ben, sam, dana }) => {
  await monitored(amy, sam, dana);
  await ben.signIn();
  await sam.coach("Offer a refund.");
  await amy.workspace.transcript.coaching("Offer a refund.").thumbsUp.click();
  const theirs = sam.coaching.transcript.coaching("Offer a refund.").article;
  await expect(theirs).toContainText("Thumbs up from Amy Adler");
  await amy.workspace.transferTo("agent", "Ben Brooks");
  await ben.openWorkitem(dana.name);
  const bens = ben.workspace.transcript.coaching("Offer a refund.");
  await expect(bens.article).toContainText("Thumbs up from Amy Adler");
  await expect(bens.thumbsUp).toHaveCount(0);
  await expect(theirs).toContainText("Thumbs up from Amy Adler");
  await sam.coach("Be kind.");
  await ben.workspace.transcript.coaching("Be kind.").thumbsDown.click();
  await expect(sam.coaching.transcript.coaching("Be kind.").article).toContainText("Thumbs down from Ben Brooks");
});
