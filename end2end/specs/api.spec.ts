// Other systems: an administrator makes a token, a telephone system reports a call, and staff see it as it happens.

import { expectNoViolations } from "../fixtures/axe.ts";
import { expect, test } from "../fixtures/test.ts";
import { Tokens } from "../pages/tokens.ts";

test("M03 a call that a telephone system reports is seen live by agent and supervisor, and nobody coaches in it", async ({
  ada,
  amy,
  sam,
  program,
  request,
}) => {
  await ada.signIn();
  await ada.goto("/admin/settings");
  await ada.page.getByRole("link", { name: "API tokens" }).click();
  const tokens = new Tokens(ada.page);
  await expect(tokens.heading).toBeVisible();
  await expectNoViolations(ada.page, "/admin/tokens");
  const secret = await tokens.make("Telephony", ["workitems:write"], "Care");
  expect(secret).toMatch(/^slt_[0-9a-f]{64}$/);
  await expectNoViolations(ada.page, "the secret of a new token");
  await ada.page.getByRole("button", { name: "Copy the secret" }).click();
  await expect(ada.page.getByText("Copied.")).toBeVisible();
  expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  // It is shown once.
  await ada.page.reload();
  await expect(tokens.row("Telephony")).toContainText("Valid");
  await expect(tokens.secret).toHaveCount(0);

  await amy.signIn();
  let keys = 0;
  const report = async (path: string, data: unknown) => {
    const headers = { Authorization: `Bearer ${secret}`, "Idempotency-Key": `call-${++keys}` };
    return request.post(`${program.url}/api/v1/workitems${path}`, { headers, data });
  };
  const call = { channel: "phone", customer: "+49 30 901820", name: "Petra Pohl", subject: "Broken lamp", agent: "amy" };
  const begun = await report("", call);
  expect(begun.status()).toBe(201);
  const { id } = (await begun.json()) as { id: string };
  const work = amy.page.getByRole("navigation", { name: "My workitems" });
  await expect(work.getByText("Broken lamp")).toBeVisible();

  await sam.signIn();
  await sam.goto(`/coaching/amy/${id}`);
  const conversation = sam.page.getByRole("log", { name: "Conversation" });
  await expect(conversation).toContainText("Reported by Telephony: +4930901820");
  await report(`/${id}/messages`, { author: "customer", text: "The lamp does not work." });
  await expect(conversation).toContainText("The lamp does not work.");
  await report(`/${id}/notes`, { text: "Sent a new lamp." });
  await expect(sam.coaching.transcript.note("Sent a new lamp.")).toContainText(/^Telephony .*Note for staff/);
  await expect(sam.page.getByRole("textbox", { name: "Message to agent" })).toHaveCount(0);

  // She calls again. The number is the same in other signs, and leads to the call before.
  await report(`/${id}/end`, {});
  await report(`/${id}/state`, { state: "closed" });
  const again = await report("", { ...call, customer: "(+49) 30 / 90-18 20", subject: "Still broken" });
  expect(again.status()).toBe(201);
  const second = (await again.json()) as { id: string };
  await sam.goto(`/coaching/amy/${second.id}`);
  await sam.history.earlier.locator("summary").click();
  await expect(sam.history.earlier.getByRole("listitem")).toHaveCount(1);
  await expect(sam.history.earlier.getByRole("link", { name: "Broken lamp" })).toBeVisible();
  await conversation.getByRole("link", { name: "The customer has been in touch before" }).click();
  await expect(sam.page).toHaveURL(`/history/${id}`);
  await expect(sam.history.transcript.customer("The lamp does not work.")).toBeVisible();

  await ada.page.goto("/admin/tokens");
  await tokens.revoke("Telephony");
  await expect(tokens.revoked).toHaveText("Revoked (1)");
  await expect(tokens.row("Telephony")).toHaveCount(0);
  await tokens.revoked.click();
  await expect(tokens.row("Telephony")).toContainText("Revoked");
  const refused = await report(`/${id}/end`, {});
  expect(refused.status()).toBe(401);
});

test("the reference of the API is read without a token and without a script", async ({ amy }) => {
  await amy.page.goto("/api/v1/docs");
  await expect(amy.page.getByRole("heading", { name: "API reference" })).toBeVisible();
  await amy.page.getByRole("link", { name: "Append a note" }).click();
  await expect(amy.page).toHaveURL(/#note_append$/);
  await expect(amy.page.getByRole("heading", { name: "Append a note" })).toBeInViewport();
  await expectNoViolations(amy.page, "/api/v1/docs");
});
