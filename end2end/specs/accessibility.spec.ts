// axe-core on every route in both themes, and the way through the work without a pointer.

import { expectNoViolations } from "../fixtures/axe.ts";
import { conversation, monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

for (const colorScheme of ["light", "dark"] as const) {
  const media = { colorScheme, reducedMotion: "reduce" } as const;

  test(`axe-core finds nothing on the agent's pages in the ${colorScheme} theme`, async ({ amy, sam, dana }) => {
    await amy.page.emulateMedia(media);
    await amy.page.goto("/login");
    await expectNoViolations(amy.page, "/login");
    await monitored(amy, sam, dana);
    await sam.coach("Offer a refund.");
    const message = amy.workspace.transcript.coaching("Offer a refund.");
    await message.thumbsUp.click();
    await expect(sam.coaching.transcript.coaching("Offer a refund.").article).toContainText("Thumbs up");
    await expectNoViolations(amy.page, "/workspace/{workitem}");
    await message.moreActions.click();
    await expect(amy.page.getByRole("menuitem", { name: "Copy" })).toBeVisible();
    await expectNoViolations(amy.page, "More actions");
    await amy.page.keyboard.press("Escape");

    await amy.header.dialpad.click();
    await expect(amy.dialpad.callButton).toBeVisible();
    await expectNoViolations(amy.page, "Dialpad");
    await amy.page.keyboard.press("Escape");
    await amy.header.assistance.click();
    await expect(amy.assistance.messages).toHaveCount(4);
    await expectNoViolations(amy.page, "Ask for assistance");
    await amy.page.keyboard.press("Escape");
    await amy.workspace.transferButton.click();
    await expect(amy.page.getByRole("dialog", { name: "Transfer workitem" }).getByRole("combobox").first()).toBeVisible();
    await expectNoViolations(amy.page, "Transfer workitem");
    await amy.page.keyboard.press("Escape");
    await amy.goto("/workspace");
    await expectNoViolations(amy.page, "/workspace");
    await amy.goto("/settings");
    await expectNoViolations(amy.page, "/settings");
    await amy.goto("/history?words=parcel&coaching=1");
    await expectNoViolations(amy.page, "/history");
    await amy.goto("/history?words=nothing-like-it");
    await expectNoViolations(amy.page, "/history with nothing in it");
    await sam.goto("/history?state=closed");
    await sam.page.emulateMedia(media);
    await sam.history.open("Assembly leaflet is missing");
    await expect(sam.history.transcript.log).toBeVisible();
    await sam.history.earlier.locator("summary").click();
    await expectNoViolations(sam.page, "/history/{workitem}");
  });

  test(`axe-core finds nothing on the supervisor's pages in the ${colorScheme} theme`, async ({ amy, sam, dana }) => {
    await sam.page.emulateMedia(media);
    const workitem = await conversation(amy, dana);
    await sam.signIn();
    await amy.raiseHand();
    await expect(sam.popUpFrom("Amy Adler").region).toBeVisible();
    await expectNoViolations(sam.page, "/dashboard with a pop-up");
    await sam.dashboard.agent("Amy Adler").actions.click();
    await expect(sam.dashboard.menu).toBeVisible();
    await expectNoViolations(sam.page, "the menu of an agent");
    await sam.dashboard.menuItem("View Workitems").click();
    await sam.modal.row("Dana Dietz").dblclick();
    await expect(sam.modal.editButton).toBeVisible();
    await expectNoViolations(sam.page, "/coaching/{agent}");
    await sam.monitor(amy, workitem);
    await sam.coach("Offer a refund.");
    await expectNoViolations(sam.page, "/coaching/{agent}/{workitem}");
    const email = await amy.workitemOn("email");
    await sam.monitor(amy, email);
    await expectNoViolations(sam.page, "an email workitem");
    await sam.header.directory.click();
    await expect(sam.directory.people).toHaveCount(6);
    await expectNoViolations(sam.page, "Company Directory");
    await sam.directory.person("Amy Adler").getByRole("button").click();
    await expect(sam.directory.conversation("Amy Adler").getByRole("article")).toHaveCount(1);
    await expectNoViolations(sam.page, "a conversation of the Company Directory");
    sam.expectProblem(/404/);
    await sam.page.goto("/coaching/nobody");
    await expect(sam.notFound).toBeVisible();
    await expectNoViolations(sam.page, "not found");
  });

  test(`axe-core finds nothing on the administrator's pages in the ${colorScheme} theme`, async ({ ada, dana }) => {
    await dana.begin("Where is my parcel?");
    await ada.page.emulateMedia(media);
    await ada.signIn();
    await expectNoViolations(ada.page, "/admin/templates");
    await ada.templates.newButton.click();
    await expect(ada.templates.editor).toBeVisible();
    await expectNoViolations(ada.page, "a new template");
    await ada.goto("/admin/users");
    await expectNoViolations(ada.page, "/admin/users");
    await ada.users.newButton.click();
    await expect(ada.users.editor).toBeVisible();
    await expectNoViolations(ada.page, "a new user");
    await ada.goto("/admin/teams");
    await expectNoViolations(ada.page, "/admin/teams");
    await ada.teams.edit("Care");
    await expect(ada.teams.editor).toBeVisible();
    await expectNoViolations(ada.page, "editing a team");
    await ada.goto("/admin/channels");
    await expectNoViolations(ada.page, "/admin/channels");
    await ada.channels.newButton.click();
    await expect(ada.channels.editor).toBeVisible();
    await expectNoViolations(ada.page, "a new channel");
    await ada.page.goto("/admin/tokens");
    await expectNoViolations(ada.page, "/admin/tokens");
    await ada.page.goto("/admin/chat/care");
    await expectNoViolations(ada.page, "/admin/chat/{key}");
    await ada.page.goto("/admin/webhooks");
    await expectNoViolations(ada.page, "/admin/webhooks");
    await ada.page.goto("/analytics");
    await expectNoViolations(ada.page, "/analytics without figures");
    await ada.page.goto("/api/v1/docs");
    await expectNoViolations(ada.page, "/api/v1/docs");
    await ada.goto("/admin/audit");
    await expectNoViolations(ada.page, "/admin/audit");
    await ada.goto("/admin/audit?user=nobody-of-that-name");
    await expectNoViolations(ada.page, "/admin/audit with nothing in it");
    await ada.goto("/admin/customers?name=Dana");
    await expectNoViolations(ada.page, "/admin/customers");
    await ada.page.getByRole("button", { name: "Erase Dana Dietz" }).first().click();
    await expect(ada.page.getByRole("dialog", { name: /^Erase Dana Dietz/ })).toBeVisible();
    await expectNoViolations(ada.page, "the question before a customer is erased");
  });

  test(`axe-core finds nothing on the pages of forms in the ${colorScheme} theme`, async ({ ada, sam }) => {
    await ada.page.emulateMedia(media);
    await ada.signIn();
    const plain = [
      "/admin/alerts",
      "/admin/escalation",
      "/admin/labels",
      "/admin/roles",
      "/admin/single-sign-on",
      "/admin/single-sign-on/links",
      "/admin/users/import",
    ];
    for (const path of plain) {
      await ada.page.goto(path);
      await expect(ada.page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectNoViolations(ada.page, path);
    }
    await sam.page.emulateMedia(media);
    await sam.signIn();
    for (const path of ["/dashboard/views", "/dashboard/walls", "/texts", "/settings/second-factor", "/watch"]) {
      await sam.page.goto(path);
      await expect(sam.page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectNoViolations(sam.page, path);
    }
  });

  test(`axe-core finds nothing on the customer's page in the ${colorScheme} theme`, async ({ amy, dana }) => {
    await dana.page.emulateMedia(media);
    await dana.openChat();
    await expectNoViolations(dana.page, "a new chat");
    await conversation(amy, dana);
    await amy.answer("Hello!");
    await expect(dana.chat.message("Hello!")).toBeVisible();
    await expectNoViolations(dana.page, "a chat");
    await amy.workspace.wrapUp();
    await expect(dana.chat.startAgain).toBeVisible();
    await expectNoViolations(dana.page, "an ended chat");
  });
}

test("a supervisor goes from the dashboard to coaching and back by the keyboard alone", async ({ amy, sam, dana }) => {
  const workitem = await conversation(amy, dana);
  await sam.signIn();
  await sam.goto("/dashboard?sort=agent");
  const { keyboard } = sam.page;
  const row = sam.dashboard.agent("Amy Adler").row;
  await expect(async () => {
    await keyboard.press("Tab");
    await expect(row).toBeFocused({ timeout: 100 });
  }).toPass();
  await keyboard.press("ArrowDown");
  await expect(sam.dashboard.agent("Ben Brooks").row).toBeFocused();
  await keyboard.press("ArrowUp");
  await keyboard.press("Shift+F10");
  await expect(sam.dashboard.menuItem("View Workitems")).toBeFocused();
  await keyboard.press("ArrowDown");
  await keyboard.press("ArrowDown");
  await expect(sam.dashboard.menuItem("Send message")).toBeFocused();
  await keyboard.press("Home");
  await expect(sam.dashboard.menuItem("View Workitems")).toBeFocused();
  await keyboard.press("Enter");
  await expect(sam.modal.dialogOf("Amy Adler")).toBeVisible();

  const place = (await amy.worklist()).findIndex((item) => item.id === workitem.id);
  await sam.modal.rows.first().focus();
  for (let step = 0; step < place; step += 1) await keyboard.press("ArrowDown");
  await expect(sam.modal.row("Dana Dietz")).toBeFocused();
  await keyboard.press("Enter");
  await expect(sam.modal.editButton).toBeVisible();
  await expect(async () => {
    await keyboard.press("Tab");
    await expect(sam.modal.editButton).toBeFocused({ timeout: 100 });
  }).toPass();
  await keyboard.press("Enter");
  await expect(sam.coaching.title(workitem.subject)).toBeVisible();
  await expect(async () => {
    await keyboard.press("Tab");
    await expect(sam.coaching.composer.text).toBeFocused({ timeout: 100 });
  }).toPass();
  await keyboard.type("By keyboard alone");
  await keyboard.press("Enter");
  await expect(amy.workspace.transcript.coaching("By keyboard alone").article).toBeVisible();
  await sam.coaching.back.focus();
  await keyboard.press("Enter");
  await expect(sam.modal.dialogOf("Amy Adler")).toBeVisible();
  await keyboard.press("Escape");
  await expect(sam.page).toHaveURL("/dashboard");
});

test("Escape closes each dialog and gives the focus back to what opened it", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  for (const [opener, dialog] of [
    [amy.header.dialpad, amy.dialpad.dialog],
    [amy.header.assistance, amy.assistance.dialog],
    [amy.header.directory, amy.directory.dialog],
  ] as const) {
    await opener.focus();
    await amy.page.keyboard.press("Enter");
    await expect(dialog).toBeVisible();
    await expect.poll(() => dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
    await amy.page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(opener).toBeFocused();
  }
});

test("a modal keeps the focus inside", async ({ amy }) => {
  await amy.signIn();
  await amy.header.assistance.click();
  await expect(amy.assistance.messages).toHaveCount(4);
  for (let step = 0; step < 12; step += 1) {
    await amy.page.keyboard.press("Tab");
    const inPage = await amy.page.evaluate(() => {
      const active = document.activeElement;
      return active !== null && active !== document.body && active.closest("dialog[open]") === null;
    });
    expect(inPage, "focus on something behind the dialog").toBe(false);
  }
});

test("the theme follows the system until somebody chooses, and the choice is kept", async ({ sam }) => {
  await sam.page.emulateMedia({ colorScheme: "dark" });
  await sam.signIn();
  const background = () => sam.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await background();
  await sam.header.userMenu.click();
  await sam.page.getByRole("menuitem", { name: "Light" }).click();
  await expect.poll(background).not.toBe(dark);
  const light = await background();
  await sam.reload();
  expect(await background()).toBe(light);
  await sam.header.userMenu.click();
  await sam.page.getByRole("menuitem", { name: "System" }).click();
  await expect.poll(background).toBe(dark);
});
