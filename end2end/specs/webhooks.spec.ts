// Webhooks: an administrator adds another system as a receiver, which is told what happens in conversations, signed.

import { expectNoViolations } from "../fixtures/axe.ts";
import { Receiver } from "../fixtures/receiver.ts";
import { expect, test as base } from "../fixtures/test.ts";
import { Webhooks } from "../pages/webhooks.ts";

const test = base.extend<{ receiver: Receiver; webhooks: Webhooks }>({
  receiver: async ({}, use) => {
    const receiver = await Receiver.start();
    await use(receiver);
    await receiver.stop();
    expect(receiver.complaints, "signatures that the library refuses").toEqual([]);
  },
  environment: async ({}, use) => await use({ SIDELINE_WEBHOOKS_ALLOW_NETWORK: "127.0.0.0/8" }),
  webhooks: async ({ ada }, use) => {
    await ada.signIn();
    await ada.goto("/admin/settings");
    await ada.page.getByRole("link", { name: "Webhooks" }).click();
    const webhooks = new Webhooks(ada.page);
    await expect(webhooks.heading).toBeVisible();
    await use(webhooks);
  },
});

test("a receiver is told what a customer writes, and its key is changed without a gap", async ({
  ada,
  dana,
  receiver,
  webhooks,
}) => {
  await expectNoViolations(ada.page, "/admin/webhooks");
  const first = await webhooks.add("Archive", receiver.url, ["workitem.created", "message.created"]);
  receiver.secret = first;
  expect(first).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  await expectNoViolations(ada.page, "the secret of a new receiver");
  await webhooks.button("Copy the secret").click();
  await expect(ada.page.getByText("Copied.")).toBeVisible();
  expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe(first);
  await expect(ada.page.getByText(receiver.place).first()).toBeVisible();
  await webhooks.button("Send test event").click();
  await expect(webhooks.said).toContainText("on its way");
  await receiver.event("webhook.test");
  await webhooks.expectLine("webhook.test", "Delivered");

  await dana.begin("My lamp hums");
  const created = await receiver.event("workitem.created");
  const message = await receiver.event("message.created");
  expect(message.data.line).toMatchObject({ kind: "customer", text: "My lamp hums" });
  expect(message.data.workitem?.id).toBe(created.data.workitem?.id);
  expect(message.data.sequence).toBeGreaterThan(created.data.sequence ?? 0);
  await webhooks.expectLine("message.created", "Delivered");
  await expectNoViolations(ada.page, "the log of a receiver");

  // Both keys sign for a while: the receiver still has the first one.
  await webhooks.button("Make another secret").click();
  await expect(webhooks.secret).toBeVisible();
  const second = await webhooks.secret.inputValue();
  expect(second).not.toBe(first);
  await dana.write("It hums louder");
  await expect.poll(() => receiver.taken.filter((event) => event.type === "message.created").length).toBe(2);
  receiver.secret = second;
  await dana.write("Are you there?");
  await expect.poll(() => receiver.taken.filter((event) => event.type === "message.created").length).toBe(3);

  // Neither the secrets nor the rest of the address are shown again.
  await ada.page.goto("/admin/webhooks");
  await ada.page.getByRole("link", { name: "Archive" }).click();
  await expect(webhooks.log).toBeVisible();
  const content = await ada.page.content();
  for (const hidden of [first, second, "hidden-in-the-path", "It hums louder"]) expect(content).not.toContain(hidden);
});

test("what a failing receiver missed is in the log and delivered again", async ({ ada, dana, receiver, webhooks }) => {
  receiver.secret = await webhooks.add("Archive", receiver.url, ["message.created"]);
  receiver.status = 500;
  await dana.begin("My lamp hums");
  await webhooks.expectLine("message.created", "Answered 500");
  await expect(ada.page.getByText(/^Failed (once|\d+ times) since/)).toBeVisible();
  expect(await ada.page.content()).not.toContain("words that nobody stores");
  expect(receiver.taken).toEqual([]);
  receiver.status = 204;
  const message = await receiver.event("message.created");
  await webhooks.expectLine("message.created", "Delivered");
  await webhooks.lines("message.created").getByRole("button", { name: "Deliver again" }).click();
  await expect(webhooks.said).toContainText("1 event is delivered again.");
  await expect.poll(() => receiver.taken.length).toBe(2);
  expect(receiver.taken[1].id, "the same event").toBe(message.id);

  // One that wants nothing any more is off, and says why.
  receiver.status = 410;
  await dana.write("Hello?");
  await expect(async () => {
    await ada.page.getByRole("link", { name: "Reload, newest first" }).click();
    await expect(ada.page.getByText("no longer wants events (410)")).toBeVisible({ timeout: 500 });
  }).toPass();
  await webhooks.button("Switch on").click();
  await expect(webhooks.said).toContainText("The receiver is on.");
});

test("a receiver that is limited to a team is told of its workitems alone", async ({ ada, dana, receiver, webhooks }) => {
  await webhooks.team("Sales").check();
  receiver.secret = await webhooks.add("Archive of Sales", receiver.url, ["message.created"]);
  await expectNoViolations(ada.page, "a receiver with a team");
  // Dana writes to Care.
  await dana.begin("My lamp hums");
  await expect(webhooks.team("Sales")).toBeChecked();
  await webhooks.team("Care").check();
  await webhooks.team("Sales").uncheck();
  await webhooks.button("Save").click();
  await expect(webhooks.said).toContainText("Saved");
  await dana.write("It hums louder");
  const message = await receiver.event("message.created");
  expect(message.data.line).toMatchObject({ text: "It hums louder" });
  expect(receiver.taken).toHaveLength(1);
  await ada.page.getByRole("link", { name: "All receivers" }).click();
  await expect(ada.page.getByRole("row", { name: "Archive of Sales" })).toContainText("Care");
});

test("what cannot be a receiver is refused, with what was typed", async ({ ada, webhooks }) => {
  ada.expectProblem(/422/);
  await webhooks.name.fill("Archive");
  await webhooks.event("message.created").check();
  for (const [address, words] of [
    ["archive.example", "Enter a URL that begins with https://"],
    ["https://ada:secret@127.0.0.1/", "must not stand in front of the host"],
    ["https://10.0.0.1/", "a network to which nothing is sent"],
    ["https://169.254.169.254/", "a network to which nothing is sent"],
  ]) {
    await webhooks.address.fill(address);
    await webhooks.addButton.click();
    await expect(webhooks.problem).toContainText(words);
    await expect(webhooks.address).toHaveValue(address);
    await expect(webhooks.name).toHaveValue("Archive");
    await expect(webhooks.event("message.created")).toBeChecked();
  }
  await expectNoViolations(ada.page, "a receiver that was refused");
  await expect(ada.page.getByText("There are no receivers.")).toBeVisible();
});

test("M04 agents and supervisors find no such page", async ({ amy, sam }) => {
  for (const person of [amy, sam]) {
    person.expectProblem(/404/);
    await person.signIn();
    const answer = await person.page.goto("/admin/webhooks");
    expect(answer?.status()).toBe(404);
    await expect(person.page.getByRole("heading", { name: "Webhooks" })).toHaveCount(0);
  }
});
