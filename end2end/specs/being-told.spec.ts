// M10 to M12: pop-ups, the red indicator, and one conversation seen from both sides.

import { takeClock } from "../fixtures/clock.ts";
import { expect, test } from "../fixtures/test.ts";

test("M10 a recipient gets a pop-up with the message and answers in it without leaving the page", async ({
  amy,
  sam,
}) => {
  await amy.signIn();
  await sam.signIn();
  await amy.raiseHand();
  const popUp = sam.popUpFrom("Amy Adler");
  await expect(popUp.region).toBeVisible();
  await popUp.reply("I am coming.");
  await expect(popUp.region).toBeHidden();
  await expect(sam.page).toHaveURL("/dashboard");
  await expect(amy.popUpFrom("Sam Stone").region).toContainText("I am coming.");
});

test("M10 a pop-up shows its remaining time, goes after 10 seconds and leaves the red indicator", async ({
  ben,
  sam,
}) => {
  await ben.signIn();
  await takeClock(sam.page);
  await sam.signIn();
  await ben.directory.write("Sam Stone", "Do you have a minute?");
  const popUp = sam.popUpFrom("Ben Brooks");
  await expect(popUp.region).toContainText("Do you have a minute?");
  await expect(popUp.region).toContainText(/Closes in \d+ s/);
  await sam.page.clock.runFor(5_000);
  await expect(popUp.region).toContainText(/Closes in [1-5] s/);
  await sam.page.clock.runFor(5_000);
  await expect(popUp.region).toBeHidden();
  await expect(sam.header.indicator).toBeVisible();
  await expect(sam.header.directory).toHaveAccessibleDescription(/1 unread/);
});

test("M10 a second message is announced for its whole time, whatever became of the first", async ({ ben, sam }) => {
  await ben.signIn();
  await takeClock(sam.page);
  await sam.signIn();
  const announced = (text: string) => sam.page.getByRole("status").filter({ hasText: text });
  await expect(sam.header.connection).toBeHidden();
  await sam.page.clock.pauseAt((await sam.page.evaluate(() => Date.now())) + 1_000);
  await ben.directory.write("Sam Stone", "The first");
  await expect(announced("The first")).toHaveCount(1);
  await sam.page.clock.runFor(1_500);
  await ben.directory.write("Sam Stone", "The second");
  await expect(announced("The second")).toHaveCount(1);
  // The first one's time is over.
  await sam.page.clock.runFor(1_000);
  await expect(announced("The second")).toHaveCount(1);
  await sam.page.clock.runFor(1_000);
  await expect(announced("The second")).toHaveCount(0);
});

test("M10 a pop-up stays while somebody is in it, until it is sent or dismissed", async ({ ben, sam }) => {
  await ben.signIn();
  await takeClock(sam.page);
  await sam.signIn();
  await ben.directory.write("Sam Stone", "Do you have a minute?");
  const popUp = sam.popUpFrom("Ben Brooks");
  await popUp.composer.text.focus();
  await sam.page.clock.runFor(30_000);
  await expect(popUp.region).not.toContainText("Closes in");
  await popUp.composer.text.fill("Half of one");
  await sam.page.clock.runFor(30_000);
  await expect(popUp.composer.text).toHaveValue("Half of one");
  await popUp.dismissButton.click();
  await expect(popUp.region).toBeHidden();
  await expect(sam.header.indicator).toBeVisible();
});

test("M10 the pointer in a pop-up keeps it, too", async ({ ben, sam }) => {
  await ben.signIn();
  await takeClock(sam.page);
  await sam.signIn();
  await ben.directory.write("Sam Stone", "Do you have a minute?");
  const popUp = sam.popUpFrom("Ben Brooks");
  await popUp.region.hover();
  await expect(popUp.region).not.toContainText("Closes in");
  await sam.page.clock.runFor(30_000);
  await expect(popUp.region).toBeVisible();
});

test("M10 a pop-up with an unanswered request stays, in every window and over a reload", async ({ amy, sam, sue }) => {
  await amy.signIn();
  await takeClock(sam.page);
  await sam.signIn();
  await sue.signIn();
  await amy.raiseHand({ to: "available" });
  const popUp = sam.popUpFrom("Amy Adler");
  await expect(popUp.region).toContainText("Awaiting your reply");
  await sam.page.clock.runFor(60_000);
  await expect(popUp.region).toBeVisible();
  await sam.reload();
  await expect(popUp.region).toContainText("Awaiting your reply");

  // Somebody else answers: now it may go, and says why.
  await sue.popUpFrom("Amy Adler").reply("I take it.");
  await expect(popUp.region).toContainText("Answered by Sue Silva");
  await sam.page.clock.runFor(11_000);
  await expect(popUp.region).toBeHidden();
});

test("M10 a pop-up never takes the focus of somebody who types", async ({ amy, ben, sam }) => {
  await amy.signIn();
  await ben.signIn();
  await sam.signIn();
  const workitem = await amy.workitemOn("chat");
  await sam.monitor(amy, workitem);
  await sam.coaching.composer.text.focus();
  await sam.page.keyboard.type("Ask for the ");
  await ben.directory.write("Sam Stone", "Hello Sam");
  await expect(sam.popUpFrom("Ben Brooks").region).toBeVisible();
  await expect(sam.coaching.composer.text).toBeFocused();
  await sam.page.keyboard.type("order number");
  await expect(sam.coaching.composer.text).toHaveValue("Ask for the order number");
});

test("M11 with the notification off there is no pop-up but the red indicator, until the message is read", async ({
  amy,
  sam,
}) => {
  await amy.signIn();
  await sam.signIn();
  await sam.goto("/settings");
  await expect(sam.settings.notification).toBeChecked();
  await sam.settings.notification.uncheck();
  await sam.goto("/dashboard");
  await expect(sam.header.indicator).toHaveCount(0);

  await amy.raiseHand();
  await expect(sam.header.indicator).toBeVisible();
  await expect(sam.header.directory).toHaveAccessibleDescription(/1 unread/);
  await expect(sam.popUpFrom("Amy Adler").region).toHaveCount(0);

  await sam.reload();
  await expect(sam.header.indicator).toBeVisible();
  await expect(sam.popUpFrom("Amy Adler").region).toHaveCount(0);

  await sam.header.directory.click();
  await expect(sam.directory.person("Amy Adler")).toContainText("1 unread");
  // A pop-up that came back with the page would stand by now.
  await expect(sam.popUpFrom("Amy Adler").region).toHaveCount(0);
  await sam.directory.person("Amy Adler").getByRole("button").click();
  await expect(sam.directory.conversation("Amy Adler").getByRole("article")).toHaveCount(1);
  await expect(sam.header.indicator).toHaveCount(0);
  await sam.directory.close();
  await sam.reload();
  await expect(sam.header.directory).toBeVisible();
  await expect(sam.header.indicator).toHaveCount(0);
});

test("M11 the setting is kept and holds in the user's other windows at once", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  const other = await sam.openWindow("/settings");
  await other.settings.notification.uncheck();
  await expect(other.settings.notification).not.toBeChecked();
  await other.page.reload();
  await expect(other.settings.notification).not.toBeChecked();
  await amy.directory.write("Sam Stone", "Quietly, please");
  await expect(sam.header.indicator).toBeVisible();
  await expect(sam.popUpFrom("Amy Adler").region).toHaveCount(0);
});

test("M12 the answer is a pop-up for the agent, who types into it; both see one conversation, also later", async ({
  amy,
  sam,
}) => {
  await amy.signIn();
  await sam.signIn();
  const { templates } = await amy.ask<{ templates: { text: string }[] }>("assistance/assistance_options_load");
  const request = templates[0]?.text ?? "";
  await amy.raiseHand();
  await sam.popUpFrom("Amy Adler").reply("What is it about?");
  await amy.popUpFrom("Sam Stone").reply("A refund.");
  await expect(sam.popUpFrom("Amy Adler").region).toContainText("A refund.");
  await sam.popUpFrom("Amy Adler").reply("Go ahead.");
  await expect(amy.popUpFrom("Sam Stone").region).toContainText("Go ahead.");

  await amy.reload();
  await sam.reload();
  for (const [person, other] of [
    [amy, "Sam Stone"],
    [sam, "Amy Adler"],
  ] as const) {
    await person.directory.openConversation(other);
    const messages = person.directory.conversation(other).getByRole("article");
    await expect(messages).toHaveCount(4);
    await expect(messages.nth(0)).toContainText(request);
    await expect(messages.nth(1)).toContainText("What is it about?");
    await expect(messages.nth(2)).toContainText("A refund.");
    await expect(messages.nth(3)).toContainText("Go ahead.");
  }
});

test("M12 the Company Directory finds people by name and shows their presence", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  await amy.header.directory.click();
  await expect(amy.directory.people).toHaveCount(6);
  await expect(amy.directory.person("Sam Stone")).toContainText("Available");
  await expect(amy.directory.person("Sue Silva")).toContainText("Offline");
  await amy.directory.search.fill("sto");
  await expect(amy.directory.people).toHaveCount(1);
  await expect(amy.directory.person("Sam Stone")).toBeVisible();
});
