// Every page, opened directly and reached from another one by clicking, back and forward: the document stays, the
// address and the title follow, and the browser reports nothing, under the policy that the host sends.

import type { ConsoleMessage, Page } from "@playwright/test";

import type { Person } from "../fixtures/person.ts";
import { monitored } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

/** A page by its address, with the title of its window. */
type Place = readonly [path: string, title: string | RegExp];

/** Everything that the browser says from here on: warnings of the hydration as well as errors. */
function listen(page: Page): string[] {
  const said: string[] = [];
  page.on("console", (message: ConsoleMessage) => {
    // A busy machine takes up what was preloaded later than the browser expects.
    const late = message.text().includes("was preloaded using link preload but not used");
    if (["warning", "error"].includes(message.type()) && !late) said.push(message.text());
  });
  return said;
}

async function at(person: Person, [path, title]: Place): Promise<void> {
  await expect(person.page).toHaveURL(path);
  await expect(person.page).toHaveTitle(title);
}

/** Opens each page by its address. */
async function openEach(person: Person, places: readonly Place[]): Promise<void> {
  for (const place of places) {
    const answer = person.page.waitForResponse((response) => new URL(response.url()).pathname === place[0]);
    await person.goto(place[0]);
    const policy = (await (await answer).headerValue("content-security-policy")) ?? "";
    expect(policy).toMatch(/default-src 'none'; script-src 'self' 'nonce-[^']+' 'wasm-unsafe-eval';/);
    expect(policy).not.toContain("unsafe-inline");
    await at(person, place);
    await expect(person.page.locator("html")).toHaveAttribute("data-ready", "true");
  }
}

/** The step that leads to the place. */
type Step = readonly [go: () => Promise<void>, place: Place];

/** Takes the steps in one document, goes back through all of them, and forward again. */
async function walk(person: Person, begin: Place, steps: readonly Step[]): Promise<void> {
  await person.goto(begin[0]);
  await person.page.evaluate(() => document.documentElement.setAttribute("data-document", "first"));
  for (const [go, place] of steps) {
    await go();
    await at(person, place);
  }
  const places = [begin, ...steps.map(([, place]) => place)];
  for (const place of places.slice(0, -1).reverse()) {
    await person.page.goBack();
    await at(person, place);
  }
  for (const place of places.slice(1)) {
    await person.page.goForward();
    await at(person, place);
  }
  await expect(person.page.locator("html")).toHaveAttribute("data-document", "first");
}

test("an agent's pages open directly and from each other, back and forward", async ({ amy }) => {
  const said = listen(amy.page);
  await at(amy, await opened(amy, "/login", "Sign in · Sideline"));
  await amy.signIn();
  const [chat, email] = [await amy.workitemOn("chat"), await amy.workitemOn("email")];
  const workspace: Place = ["/workspace", "Workspace · Sideline"];
  const one: Place = [`/workspace/${chat.id}`, `${chat.subject} · Sideline`];
  const other: Place = [`/workspace/${email.id}`, `${email.subject} · Sideline`];
  const settings: Place = ["/settings", "Settings · Sideline"];
  const history: Place = ["/history", "History · Sideline"];
  await openEach(amy, [workspace, one, other, history, settings]);
  await walk(amy, settings, [
    [() => header(amy, "Workspace"), workspace],
    [() => amy.workspace.workitem(chat.subject).click(), one],
    [() => amy.workspace.workitem(email.subject).click(), other],
    [() => header(amy, "History"), history],
    [() => menu(amy, "Settings"), settings],
  ]);
  expect(said).toEqual([]);
});

test("a supervisor's pages open directly and from each other, back and forward", async ({ amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  const said = listen(sam.page);
  const dashboard: Place = ["/dashboard", "User Dashboard · Sideline"];
  const list: Place = [`/coaching/${await amy.id()}`, `Coaching ${amy.name} · Sideline`];
  const coaching: Place = [`${list[0]}/${workitem.id}`, `Coaching: ${workitem.subject} · Sideline`];
  const settings: Place = ["/settings", "Settings · Sideline"];
  await openEach(sam, [dashboard, list, coaching, settings]);
  await walk(sam, coaching, [
    [() => menu(sam, "Settings"), settings],
    [() => header(sam, "Dashboard"), dashboard],
  ]);
  await sam.dashboard.viewWorkitems(amy.name);
  await at(sam, list);
  await sam.modal.row(workitem.customer).dblclick();
  await sam.modal.editButton.click();
  await at(sam, coaching);
  await sam.page.goBack();
  await at(sam, list);
  // The window that is open there closes first, and leads to the dashboard.
  await expect(sam.modal.table).toBeVisible();
  await sam.page.goBack();
  await at(sam, dashboard);
  expect(said).toEqual([]);
});

test("an administrator's pages open directly and from each other, back and forward", async ({ ada }) => {
  const said = listen(ada.page);
  await ada.signIn();
  const templates: Place = ["/admin/templates", "Assistance templates · Sideline"];
  const users: Place = ["/admin/users", "Users · Sideline"];
  const teams: Place = ["/admin/teams", "Teams · Sideline"];
  const channels: Place = ["/admin/channels", "Channels · Sideline"];
  const organisation: Place = ["/admin/settings", "Organisation · Sideline"];
  const settings: Place = ["/settings", "Settings · Sideline"];
  await openEach(ada, [templates, users, teams, channels, organisation, settings]);
  await walk(ada, settings, [
    [() => header(ada, "Templates"), templates],
    [() => header(ada, "Users"), users],
    [() => header(ada, "Teams"), teams],
    [() => header(ada, "Channels"), channels],
    [() => header(ada, "Organisation"), organisation],
    [() => menu(ada, "Settings"), settings],
  ]);
  expect(said).toEqual([]);
});

test("after back and forward a link to the page before has its address", async ({ ada }) => {
  await ada.signIn();
  await header(ada, "Templates");
  await header(ada, "Users");
  await header(ada, "Teams");
  await ada.page.goBack();
  await at(ada, ["/admin/users", "Users · Sideline"]);
  await ada.page.goForward();
  await at(ada, ["/admin/teams", "Teams · Sideline"]);
  await header(ada, "Users");
  await at(ada, ["/admin/users", "Users · Sideline"]);
  await ada.page.goBack();
  await at(ada, ["/admin/teams", "Teams · Sideline"]);
});

test("an address with escapes shows what it names, and the browser agrees with the host", async ({ amy, sam }) => {
  const said = [listen(amy.page), listen(sam.page)];
  const escaped = (id: string) => id.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`);
  await amy.page.goto(`/login?error=credentials&username=a%2541%25&next=%2Fworkspace`);
  await expect(amy.page.getByLabel("Username")).toHaveValue("a%41%");
  await amy.signIn();
  const workitem = await amy.workitemOn("chat");
  await amy.goto(`/workspace/${escaped(workitem.id)}`);
  await expect(amy.page).toHaveTitle(`${workitem.subject} · Sideline`);
  await expect(amy.workspace.transcript.log).toBeVisible();
  await sam.signIn();
  await sam.goto(`/coaching/${escaped(await amy.id())}?show=longest%2Dwait`);
  await expect(sam.modal.editButton).toHaveCount(1);
  amy.expectProblem(/status of 404/);
  for (const path of ["/workspace/100%25", "/workspace/%zz", "/workspace/%ff", `/workspace/${workitem.id}%2F`]) {
    await amy.page.goto(path);
    await expect(amy.workspace.notYours, path).toBeVisible();
    await expect(amy.page.locator("html")).toHaveAttribute("data-ready", "true");
  }
  expect(said.flat().filter((text) => !text.includes("status of 404"))).toEqual([]);
});

test("an address that names nothing is answered with 404, also where an id cannot be one", async ({ amy, sam }) => {
  for (const [person, paths] of [
    [amy, ["/nowhere", "/workspace/not.an.id", "/workspace/none", "/workspace/a/b", "/dashboard"]],
    [sam, ["/coaching/not.an.id", "/coaching/not.an.id/none", "/coaching/amy/not.an.id", "/workspace"]],
  ] as const) {
    await person.signIn();
    for (const path of paths) {
      const answer = await person.context.request.get(`${person.program.url}${path}`);
      expect(answer.status(), path).toBe(404);
    }
  }
});

async function opened(person: Person, path: string, title: string): Promise<Place> {
  await person.page.goto(path);
  await expect(person.page.locator("html")).toHaveAttribute("data-ready", "true");
  return [path, title];
}

/** Follows a link of the header. */
async function header(person: Person, name: string): Promise<void> {
  const link = person.header.root.getByRole("link", { name, exact: true });
  await link.click();
  await expect(link).toHaveAttribute("aria-current", "page");
}

/** Follows an item of the user menu. */
async function menu(person: Person, name: string): Promise<void> {
  await person.header.userMenu.click();
  await person.page.getByRole("menuitem", { name, exact: true }).click();
}
