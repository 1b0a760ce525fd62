// Who may: nobody who is not signed in, nobody from another site, and "not found" for everything that is not
// one's own, whether or not it exists.

import { conversation, monitored } from "../fixtures/scenes.ts";
import type { Person } from "../fixtures/person.ts";
import { expect, test } from "../fixtures/test.ts";
import { newKey } from "../fixtures/wire.ts";

const PAGES = ["/workspace", "/dashboard", "/settings", "/admin/templates", "/admin/users", "/admin/teams", "/admin/channels"];

test("without signing in every page leads to the sign-in and every call is refused", async ({ sam }) => {
  for (const path of PAGES) {
    await sam.page.goto(path);
    await expect(sam.page.getByRole("button", { name: "Sign in" })).toBeVisible();
    await expect(sam.page).toHaveURL(/\/login\?next=/);
  }
  for (const name of [
    "workitems/worklist_load",
    "coaching/dashboard_load",
    "directory/desk_load",
    "directory/people_list",
    "templates/template_list",
    "administration/user_list",
    "administration/team_list",
    "account/sessions_end_elsewhere",
  ]) {
    expect(await sam.refused(name, {}, 401), name).toBe("Unauthenticated");
  }
});

test("M04 the page of a stranger's workitem does not differ from one that does not exist", async ({
  amy,
  sid,
  dana,
}) => {
  const workitem = await conversation(amy, dana);
  await sid.signIn();
  const page = async (agent: string, id: string) => {
    const path = id ? `/coaching/${agent}/${id}` : `/coaching/${agent}`;
    const response = await sid.context.request.get(`${sid.program.url}${path}`);
    expect(response.status(), path).toBe(404);
    // The address itself, and the nonce and the time of this one rendering, are all that may differ.
    const body = (await response.text())
      .replaceAll(path, "PATH")
      .replace(/nonce="[^"]*"/g, "NONCE")
      .replace(/data-now="\d+"/, "NOW");
    return (id ? body.replaceAll(id, "WORKITEM") : body).replaceAll(`{\\"agent\\":\\"${agent}\\"`, "AGENT");
  };
  const amysId = await amy.id();
  const absent = "01234567890123456789012345";
  expect(await page(amysId, workitem.id)).toEqual(await page(amysId, absent));
  expect(await page(amysId, workitem.id)).toEqual(await page("nobody", absent));
  expect(await page(amysId, "")).toEqual(await page("nobody", ""));
});

/** Calls that read or change something of amy's, by a person who must not. */
async function trespass(intruder: Person, amy: Person, workitem: string): Promise<void> {
  const key = newKey();
  const calls: [string, unknown][] = [
    ["workitems/conversation_load", { workitem }],
    ["workitems/conversation_older", { workitem, before: 100 }],
    ["workitems/message_send", { workitem, key, text: "Hello" }],
    ["workitems/workitem_read", { workitem, through: 1 }],
    ["workitems/workitem_wrap_up", { workitem, key }],
    ["workitems/workitem_close", { workitem, key }],
    ["workitems/workitem_transfer", { workitem, key, to: { Agent: await intruder.id() } }],
    ["coaching/agent_workitems_load", { agent: await amy.id() }],
    ["coaching/agent_workitems_beside", { agent: await amy.id(), workitem }],
    ["coaching/coaching_send", { workitem, key, text: "Hello" }],
    ["coaching/coaching_forward", { workitem, entry: "whatever" }],
    ["coaching/reaction_set", { workitem, entry: "whatever", reaction: "thumbs_up" }],
  ];
  for (const [name, body] of calls) {
    expect(await intruder.refused(name, body, 404), `${intruder.name}: ${name}`).toBe("NotFound");
  }
}

test("M04 colleagues, other teams' supervisors and administrators get nowhere near an agent's work", async ({
  amy,
  ben,
  cleo,
  sid,
  ada,
  dana,
}) => {
  const workitem = await conversation(amy, dana);
  for (const intruder of [ben, cleo, sid, ada]) {
    await intruder.signIn();
    await trespass(intruder, amy, workitem.id);
  }
  await amy.answer("Nothing happened here.");
  await expect(dana.chat.messages).toHaveCount(2);
});

test("M04 a supervisor can look and coach, and do nothing in the agent's name", async ({ amy, sam, dana }) => {
  const workitem = await monitored(amy, sam, dana);
  await sam.ask("workitems/conversation_load", { workitem: workitem.id });
  const { entry } = await sam.ask<{ entry: { id: string } }>("coaching/coaching_send", {
    workitem: workitem.id,
    key: newKey(),
    text: "Mine alone",
  });
  const key = newKey();
  for (const [name, body] of [
    ["workitems/message_send", { workitem: workitem.id, key, text: "Hello" }],
    ["workitems/workitem_read", { workitem: workitem.id, through: 1 }],
    ["workitems/workitem_wrap_up", { workitem: workitem.id, key }],
    ["coaching/coaching_forward", { workitem: workitem.id, entry: entry.id }],
    ["coaching/reaction_set", { workitem: workitem.id, entry: entry.id, reaction: "thumbs_up" }],
  ] as const) {
    expect(await sam.refused(name, body, 404), name).toBe("NotFound");
  }
  // And the agent does not coach.
  expect(await amy.refused("coaching/coaching_send", { workitem: workitem.id, key, text: "Hm" }, 404)).toBe("NotFound");
});

test("administration is for administrators", async ({ amy, sam }) => {
  for (const person of [amy, sam]) {
    await person.signIn();
    for (const [name, body] of [
      ["templates/template_list", {}],
      ["templates/template_create", { key: newKey(), title: "T", message: "M", active: true }],
      ["templates/template_update", { template: "t", title: "T", message: "M", active: true }],
      ["templates/template_move", { template: "t", up: true }],
      ["templates/template_delete", { template: "t" }],
      ["administration/user_list", {}],
      ["administration/user_create", { username: "eve", name: "Eve", roles: ["agent"], password: "correct-horse" }],
      ["administration/user_update", { user: await person.id(), name: "Eve", roles: ["administrator"] }],
      ["administration/user_password_reset", { user: await person.id(), password: "correct-horse" }],
      ["administration/user_activate", { user: await person.id(), active: false }],
      ["administration/team_list", {}],
      ["administration/team_create", { change: { name: "T", members: [], supervisors: [] } }],
      ["administration/team_update", { team: "t", change: { name: "T", members: [], supervisors: [] } }],
      ["administration/channel_create", { team: "t", name: "Shop" }],
      ["administration/channel_activate", { channel: "c", active: false }],
    ] as const) {
      expect(await person.refused(name, body, 404), `${person.name}: ${name}`).toBe("NotFound");
    }
  }
});

test("a request from another site changes nothing", async ({ amy, program }) => {
  await amy.signIn();
  const workitem = await amy.workitemOn("chat");
  const forged = await amy.context.request.post(`${program.url}/api/app/api/workitems/message_send`, {
    data: { workitem: workitem.id, key: newKey(), text: "Forged" },
    headers: { Origin: "https://elsewhere.example", "Content-Type": "application/json" },
  });
  expect(forged.status()).toBe(403);
  const signOut = await amy.context.request.post(`${program.url}/logout`, {
    headers: { Origin: "https://elsewhere.example" },
  });
  expect(signOut.status()).toBe(403);
  await amy.reload();
  await expect(amy.workspace.list).toBeVisible();
});

test("signing out in one window ends the session in the others", async ({ sam }) => {
  await sam.signIn();
  const other = await sam.openWindow("/settings");
  sam.expectProblem(/401|WebSocket/);
  await sam.signOut();
  await expect(other.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  expect(await sam.refused("directory/desk_load", {}, 401)).toBe("Unauthenticated");
});
