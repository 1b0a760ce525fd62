// From a small phone to a wide desk: nothing is cut off, nothing scrolls sideways, and what matters is in sight.

import type { Locator, Page } from "@playwright/test";

import { monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

const WIDTHS = [360, 768, 1440, 2560];

/** The page does not scroll sideways, and each of these lies between its edges. */
async function expectFits(page: Page, where: string, controls: Locator[]): Promise<void> {
  for (const control of controls) await expect(control, where).toBeVisible();
  // What slides into place is measured once it is there.
  await expect(async () => {
    const width = page.viewportSize()?.width ?? 0;
    const scroll = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(scroll, `${where}: width of the content`).toBeLessThanOrEqual(width);
    for (const control of controls) {
      const box = await control.boundingBox();
      expect(box, `${where}: ${control}`).not.toBeNull();
      expect(box?.x ?? -1, `${where}: ${control} begins`).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0), `${where}: ${control} ends`).toBeLessThanOrEqual(width + 0.5);
    }
  }).toPass({ timeout: 10_000 });
}

for (const width of WIDTHS) {
  const viewport = { width, height: width < 500 ? 740 : 900 };

  test(`at ${width} px an agent has everything in sight`, async ({ amy, sam, dana }) => {
    await amy.page.setViewportSize(viewport);
    await amy.page.goto("/login");
    await expectFits(amy.page, "/login", [amy.page.getByRole("button", { name: "Sign in" })]);
    await monitored(amy, sam, dana);
    await sam.coach(`A long word: ${"x".repeat(300)}`);
    await dana.write(`And another: ${"y".repeat(300)}`);
    const coaching = amy.workspace.transcript.coaching("A long word");
    await expect(amy.workspace.transcript.customer("And another")).toBeVisible();
    const { header } = amy;
    const tools = [header.dialpad, header.assistance, header.directory, header.presence, header.userMenu];
    await expectFits(amy.page, "/workspace/{workitem}", [
      ...tools,
      amy.workspace.composer.text,
      amy.workspace.composer.sendButton,
      amy.workspace.transferButton,
      amy.workspace.wrapUpButton,
      coaching.thumbsUp,
      coaching.moreActions,
    ]);
    await header.assistance.click();
    await expect(amy.assistance.messages).toHaveCount(4);
    await expectFits(amy.page, "Ask for assistance", [amy.assistance.dialog, amy.assistance.sendButton]);
    await amy.page.keyboard.press("Escape");
    await header.dialpad.click();
    await expectFits(amy.page, "Dialpad", [amy.dialpad.dialog, amy.dialpad.callButton, amy.dialpad.key("#")]);
    await amy.page.keyboard.press("Escape");
    await header.directory.click();
    await expect(amy.directory.people).toHaveCount(6);
    await expectFits(amy.page, "Company Directory", [amy.directory.dialog, amy.directory.search]);
    await amy.directory.close();
    await amy.goto("/workspace");
    await expectFits(amy.page, "/workspace", [...tools, amy.workspace.workitem("Dana Dietz")]);
    await amy.goto("/settings");
    await expectFits(amy.page, "/settings", [...tools, amy.settings.notification]);
    await amy.goto("/history?customer=dana");
    await expectFits(amy.page, "/history", [...tools, amy.history.words, amy.history.searchButton]);
  });

  test(`at ${width} px a supervisor has everything in sight`, async ({ amy, sam, dana }) => {
    await sam.page.setViewportSize(viewport);
    const workitem = await monitored(amy, sam, dana);
    await sam.coach("Offer a refund.");
    await expectFits(sam.page, "/coaching/{agent}/{workitem}", [
      sam.coaching.back,
      sam.coaching.title(workitem.subject),
      sam.coaching.composer.text,
      sam.coaching.composer.sendButton,
    ]);
    await sam.goto("/dashboard");
    await amy.raiseHand();
    const popUp = sam.popUpFrom("Amy Adler");
    await expectFits(sam.page, "/dashboard", [
      sam.header.directory,
      sam.header.userMenu,
      sam.dashboard.agent("Amy Adler").actions,
      popUp.region,
      popUp.composer.text,
      popUp.composer.sendButton,
      popUp.dismissButton,
      popUp.openWorkitem,
    ]);
    await popUp.dismissButton.click();
    await sam.dashboard.agent("Amy Adler").actions.click();
    await expectFits(sam.page, "the menu of an agent", [
      sam.dashboard.menuItem("View Workitems"),
      sam.dashboard.menuItem("View Workitems in new window"),
      sam.dashboard.menuItem("Send message"),
    ]);
    await sam.dashboard.menuItem("View Workitems").click();
    await sam.modal.row("Dana Dietz").dblclick();
    await expectFits(sam.page, "/coaching/{agent}", [
      sam.modal.dialogOf("Amy Adler"),
      sam.modal.refreshButton,
      sam.modal.closeButton,
      sam.modal.editButton,
    ]);
  });

  test(`at ${width} px an administrator and a customer have everything in sight`, async ({ ada, dana }) => {
    await ada.page.setViewportSize(viewport);
    await dana.page.setViewportSize(viewport);
    await ada.signIn();
    const [row] = await ada.templates.rows.all();
    await expectFits(ada.page, "/admin/templates", [
      ada.templates.newButton,
      ...(row ? [row.getByRole("button", { name: "Edit" }), row.getByRole("button", { name: "Delete" })] : []),
    ]);
    await ada.templates.newButton.click();
    await expectFits(ada.page, "a new template", [ada.templates.title, ada.templates.message, ada.templates.saveButton]);
    await ada.goto("/admin/users");
    await expectFits(ada.page, "/admin/users", [
      ada.users.newButton,
      ada.users.row("Amy Adler").getByRole("button", { name: "Reset password" }),
    ]);
    await ada.goto("/admin/teams");
    await expectFits(ada.page, "/admin/teams", [
      ada.teams.newButton,
      ada.teams.team("Care").getByRole("button", { name: "Edit" }),
    ]);
    await ada.goto("/admin/channels");
    await expectFits(ada.page, "/admin/channels", [ada.channels.newButton]);
    await ada.page.goto("/admin/tokens");
    await expectFits(ada.page, "/admin/tokens", [
      ada.page.getByRole("textbox", { name: "Name" }),
      ada.page.getByRole("button", { name: "Make token" }),
    ]);
    await ada.page.goto("/admin/chat/care");
    await expectFits(ada.page, "/admin/chat/{key}", [
      ada.page.getByRole("textbox", { name: "Allowed origins" }),
      ada.page.getByRole("textbox", { name: "Sunday" }),
      ada.page.getByRole("button", { name: "Make a secret" }),
    ]);
    await ada.page.goto("/admin/webhooks");
    await expectFits(ada.page, "/admin/webhooks", [
      ada.page.getByRole("textbox", { name: "Address" }),
      ada.page.getByRole("button", { name: "Add receiver" }),
    ]);
    await ada.goto("/admin/audit");
    await expectFits(ada.page, "/admin/audit", [
      ada.page.getByRole("textbox", { name: "Username" }),
      ada.page.getByRole("button", { name: "Export CSV" }),
      ada.page.getByRole("row").filter({ hasText: "Signed in" }).first(),
    ]);
    await dana.begin(`Hello ${"z".repeat(300)}`);
    await ada.goto("/admin/customers?name=Dana");
    await expectFits(ada.page, "/admin/customers", [
      ada.page.getByRole("button", { name: "Erase Dana Dietz" }).first(),
    ]);
    await expectFits(dana.page, "/chat/{channel key}", [dana.chat.text, dana.chat.sendButton]);
  });
}

/** As wide as its longest word needs: nothing of any choice is cut off. */
async function expectWholeWords(select: Locator, where: string): Promise<void> {
  const [width, needed] = await select.evaluate((element: HTMLSelectElement) => {
    const width = element.offsetWidth;
    element.style.inlineSize = "max-content";
    const needed = element.offsetWidth;
    element.style.inlineSize = "";
    return [width, needed];
  });
  expect(width, where).toBeGreaterThanOrEqual(needed);
}

for (const hasTouch of [false, true]) {
  test.describe(hasTouch ? "under a finger" : "under a mouse", () => {
    test.use({ hasTouch, isMobile: hasTouch });

    test("the presence can be read at any width", async ({ amy }) => {
      await amy.signIn();
      for (const width of [360, 390, 480, 600, 768, 900, 1280, 1920, 2560]) {
        await amy.page.setViewportSize({ width, height: 844 });
        await expectFits(amy.page, `${width} px`, [amy.header.dialpad, amy.header.presence, amy.header.userMenu]);
        await expectWholeWords(amy.header.presence, `${width} px`);
      }
    });

    test("the buttons of a template stand in one line, also while another one is asked about", async ({ ada }) => {
      await ada.signIn();
      const [first, second] = [ada.templates.rows.first(), ada.templates.rows.nth(1)];
      const tops = (row: Locator) =>
        row.getByRole("button").evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().top));
      for (const width of [360, 390, 800, 1280, 1920]) {
        await ada.page.setViewportSize({ width, height: 900 });
        await first.getByRole("button", { name: "Delete" }).dblclick();
        await expect(first.getByRole("button", { name: /^(Cancel|Edit)$/ })).toBeVisible();
        await ada.reload();
        await expect(ada.templates.rows, `${width} px: a double click deletes nothing`).toHaveCount(4);
        expect(new Set(await tops(second)).size, `${width} px`).toBe(1);
        const before = await second.getByRole("button", { name: "Edit" }).boundingBox();
        await first.getByRole("button", { name: "Delete" }).click();
        await expectFits(ada.page, `${width} px, the question`, [first.getByRole("button", { name: "Cancel" })]);
        const after = await second.getByRole("button", { name: "Edit" }).boundingBox();
        expect(after?.x, `${width} px`).toBe(before?.x);
        await first.getByRole("button", { name: "Cancel" }).click();
      }
    });
  });
}

test("E39 a team whose name is one long word makes no page of administrators wider than a phone", async ({ ada }) => {
  await ada.signIn();
  await ada.call("administration/team_create", {
    change: { name: "T".repeat(80), members: [], supervisors: [] },
  });
  await ada.page.setViewportSize({ width: 320, height: 640 });
  for (const path of ["/admin/webhooks", "/admin/labels", "/admin/escalation", "/admin/tokens", "/admin/alerts"]) {
    await ada.page.goto(path);
    await expectFits(ada.page, path, [ada.page.getByRole("heading", { level: 1 })]);
  }
});

test("U27 the pages of an administrator, and of somebody with three roles, stand in one row at any width, on the host's pages too", async ({
  ada,
  meet,
}) => {
  test.slow();
  await ada.signIn();
  await ada.call("administration/user_create", {
    username: "tess", name: "Tess Three", roles: ["agent", "supervisor", "administrator"], password: "correct-horse",
  });
  const tess = await meet("tess", "Tess Three");
  await tess.signInFirst("correct-horse", "stone-by-stone");
  for (const person of [ada, tess]) {
    for (const path of ["/admin/audit", "/admin/labels"]) {
      await person.page.goto(path);
      const links = person.page.getByRole("navigation", { name: "Main" }).getByRole("link");
      await expect(links.nth(6)).toBeAttached();
      const mark = person.page.getByRole("banner").getByRole("link").first();
      for (const width of [320, 390, 480, 768, 800, 1024, 1280, 1440, 1920]) {
        const where = `${person.name}: ${path} at ${width} px`;
        await person.page.setViewportSize({ width, height: 844 });
        await expectFits(person.page, where, await links.all());
        const tops = await links.evaluateAll((all) => all.map((link) => Math.round(link.getBoundingClientRect().top)));
        expect(new Set(tops).size, where).toBe(1);
        // From a tablet on they stand beside the mark, in the row of the tools.
        const middle = (link: Locator) =>
          link.evaluate((element) => {
            const { top, bottom } = element.getBoundingClientRect();
            return (top + bottom) / 2;
          });
        if (width > 768) expect(Math.abs((await middle(mark)) - (await middle(links.first()))), where).toBeLessThan(12);
      }
    }
  }
});

for (const width of [320, 390]) {
  test.describe(`under a finger at ${width} px`, () => {
    test.use({ hasTouch: true, isMobile: true, viewport: { width, height: 844 } });

    test(`U27 at ${width} px somebody with three roles has one row of tools, and every page in words`, async ({ ada, meet }) => {
      await ada.signIn();
      await ada.call("administration/user_create", {
        username: "tess", name: "Tess Three", roles: ["agent", "supervisor", "administrator"], password: "correct-horse",
      });
      const tess = await meet("tess", "Tess Three");
      await tess.page.setViewportSize({ width, height: 844 });
      await tess.signInFirst("correct-horse", "stone-by-stone");
      const { header } = tess;
      const tools = [header.dialpad, header.assistance, header.directory, header.presence, header.userMenu];
      await expectFits(tess.page, `${width} px`, tools);
      const middles = await Promise.all(
        tools.map((tool) => tool.evaluate((element) => {
          const { top, bottom } = element.getBoundingClientRect();
          return (top + bottom) / 2;
        })),
      );
      expect(Math.max(...middles) - Math.min(...middles), "one row").toBeLessThan(12);
      const links = tess.page.getByRole("navigation", { name: "Main" }).getByRole("link");
      await expect(links.nth(7)).toBeAttached();
      const words = await links.evaluateAll((all) =>
        all.map((link) => {
          const label = link.querySelector("span")?.getBoundingClientRect();
          return { top: link.getBoundingClientRect().top, width: label?.width ?? 0 };
        }),
      );
      for (const word of words) expect(word.width, "a word that is seen").toBeGreaterThan(20);
      expect(new Set(words.map(({ top }) => Math.round(top))).size, "rows of pages").toBe(1);
      for (const link of await links.all()) await expect(link).toBeInViewport({ ratio: 1 });
      await links.filter({ hasText: "Audit log" }).click();
      await expect(tess.page).toHaveURL("/admin/audit");
      await expectFits(tess.page, "/admin/audit", tools);
    });

    test(`U27 at ${width} px a row of the modal is a few lines`, async ({ amy, sam }) => {
      await amy.signIn();
      await sam.signIn();
      await sam.goto(`/coaching/${await amy.id()}`);
      const row = sam.modal.rows.first();
      await expect(row).toBeVisible();
      await expectFits(sam.page, "the modal", [row, sam.modal.closeButton]);
      expect((await row.boundingBox())?.height).toBeLessThan(170);
    });
  });
}

test.describe("under a finger on a phone", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test("U27 the dashboard's ways stand in one row, and a raised hand says nothing twice", async ({ amy, sam }) => {
    await amy.signIn();
    await sam.signIn();
    const main = sam.page.getByRole("main");
    const ways = [
      main.getByRole("button", { name: "Message a team…" }),
      ...["Watch wall", "Analytics", "Walls"].map((name) => main.getByRole("link", { name, exact: true })),
    ];
    await expectFits(sam.page, "/dashboard", ways);
    const tops = await Promise.all(
      ways.map((way) => way.evaluate((element) => Math.round(element.getBoundingClientRect().top))),
    );
    expect(new Set(tops).size, "rows").toBe(1);

    await amy.raiseHand();
    const { region, composer, dismissButton } = sam.popUpFrom("Amy Adler");
    await expectFits(sam.page, "a raised hand", [composer.text, composer.sendButton, dismissButton]);
    for (const said of ["Needs assistance", "Awaiting your reply"]) {
      const box = await region.getByText(said).boundingBox();
      expect(box?.height, `${said}, for a screen reader`).toBeLessThanOrEqual(1);
    }
  });
});
