// Users, teams and chat channels, and what changing them does to those concerned.

import { LoginPage } from "../pages/login.ts";
import { Customer } from "../fixtures/customer.ts";
import { conversation } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

test("after sign-in everybody lands on the page of their first role", async ({ amy, sam, ada }) => {
  await amy.signIn();
  await expect(amy.page).toHaveURL("/workspace");
  await sam.signIn();
  await expect(sam.page).toHaveURL("/dashboard");
  await ada.signIn();
  await expect(ada.page).toHaveURL("/admin/templates");
});

test("a page that needs a sign-in leads to it and back", async ({ sam }) => {
  await sam.page.goto("/settings");
  const login = new LoginPage(sam.page);
  await expect(login.signInButton).toBeVisible();
  await login.signIn("sam", "not the password");
  await expect(login.problem).toContainText("Incorrect username or password.");
  await expect(login.username).toHaveValue("sam");
  await login.password.fill("sideline-demo");
  await login.signInButton.click();
  await expect(sam.settings.notification).toBeVisible();
  await expect(sam.page).toHaveURL("/settings");
});

test("who is signed in already goes on from the sign-in page to where it leads, never to another host", async ({ sam }) => {
  await sam.signIn();
  await sam.goto("/login?next=/settings");
  await expect(sam.page).toHaveURL("/settings");
  for (const elsewhere of ["//example.org/", "https://example.org/", "/\\example.org/", "/\t/example.org/"]) {
    await sam.goto(`/login?next=${encodeURIComponent(elsewhere)}`);
    await expect(sam.page, elsewhere).toHaveURL("/dashboard");
  }
});

test("too many wrong passwords are slowed down, for this account only", async ({ sam, ben }) => {
  const login = new LoginPage(sam.page);
  sam.expectProblem(/429/);
  for (let attempt = 0; attempt < 12; attempt += 1) {
    await sam.context.request.post("/login", {
      form: { username: "sam", password: `wrong-${attempt}-wrong` },
      maxRedirects: 0,
    });
  }
  await login.open();
  await login.signIn("sam", "sideline-demo");
  await expect(login.problem).toContainText(/Too many attempts. Try again in \d+ seconds?/);
  await ben.signIn();
});

test("an administrator creates a user, who can sign in and work at once", async ({ ada, meet }) => {
  await ada.signIn();
  await ada.goto("/admin/users");
  await ada.users.create({ name: "Nina North", username: "nina", role: "Agent", password: "correct-horse" });
  await expect(ada.users.row("Nina North")).toContainText("Agent");
  const nina = await meet("nina", "Nina North");
  await nina.signInFirst("correct-horse", "stone-by-stone");
  await expect(nina.page).toHaveURL("/workspace");
});

test("a username that is taken is refused at its field, and nothing typed is lost", async ({ ada }) => {
  await ada.signIn();
  await ada.goto("/admin/users");
  ada.expectProblem(/422/);
  await ada.users.newButton.click();
  await ada.users.field("Name").fill("Amy the Second");
  await ada.users.field("Username").fill("amy");
  await ada.users.role("Agent").check();
  await ada.users.field("Password").fill("correct-horse");
  await ada.users.saveButton.click();
  await expect(ada.users.field("Username")).toHaveAttribute("aria-invalid", "true");
  await expect(ada.users.field("Username")).toHaveAccessibleDescription(/taken|exists|in use/i);
  await expect(ada.users.field("Name")).toHaveValue("Amy the Second");
  await expect(ada.users.row("Amy the Second")).toHaveCount(0);
});

test("a password that an administrator resets ends the user's sessions", async ({ ada, ben }) => {
  await ben.signIn();
  await ada.signIn();
  await ada.goto("/admin/users");
  ben.expectProblem(/401|WebSocket/);
  await ada.users.resetPassword("Ben Brooks", "a-new-password");
  await expect(new LoginPage(ben.page).signInButton).toBeVisible();
  await ben.signInFirst("a-new-password", "stone-by-stone");
  await expect(ben.page).toHaveURL("/workspace");
});

test("S11 a sensitive act asks for the password once more and then goes on", async ({ ada, ben }) => {
  await ada.signIn();
  ada.expectProblem(/422/);
  await ada.users.open();
  // The session has not proved its password for a while: the host says so once.
  const asked = { Invalid: { field: "your_password", reason: "is needed once more" } };
  await ada.page.route(
    "**/administration/user_password_reset",
    (route) => route.fulfill({ status: 422, json: asked }),
    { times: 1 },
  );
  const users = ada.users;
  await users.row("Ben Brooks").getByRole("button", { name: "Reset password" }).click();
  await users.field("Password").fill("a-new-password");
  await users.saveButton.click();
  const dialog = ada.page.getByRole("dialog", { name: "Confirm it is you" });
  const own = dialog.getByRole("textbox", { name: "Your password" });
  await expect(own).toBeFocused();
  await own.fill("not the password");
  await own.press("Enter");
  await expect(dialog).toContainText("This is not your current password.");
  await own.fill("sideline-demo");
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await expect(dialog).toBeHidden();
  await expect(users.editor).toBeHidden();
  await ben.signInFirst("a-new-password", "stone-by-stone");
  // One's own is changed in the settings.
  await expect(users.row("Ada Almond").getByRole("button", { name: "Reset password" })).toBeHidden();
});

test("S11 to let somebody supervise a team asks for the password once more and then goes on", async ({ ada }) => {
  await ada.signIn();
  ada.expectProblem(/422/);
  const asked = { Invalid: { field: "your_password", reason: "is needed once more" } };
  const confirm = async () => {
    const dialog = ada.page.getByRole("dialog", { name: "Confirm it is you" });
    await dialog.getByRole("textbox", { name: "Your password" }).fill("sideline-demo");
    await dialog.getByRole("button", { name: "Confirm" }).click();
    await expect(dialog).toBeHidden();
  };
  const refuseOnce = (act: string) =>
    ada.page.route(`**/administration/${act}`, (route) => route.fulfill({ status: 422, json: asked }), { times: 1 });

  await ada.teams.open();
  await refuseOnce("team_update");
  await ada.teams.edit("Care");
  await ada.teams.supervisors.getByRole("checkbox", { name: "Sid Sharp" }).check();
  await ada.teams.saveButton.click();
  await confirm();
  await expect(ada.teams.editor).toBeHidden();
  await expect(ada.teams.team("Care")).toContainText("Sid Sharp");

  // A user who is stored already is put into the teams afterwards.
  await ada.users.open();
  await refuseOnce("memberships_change");
  await ada.users.row("Sam Stone").getByRole("button", { name: "Edit" }).click();
  await ada.users.editor.getByRole("group", { name: "Supervises" }).getByRole("checkbox", { name: "Sales" }).check();
  await ada.users.saveButton.click();
  await confirm();
  await expect(ada.users.editor).toBeHidden();
  await expect(ada.users.row("Sam Stone")).toContainText("Sales");
});

test("E50 a password may be of any kind, and not one that is guessed first", async ({ sam, meet }) => {
  await sam.signIn();
  sam.expectProblem(/422/);
  await sam.goto("/settings");
  const region = sam.page.getByRole("region", { name: "Password" });
  const choose = async (old: string, password: string) => {
    await region.getByRole("textbox", { name: "Current password" }).fill(old);
    await region.getByRole("textbox", { name: "New password", exact: true }).fill(password);
    await region.getByRole("textbox", { name: "Confirm new password" }).fill(password);
    await region.getByRole("button", { name: "Change password" }).click();
  };
  await choose("sideline-demo", "1234567890");
  await expect(region).toContainText("This is one of the passwords that are guessed first.");
  await choose("sideline-demo", "short");
  await expect(region).toContainText("Use 8 to 128 characters; this has 5.");
  // 128 of them, in twice as many units of UTF-16, with blanks on both sides.
  const long = ` ${"🦄🎈🧨🐴🔋📎".repeat(21)} `;
  await choose("sideline-demo", long);
  await expect(region).toContainText("Password changed.");
  const elsewhere = await meet("sam", "Sam Stone");
  await elsewhere.signIn(long);
});

test("S09 F55 wrong passwords from elsewhere lock nobody out of their usual browser", async ({ sam, meet }) => {
  await sam.signIn();
  const stranger = await meet("sam", "Sam Stone");
  for (let attempt = 0; attempt < 11; attempt += 1) {
    await stranger.context.request.post("/login", {
      form: { username: "sam", password: `wrong-${attempt}-wrong` },
      maxRedirects: 0,
    });
  }
  const login = new LoginPage(stranger.page);
  await login.open();
  await login.signIn("sam", "sideline-demo");
  await expect(login.problem).toContainText("Too many attempts");
  await sam.signOut();
  await sam.signIn();
});

test("a user changes their own password, and the old one is worth nothing", async ({ sam, meet }) => {
  await sam.signIn();
  await sam.goto("/settings");
  const region = sam.page.getByRole("region", { name: "Password" });
  await region.getByRole("textbox", { name: "Current password" }).fill("sideline-demo");
  await region.getByRole("textbox", { name: "New password", exact: true }).fill("stone-by-stone");
  await region.getByRole("textbox", { name: "Confirm new password" }).fill("stone-by-stone");
  await region.getByRole("button", { name: /change/i }).click();
  await expect(region.getByRole("status")).toContainText("Password changed.");
  const again = await meet("sam", "Sam Stone");
  const login = new LoginPage(again.page);
  await login.open();
  await login.signIn("sam", "sideline-demo");
  await expect(login.problem).toBeVisible();
  await again.signIn("stone-by-stone");
  // The window in which it was changed stays signed in.
  await sam.reload();
  await expect(sam.header.userMenu).toBeVisible();
});

test("a deactivated user is signed out at once and their work goes back to the queue", async ({
  ada,
  amy,
  ben,
  dana,
}) => {
  await conversation(amy, dana);
  await ben.signIn();
  await ada.signIn();
  await ada.goto("/admin/users");
  amy.expectProblem(/401|WebSocket/);
  await ada.users.deactivate("Amy Adler");
  await expect(new LoginPage(amy.page).signInButton).toBeVisible();
  await expect(ben.workspace.workitem("Dana Dietz")).toBeVisible();
  await new LoginPage(amy.page).signIn("amy", "sideline-demo");
  await expect(new LoginPage(amy.page).problem).toBeVisible();

  await ada.users.activate("Amy Adler");
  await amy.signIn();
  await expect(amy.workspace.list).toBeVisible();
});

test("nobody deactivates themselves", async ({ ada }) => {
  await ada.signIn();
  await ada.goto("/admin/users");
  await expect(ada.users.row("Ada Almond")).toContainText("This is you");
  await expect(ada.users.row("Ada Almond").getByRole("button", { name: "Deactivate" })).toHaveCount(0);
  const response = await ada.call("administration/user_activate", { user: await ada.id(), active: false });
  expect(response.status()).toBe(409);
});

test("a supervisor sees an agent as soon as the agent is in the team, and no longer", async ({ ada, sam, cleo }) => {
  await cleo.signIn();
  await sam.signIn();
  await expect(sam.dashboard.agent("Amy Adler").row).toBeVisible();
  await expect(sam.dashboard.agent("Cleo Costa").row).toHaveCount(0);
  await ada.signIn();
  await ada.goto("/admin/teams");
  await ada.teams.edit("Care");
  await ada.teams.agents.getByRole("checkbox", { name: "Cleo Costa" }).check();
  await ada.teams.save();
  await expect(sam.dashboard.agent("Cleo Costa").row).toBeVisible();
  await ada.teams.edit("Care");
  await ada.teams.agents.getByRole("checkbox", { name: "Cleo Costa" }).uncheck();
  await ada.teams.save();
  await expect(sam.dashboard.agent("Cleo Costa").row).toHaveCount(0);
});

test("a new chat channel brings customers to its team, and can be switched off", async ({
  ada,
  cleo,
  browser,
  program,
}) => {
  await ada.signIn();
  await ada.goto("/admin/teams");
  await ada.teams.addChannel("Sales", "Shop");
  const address = ada.teams.channel("Sales", "Shop").getByRole("link", { name: /^\/chat\// });
  const path = await address.getAttribute("href");
  expect(path).toMatch(/^\/chat\/\S+$/);
  await cleo.signIn();
  const buyer = await Customer.meet(browser, program, "Bea Buyer");
  await buyer.page.goto(path ?? "");
  await expect(buyer.page.getByRole("heading", { name: "Shop" })).toBeVisible();
  await buyer.chat.begin("Bea Buyer", "How much is it?");
  await expect(cleo.workspace.workitem("Bea Buyer")).toBeVisible();

  await ada.teams.channelSwitch("Sales", "Shop").uncheck();
  await expect(ada.teams.channel("Sales", "Shop")).toContainText("Off");
  const late = await Customer.meet(browser, program, "Lea Late");
  await expect(async () => {
    await late.page.goto(path ?? "");
    await expect(late.chat.status).toHaveText("Nobody takes messages here at the moment.", { timeout: 1_000 });
  }).toPass();
  await expect(late.chat.text).toHaveCount(0);
  expect([...(await buyer.leave()), ...(await late.leave())]).toEqual([]);
});

test("a new team with its people works like the others", async ({ ada, sid, cleo }) => {
  await ada.signIn();
  await ada.goto("/admin/teams");
  await ada.teams.newButton.click();
  await ada.teams.name.fill("Night shift");
  await ada.teams.agents.getByRole("checkbox", { name: "Cleo Costa" }).check();
  await ada.teams.supervisors.getByRole("checkbox", { name: "Sid Sharp" }).check();
  await ada.teams.save();
  await expect(ada.teams.team("Night shift")).toContainText("Cleo Costa");
  await cleo.signIn();
  await sid.signIn();
  await expect(sid.dashboard.agent("Cleo Costa").row).toContainText("Night shift");
});

test("U28 who is deleted is signed out, their work goes back, and what they wrote keeps their name", async ({
  ada,
  amy,
  ben,
  dana,
}) => {
  await conversation(amy, dana);
  await amy.workspace.composer.send("It leaves the warehouse today.");
  await ben.signIn();
  await ada.signIn();
  await ada.users.open();
  amy.expectProblem(/401|WebSocket/);
  await ada.users.askToDelete("Amy Adler");
  const dialog = ada.users.deletion("Amy Adler");
  await expect(dialog).toContainText(/\d+ open workitems go back to their queues/);
  await expect(dialog).toContainText("keeps their name");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(ada.users.row("Amy Adler")).toBeVisible();

  await ada.users.editor.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(ada.users.row("Amy Adler")).toHaveCount(0);
  await expect(new LoginPage(amy.page).signInButton).toBeVisible();
  await new LoginPage(amy.page).signIn("amy", "sideline-demo");
  await expect(new LoginPage(amy.page).problem).toContainText("Incorrect username or password.");
  await ben.workspace.workitem("Dana Dietz").click();
  await expect(ben.workspace.transcript.agent("It leaves the warehouse today.")).toContainText("Amy Adler");

  // The username is nobody else's.
  ada.expectProblem(/422/);
  await ada.users.newButton.click();
  await ada.users.field("Name").fill("Amy the Second");
  await ada.users.field("Username").fill("amy");
  await ada.users.role("Agent").check();
  await ada.users.field("Password").fill("correct-horse");
  await ada.users.saveButton.click();
  await expect(ada.users.field("Username")).toHaveAccessibleDescription(/was deleted, and stays taken/);
});

test("U28 deleting a user asks for the password once more", async ({ ada }) => {
  await ada.signIn();
  ada.expectProblem(/422/);
  await ada.users.open();
  const asked = { Invalid: { field: "your_password", reason: "is needed once more" } };
  await ada.page.route("**/deletions/user_delete", (route) => route.fulfill({ status: 422, json: asked }), { times: 1 });
  await ada.users.askToDelete("Ben Brooks");
  await ada.users.deletion("Ben Brooks").getByRole("button", { name: "Delete" }).click();
  const proof = ada.page.getByRole("dialog", { name: "Confirm it is you" });
  await proof.getByRole("textbox", { name: "Your password" }).fill("sideline-demo");
  await proof.getByRole("button", { name: "Confirm" }).click();
  await expect(ada.users.row("Ben Brooks")).toHaveCount(0);
  // Nobody deletes themselves.
  await ada.users.row("Ada Almond").getByRole("button", { name: "Edit" }).click();
  await expect(ada.users.editor.getByRole("button", { name: "Delete" })).toHaveCount(0);
});

test("U28 a chat channel has the address that was chosen, is renamed, and its address is never used again", async ({
  ada,
  browser,
  program,
}) => {
  await ada.signIn();
  await ada.teams.open();
  ada.expectProblem(/422|409/);
  const card = ada.teams.team("Sales");
  await card.getByRole("textbox", { name: "Name of a new chat channel for Sales" }).fill("Support");
  await ada.teams.address("Sales").fill("no address");
  await card.getByRole("button", { name: "Add channel" }).click();
  await expect(ada.teams.address("Sales")).toHaveAccessibleDescription(/3 to 60 letters/);
  await ada.teams.addChannel("Sales", "Support", "support");
  await expect(ada.teams.said).toHaveText("Added Support.");
  const buyer = await Customer.meet(browser, program, "Bea Buyer");
  await buyer.page.goto("/chat/support");
  await expect(buyer.page.getByRole("heading", { name: "Support" })).toBeVisible();

  await card.getByRole("button", { name: "Rename Support" }).click();
  await card.getByRole("textbox", { name: "Rename Support" }).fill("Help");
  await card.getByRole("textbox", { name: "Rename Support" }).press("Enter");
  await expect(ada.teams.said).toHaveText("Saved Help.");
  await buyer.page.reload();
  await expect(buyer.page.getByRole("heading", { name: "Help" })).toBeVisible();
  // What was said of one act does not stay while another one is done.
  await ada.teams.channelSwitch("Sales", "Help").uncheck();
  await expect(ada.teams.said).toHaveText("Help is off.");

  await card.getByRole("button", { name: "Delete Help" }).click();
  await expect(ada.teams.deletion("Help")).toContainText("/chat/support");
  await ada.teams.deletion("Help").getByRole("button", { name: "Delete" }).click();
  await expect(ada.teams.channel("Sales", "Help")).toHaveCount(0);
  const gone = await buyer.page.request.get("/chat/support");
  expect(gone.status()).toBe(404);
  await card.getByRole("textbox", { name: "Name of a new chat channel for Sales" }).fill("Support");
  await ada.teams.address("Sales").fill("support");
  await card.getByRole("button", { name: "Add channel" }).click();
  await expect(ada.teams.address("Sales")).toHaveAccessibleDescription(/was deleted, and stays taken/);
  expect(await buyer.leave()).toEqual([]);
});

test("U28 a team on which something hangs is not deleted, and says why", async ({ ada }) => {
  await ada.signIn();
  await ada.teams.open();
  await ada.teams.edit("Care");
  await ada.teams.editor.getByRole("button", { name: "Delete" }).click();
  const care = ada.teams.deletion("Care");
  await expect(care).toContainText(/2 agents, 1 channel, \d+ open workitems/);
  await expect(care.getByRole("button", { name: "Delete" })).toHaveCount(0);
  await care.getByRole("button", { name: "Close" }).click();
  await ada.teams.editor.getByRole("button", { name: "Cancel" }).click();

  await ada.teams.newButton.click();
  await ada.teams.name.fill("Night shift");
  await ada.teams.save();
  await ada.teams.edit("Night shift");
  await ada.teams.editor.getByRole("button", { name: "Delete" }).click();
  await ada.teams.deletion("Night shift").getByRole("button", { name: "Delete" }).click();
  await expect(ada.teams.team("Night shift")).toHaveCount(0);
  await expect(ada.teams.said).toHaveText("Deleted Night shift.");
});

test("U28 a user is put into teams where the user is made, and the list says which", async ({ ada, sid, meet }) => {
  await ada.signIn();
  await sid.signIn();
  await ada.users.open();
  const { users } = ada;
  await users.newButton.click();
  await users.field("Name").fill("Nina North");
  await users.field("Username").fill("nina");
  await expect(users.editor.getByRole("group", { name: "Works in" })).toHaveCount(0);
  await users.role("Agent").check();
  await users.editor.getByRole("group", { name: "Works in" }).getByRole("checkbox", { name: "Sales" }).check();
  await users.field("Password").fill("correct-horse");
  await users.save();
  await expect(users.row("Nina North")).toContainText("Sales");
  await expect(sid.dashboard.agent("Nina North").row).toContainText("Sales");
  const nina = await meet("nina", "Nina North");
  await nina.signInFirst("correct-horse", "stone-by-stone");

  await users.row("Nina North").getByRole("button", { name: "Edit" }).click();
  const works = users.editor.getByRole("group", { name: "Works in" });
  await expect(works.getByRole("checkbox", { name: "Sales" })).toBeChecked();
  await works.getByRole("checkbox", { name: "Sales" }).uncheck();
  await works.getByRole("checkbox", { name: "Care" }).check();
  await users.save();
  await expect(users.row("Nina North")).toContainText("Care");
  await expect(sid.dashboard.agent("Nina North").row).toHaveCount(0);
});

test("a team with a channel and without agents is pointed out on both pages", async ({ ada }) => {
  const hint = "This team has no agents: nobody can take work from its channels.";
  await ada.signIn();
  await ada.goto("/admin/teams");
  await expect(ada.page.getByText(hint)).toHaveCount(0);
  await ada.teams.edit("Sales");
  await ada.teams.agents.getByRole("checkbox", { name: "Cleo Costa" }).uncheck();
  await ada.teams.save();
  await expect(ada.teams.team("Sales").getByText(hint)).toBeVisible();
  await expect(ada.teams.team("Care").getByText(hint)).toHaveCount(0);
  await ada.goto("/admin/channels");
  for (const [name, team, number] of [["Orders", "Sales", "+15550100001"], ["Help", "Care", "+15550100002"]] as const) {
    await ada.channels.newButton.click();
    await ada.channels.save({ name, team, number, account: `AC${"0".repeat(32)}`, token: "0".repeat(32) });
  }
  await expect(ada.channels.channel("Orders").getByText(hint)).toBeVisible();
  await expect(ada.channels.channel("Help").getByText(hint)).toHaveCount(0);
});
