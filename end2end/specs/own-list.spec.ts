// U19: the agent's own list stands in the order that they choose, and holds still under the pointer and the focus.

import { expectNoViolations } from "../fixtures/axe.ts";
import { expectNothingSideways } from "../fixtures/senses.ts";
import { expect, test } from "../fixtures/test.ts";

test("U19 E26 amy sorts her list, nothing moves under the pointer or the focus, and her browser keeps the choice", async ({
  amy,
  dana,
  eli,
}) => {
  await amy.signIn();
  const { sort, workitems } = amy.workspace;
  await sort.selectOption("Order of arrival");
  await dana.begin("Where is my parcel?");
  await expect(workitems.last()).toContainText(dana.name);
  await eli.begin("My invoice is wrong.");
  await expect(workitems.last(), "in order of arrival").toContainText(eli.name);

  await sort.selectOption("Newest message first");
  await expect(workitems.first()).toContainText(eli.name);
  await expect(workitems.nth(1)).toContainText(dana.name);
  await amy.workspace.workitem(eli.name).hover();
  await dana.write("Is anybody there?");
  await expect(amy.workspace.workitem(dana.name)).toContainText("Is anybody there?");
  await expect(workitems.first(), "under the pointer").toContainText(eli.name);
  await amy.workspace.workitem(eli.name).focus();
  await amy.page.mouse.move(900, 400);
  await expect(workitems.first(), "with the focus").toContainText(eli.name);
  await sort.focus();
  await expect(workitems.first()).toContainText(dana.name);

  await amy.reload();
  await expect(sort).toHaveValue("newest");
  await expect(workitems.first()).toContainText(dana.name);
  await amy.workspace.workitem(eli.name).click();
  await expect(amy.workspace.composer.text).toBeVisible();
  await expect(workitems.first(), "to open one is no message").toContainText(dana.name);
});

test("U19 what needs amy is first without a choice, and her choice of arrival is kept", async ({ amy, dana }) => {
  await amy.signIn();
  const { composer, sort, workitems } = amy.workspace;
  await expect(sort).toHaveValue("needs");
  await dana.begin("Where is my parcel?");
  await amy.workitemWith(dana.name);
  const place = async () => {
    const texts = await workitems.allTextContents();
    return texts.findIndex((text) => text.includes(dana.name));
  };
  /** In how many of her conversations somebody waits for an answer. */
  const waiting = async () => {
    const list = await amy.worklist();
    return list.filter((item) => item.state === "active" && item.waiting_since).length;
  };
  const before = await waiting();
  await expect(amy.workspace.workitem(dana.name)).toBeVisible();
  await expect.poll(place, "she is among those who wait").toBeLessThan(before);
  await amy.openWorkitem(dana.name);
  await amy.answer("It arrives tomorrow.");
  await amy.page.mouse.move(900, 400);
  await composer.text.focus();
  await expect.poll(place, "answered, she stands behind those who wait").toBeGreaterThanOrEqual(before - 1);

  await sort.selectOption("Order of arrival");
  await amy.reload();
  await expect(sort).toHaveValue("arrival");
});

test("U19 who waits longest is first when amy asks for it, and other users keep their order", async ({ amy, ben }) => {
  await amy.signIn();
  const since = ({ state, waiting_since }: { state: string; waiting_since: number | null }) =>
    (state === "active" && waiting_since) || Infinity;
  const [longest] = (await amy.worklist()).sort((one, other) => since(one) - since(other));
  expect(since(longest!)).toBeLessThan(Infinity);
  await amy.workspace.sort.selectOption("Longest wait first");
  await expect(amy.workspace.workitems.first()).toContainText(longest?.customer ?? "");

  await amy.workspace.sort.selectOption("Channel");
  const channels = amy.workspace.list.locator(".worklist__channel");
  const shown = ["Chat", "Social", "SMS", "Phone", "Email"];
  await expect(async () => {
    const places = (await channels.allTextContents()).map((name) => shown.indexOf(name));
    expect(places).toEqual([...places].sort((one, other) => one - other));
  }).toPass();

  await ben.signIn();
  await expect(ben.workspace.sort).toHaveValue("needs");
});

test("U19 E39 the order can be chosen where there is little room, and from the keyboard", async ({ amy }) => {
  await amy.signIn();
  await amy.goto("/workspace");
  for (const [width, height] of [[320, 256], [390, 844], [1280, 720]] as const) {
    await amy.page.setViewportSize({ width, height });
    await expect(amy.workspace.sort).toBeVisible();
    await expectNothingSideways(amy.page, `/workspace at ${width}`);
  }
  await expectNoViolations(amy.page, "/workspace");
  await amy.workspace.sort.focus();
  await amy.keyboard.press("Tab");
  await expect(amy.workspace.workitems.first()).toBeFocused();
  await amy.keyboard.press("Shift+Tab");
  await expect(amy.workspace.sort).toBeFocused();
});
