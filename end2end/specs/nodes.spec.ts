// Three nodes: nobody notices on which one they are, nor that one of them is gone.

import { Customer } from "../fixtures/customer.ts";
import { Nodes, hasNginx } from "../fixtures/nodes.ts";
import { Person, STAFF, type StaffName } from "../fixtures/person.ts";
import { expect, test as base } from "../fixtures/test.ts";

const test = base.extend<{ nodes: Nodes }>({
  nodes: async ({}, use, info) => {
    const nodes = await Nodes.start();
    await use(nodes);
    const defects = await nodes.discard();
    if (info.status !== info.expectedStatus || defects.length > 0) {
      const body = nodes.programs.map((program) => program.log.join("\n")).join("\n----\n");
      await info.attach("the nodes' logs", { body, contentType: "text/plain" });
    }
    expect(defects, "what no program should log").toEqual([]);
  },
});

test.skip(!hasNginx, "there is no nginx here that could stand in front of several nodes");

test("M21 the whole story on three nodes behind nginx, and one of them is killed in the middle", async ({ nodes, browser }) => {
  const at = (number: number) => nodes.programs[number]!;
  const staff = (name: StaffName, number: number) => Person.meet(browser, at(number), name, STAFF[name]);
  const sam = await staff("sam", 0);
  const amy = await staff("amy", 1);
  const dana = await Customer.meet(browser, at(2), "Dana Dietz");
  // The tab says that its connection was lost, until it has another one.
  sam.expectProblem(/WebSocket|ERR_|Failed to load resource/);
  await amy.signIn();
  await sam.signIn();

  await test.step("a customer of the third node is answered on the second", async () => {
    await dana.begin("My parcel has been in Leipzig for nine days.");
    await amy.openWorkitem("Dana Dietz");
    await amy.answer("Let me see what is going on.");
    await expect(dana.chat.message("Let me see what is going on.")).toContainText("Amy Adler");
  });

  await test.step("a hand that is raised there reaches the supervisor on the first", async () => {
    await amy.raiseHand({ to: "available" });
    await sam.popUpFrom("Amy Adler").reply("I am looking at it now.");
    await expect(amy.popUpFrom("Sam Stone").region).toContainText("I am looking at it now.");
    await amy.popUpFrom("Sam Stone").dismissButton.click();
  });

  await test.step("the supervisor opens the workitem and coaches", async () => {
    await sam.dashboard.viewWorkitems("Amy Adler");
    await sam.modal.row("Dana Dietz").dblclick();
    await sam.modal.editButton.click();
    await expect(amy.workspace.transcript.monitoringStarted("Sam Stone")).toBeVisible();
    await sam.coach("Ask for the order number.");
    await expect(amy.workspace.transcript.coaching("Ask for the order number.").article).toBeVisible();
  });

  await at(0).kill();

  await test.step("the supervisor goes on, and nobody sees that they were elsewhere", async () => {
    await sam.coach("We send a new one today.");
    const message = amy.workspace.transcript.coaching("We send a new one today.");
    await message.thumbsUp.click();
    await expect(sam.coaching.transcript.coaching("We send a new one").article).toContainText("Thumbs up");
    await message.forward();
    await expect(dana.chat.message("We send a new one today.")).toContainText("Amy Adler");
    await dana.write("Thank you!");
    await expect(sam.coaching.transcript.customer("Thank you!")).toBeVisible();
    await expect(amy.workspace.transcript.coaching("Ask for the order number.").article).toHaveCount(1);
    await expect(dana.chat.messages).toHaveCount(4);
    await expect(dana.page.getByText("Ask for the order number.")).toHaveCount(0);
  });

  for (const person of [sam, amy, dana]) expect(await person.leave()).toEqual([]);
});
