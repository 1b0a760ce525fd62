// A customer is asked how a chat was: by keyboard, by finger, in both languages, and for staff alone.

import { expectNoViolations } from "../fixtures/axe.ts";
import { Customer } from "../fixtures/customer.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";
import { newKey } from "../fixtures/wire.ts";
import { ChatPage } from "../pages/chat.ts";
import { History } from "../pages/history.ts";

test("dana rates her chat by keyboard, amy and sam read it at once, and the history finds it", async ({ amy, sam, dana }) => {
  await monitored(amy, sam, dana);
  await amy.answer("It arrives tomorrow.");
  await expect(dana.chat.rating).toBeHidden();
  const tab = await dana.openTab();
  await amy.workspace.wrapUp();
  await expect(dana.chat.rating).toBeVisible();
  await expectNoViolations(dana.page, "the question how it was");

  await dana.chat.score("1 Very poor").focus();
  for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "Tab"]) await dana.page.keyboard.press(key);
  await expect(dana.chat.score("4 Good")).toBeChecked();
  await expect(dana.chat.comment).toBeFocused();
  await dana.page.keyboard.type("Quick help");
  // What was typed outlives a reload.
  await dana.page.reload();
  await expect(dana.chat.comment).toHaveValue("Quick help");
  await dana.chat.score("4 Good").check();
  await dana.chat.sendButton.click();
  await expect(dana.chat.status).toHaveText("Thank you.");
  await expect(dana.chat.rating).toBeHidden();
  await expect(tab.rating).toBeHidden();
  await dana.page.reload();
  await expect(dana.chat.status).toHaveText("Thank you.");
  await expect(dana.chat.rating).toBeHidden();

  const line = "Rated 4 of 5: Quick help";
  await expect(amy.workspace.transcript.notice(line)).toBeVisible();
  await expect(sam.coaching.transcript.notice(line)).toBeVisible();
  await expect(dana.chat.content).not.toContainText("Quick help");

  // Another message begins another conversation.
  await dana.chat.startAgain.click();
  await dana.write("One more thing");
  await expect(dana.chat.status).not.toHaveText("Thank you.");

  await amy.page.goto("/history");
  const history = new History(amy.page);
  await history.moreFilters.click();
  await history.rating.selectOption("4–5");
  await history.searchButton.click();
  await expect(history.hit("Where is my parcel?")).toContainText(line);
  await history.rating.selectOption("1–2");
  await history.searchButton.click();
  await expect(history.hit("Where is my parcel?")).toHaveCount(0);

  await sam.page.goto("/analytics");
  const ratings = sam.page.getByRole("region", { name: "Ratings", exact: true });
  await expect(ratings.getByRole("table", { name: "Agent" }).getByRole("row", { name: /^Amy Adler 1 4\.0 100%/ })).toBeVisible();
});

test("what is wrong with a rating is said, and what was typed stays", async ({ amy, dana }) => {
  await conversation(amy, dana);
  await amy.workspace.wrapUp();
  await dana.chat.score("2 Poor").check();
  await dana.chat.comment.fill("x".repeat(501));
  dana.expectProblem(/422/);
  await dana.chat.sendButton.click();
  await expect(dana.chat.status).toHaveText("Your comment is too long: 501 of 500 characters.");
  await expect(dana.chat.comment).toBeFocused();
  await expect(dana.chat.score("2 Poor")).toBeChecked();
  await dana.chat.comment.fill("Too slow");
  await dana.chat.sendButton.click();
  await expect(amy.workspace.transcript.notice("Rated 2 of 5: Too slow")).toBeVisible();
});

test("each conversation is rated for itself, with a form of its own", async ({ amy, dana }) => {
  await conversation(amy, dana, "First matter");
  const rate = async (score: string, line: string) => {
    await dana.chat.score(score).check();
    await dana.chat.sendButton.click();
    await expect(dana.chat.status).toHaveText("Thank you.");
    await expect(amy.workspace.transcript.notice(line)).toBeVisible();
  };
  const untouched = async () => {
    await expect(dana.chat.rating).toBeVisible();
    await expect(dana.chat.rating.getByRole("radio", { checked: true })).toHaveCount(0);
    await expect(dana.chat.comment).toHaveValue("");
  };
  // Begins and ends a conversation in the place of the one that has ended.
  const another = async (text: string) => {
    await dana.chat.startAgain.click();
    await dana.write(text);
    await dana.chat.end();
    await expect(dana.chat.log).toContainText("This conversation has ended.");
  };
  await dana.chat.end();
  await rate("1 Very poor", "Rated 1 of 5");
  await another("Second matter");
  await untouched();
  await dana.chat.comment.fill("About the second");
  await dana.chat.score("5 Very good").check();
  await dana.page.reload();
  await expect(dana.chat.comment).toHaveValue("About the second");

  // What is not sent is about that one alone.
  await another("Third matter");
  await untouched();
  await dana.chat.score("1 Very poor").check();
  await dana.chat.sendButton.click();
  await expect(dana.chat.status).toHaveText("Thank you.");
  await expect(dana.chat.rating).toBeHidden();
});

test("on a phone and in German everything fits, and nobody is asked where the organisation does not want it", async ({
  ada,
  amy,
  browser,
  program,
}) => {
  const dana = await Customer.meet(browser, program, "Dana Dietz", "de-DE");
  const chat = new ChatPage(dana.page, "de");
  await dana.page.setViewportSize({ width: 320, height: 640 });
  await amy.signIn();
  await dana.openChat();
  await chat.begin(dana.name, "Wo ist mein Paket?");
  await amy.openWorkitem(dana.name);
  await amy.workspace.wrapUp();
  await expect(chat.rating).toBeVisible();
  await expectNothingSideways(dana.page, "the question how it was");
  await chat.score("5 Sehr gut").check();
  await chat.sendButton.click();
  await expect(chat.status).toHaveText("Vielen Dank.");

  await ada.signIn();
  const { version } = await ada.ask<{ version: number }>("organisation/organisation_load");
  const changes = [{ name: "rating_asked", value: 0 }];
  await ada.ask("organisation/organisation_save", { key: newKey(), version, changes });
  await chat.startAgain.click();
  await chat.send("Noch eine Frage");
  await expect(chat.message("Noch eine Frage")).toBeVisible();
  await chat.endButton.click();
  await chat.question.getByRole("button", { name: "Unterhaltung beenden" }).click();
  await expect(chat.startAgain).toBeVisible();
  await expect(chat.rating).toBeHidden();
  expect(await dana.leave()).toEqual([]);
});
