// The story that Sideline exists for, from the customer's first word to the supervisor's leaving, in four windows.

import { expect, test } from "../fixtures/test.ts";

test("M01–M23 the whole story: a customer asks, an agent raises a hand, a supervisor coaches, nobody outside knows", async ({
  amy,
  ben,
  sam,
  dana,
}) => {
  await amy.signIn();
  await sam.signIn();

  await test.step("the customer writes and amy answers", async () => {
    await dana.begin("My parcel has been in Leipzig for nine days.");
    await amy.openWorkitem("Dana Dietz");
    await amy.answer("Let me see what is going on.");
    await expect(dana.chat.message("Let me see what is going on.")).toContainText("Amy Adler");
  });
  const workitem = await amy.workitemWith("Dana Dietz");

  await test.step("ben comes to work and has nothing to do with it", async () => {
    await ben.signIn();
    await expect(ben.workspace.list).toBeVisible();
    await expect(ben.workspace.workitem("Dana Dietz")).toHaveCount(0);
  });

  await test.step("amy raises a hand, sam gets the pop-up and answers in it", async () => {
    await amy.raiseHand({ to: "available" });
    await expect(sam.dashboard.agent("Amy Adler").row.getByRole("button", { name: "Answer Amy Adler" })).toBeVisible();
    await expect(sam.popUpFrom("Amy Adler").openWorkitem).toBeVisible();
    await sam.popUpFrom("Amy Adler").reply("I am looking at it now.");
    await expect(amy.popUpFrom("Sam Stone").region).toContainText("I am looking at it now.");
    await amy.popUpFrom("Sam Stone").dismissButton.click();
  });

  await test.step("sam right-clicks amy, looks through her workitems and opens one", async () => {
    await sam.dashboard.viewWorkitems("Amy Adler");
    await expect(sam.modal.dialogOf("Amy Adler")).toBeVisible();
    await sam.modal.row("Dana Dietz").dblclick();
    await sam.modal.editButton.click();
    await expect(sam.coaching.title(workitem.subject)).toBeVisible();
    await expect(sam.coaching.transcript.customer("My parcel has been in Leipzig for nine days.")).toBeVisible();
    await expect(amy.workspace.transcript.monitoringStarted("Sam Stone")).toBeVisible();
  });

  await test.step("sam coaches, amy thumbs it up and forwards it", async () => {
    await sam.coach("We send a new one today, free of charge.");
    const message = amy.workspace.transcript.coaching("We send a new one today, free of charge.");
    await message.thumbsUp.click();
    await expect(sam.coaching.transcript.coaching("We send a new one").article).toContainText("Thumbs up");
    await message.forward();
    await expect(sam.coaching.transcript.coaching("We send a new one").article).toContainText(/forwarded/i);
    await expect(sam.coaching.transcript.agent("We send a new one today, free of charge.")).toHaveCount(1);
  });

  await test.step("the customer sees one more ordinary answer", async () => {
    await expect(dana.chat.message("We send a new one today, free of charge.")).toContainText("Amy Adler");
    await expect(dana.chat.messages).toHaveCount(3);
    await dana.write("Thank you!");
    await expect(sam.coaching.transcript.customer("Thank you!")).toBeVisible();
  });

  await test.step("sam leaves by the back arrow", async () => {
    await sam.coaching.back.click();
    await expect(amy.workspace.transcript.monitoringEnded("Sam Stone")).toBeVisible();
    await expect(sam.modal.dialogOf("Amy Adler")).toBeVisible();
  });

  await test.step("afterwards everybody has what is theirs, and no more", async () => {
    await amy.reload();
    await expect(amy.workspace.transcript.entries.filter({ hasText: "We send a new one" })).toHaveCount(2);
    await expect(amy.workspace.transcript.coaching("We send a new one").thumbsUp).toHaveAttribute("aria-pressed", "true");
    await dana.page.reload();
    await expect(dana.chat.messages).toHaveCount(4);
    await expect(dana.page.locator("body")).not.toContainText("Sam");
    await expect(ben.workspace.workitem("Dana Dietz")).toHaveCount(0);
    await expect(ben.page.locator("body")).not.toContainText("Sam Stone");
    await expect(ben.header.indicator).toHaveCount(0);
    // What is on its way to ben arrives before this.
    await amy.directory.write("Ben Brooks", "Lunch?");
    await expect(ben.popUpFrom("Amy Adler").region).toContainText("Lunch?");
    await expect(ben.header.directory).toHaveAccessibleDescription(/1 unread/);
    await expect(ben.workspace.workitem("Dana Dietz")).toHaveCount(0);
    await expect(ben.page.locator("body")).not.toContainText("Sam Stone");
  });
});
