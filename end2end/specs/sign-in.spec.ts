// What is asked for between the password and the session, one's own sessions, and the first administrator.

import { Person } from "../fixtures/person.ts";
import { Program } from "../fixtures/program.ts";
import { expect, test } from "../fixtures/test.ts";
import { expectNoViolations } from "../fixtures/axe.ts";
import { LoginPage } from "../pages/login.ts";
import { SignInSteps } from "../pages/sign-in-steps.ts";

const PASSWORD = "sideline-demo";

test("S10 E50 a password that an administrator chose is changed before anything else opens", async ({ ada, meet }) => {
  await ada.signIn();
  await ada.goto("/admin/users");
  await ada.users.create({ name: "Nina North", username: "nina", role: "Agent", password: "correct-horse" });
  const nina = await meet("nina", "Nina North");
  const login = new LoginPage(nina.page);
  const steps = new SignInSteps(nina.page);
  await login.open();
  await login.signIn("nina", "correct-horse");
  await expect(steps.heading("Choose your own password")).toBeVisible();
  await expectNoViolations(nina.page, "choosing one's own password");
  await nina.page.goto("/workspace");
  await expect(login.signInButton).toBeVisible();
  await nina.page.goto("/login/step");
  nina.expectProblem(/422/);
  await steps.choosePassword("correct-horse");
  await expect(steps.problem).toContainText("This is the password you were given.");
  await expectNoViolations(nina.page, "a refused password");
  await steps.choosePassword("stone-by-stone");
  await expect(nina.page).toHaveURL("/workspace");
  await nina.signOut();
  await nina.signIn("stone-by-stone");
});

test("S10 a second factor is set up, asked for, replaced by a recovery code once, and reset by an administrator", async ({
  ada,
  amy,
  meet,
}) => {
  await amy.signIn();
  await amy.goto("/settings");
  await amy.page.getByRole("link", { name: "Set up or change" }).click();
  const steps = new SignInSteps(amy.page);
  await expect(steps.heading("Second factor")).toBeVisible();
  await expectNoViolations(amy.page, "/settings/second-factor");
  const { app, recoveryCodes } = await steps.setUp();
  await expect(steps.heading("Recovery codes")).toBeFocused();
  await expectNoViolations(amy.page, "the recovery codes");
  // They are shown once, so a reload asks first; going on does not.
  await steps.heading("Recovery codes").click();
  const dialog = amy.page.waitForEvent("dialog");
  const reloads = amy.page.evaluate(() => location.reload());
  const question = await dialog;
  expect(question.type()).toBe("beforeunload");
  await question.dismiss();
  await reloads;
  await expect(steps.recoveryCodes).toHaveCount(10);
  const questions: string[] = [];
  amy.page.on("dialog", (dialog) => {
    questions.push(dialog.type());
    void dialog.accept();
  });
  await amy.page.getByRole("link", { name: "I have kept them" }).click();
  await expect(amy.page).toHaveURL("/settings");
  expect(questions).toEqual([]);

  const elsewhere = await meet("amy", "Amy Adler");
  const login = new LoginPage(elsewhere.page);
  const asked = new SignInSteps(elsewhere.page);
  await login.open();
  await login.signIn("amy", PASSWORD);
  await expect(asked.heading("Enter your code")).toBeVisible();
  await expectNoViolations(elsewhere.page, "the code");
  elsewhere.expectProblem(/422/);
  await asked.give("000000");
  await expect(asked.problem).toContainText("This code is wrong or was used before.");
  await expect(asked.code).toBeFocused();
  await asked.give(app.code());
  await expect(elsewhere.page).toHaveURL("/workspace");

  for (const [code, lets] of [
    [recoveryCodes[0] ?? "", true],
    [recoveryCodes[0] ?? "", false],
  ] as const) {
    const phoneless = await meet("amy", "Amy Adler");
    const page = new LoginPage(phoneless.page);
    await page.open();
    await page.signIn("amy", PASSWORD);
    const step = new SignInSteps(phoneless.page);
    await step.give(code);
    if (lets) await expect(phoneless.page).toHaveURL("/workspace");
    else await expect(step.problem).toContainText("This code is wrong or was used before.");
    phoneless.expectProblem(lets ? /401|WebSocket/ : /422/);
  }

  await ada.signIn();
  await ada.goto("/admin/users");
  for (const person of [amy, elsewhere]) person.expectProblem(/401|WebSocket/);
  await ada.users.row("Amy Adler").getByRole("button", { name: "Edit" }).click();
  await ada.users.editor.getByRole("button", { name: "Reset second factor" }).click();
  await expect(ada.page.getByRole("status").filter({ hasText: "Reset the second factor of Amy Adler." })).toBeVisible();
  await expectNoViolations(ada.page, "a user's sign-in");
  await expect(new LoginPage(amy.page).signInButton).toBeVisible();
  await amy.signIn();
});

test("S10 where the organisation requires a second factor it is set up at the next sign-in", async ({ ada, meet }) => {
  await ada.signIn();
  await ada.goto("/admin/settings");
  await ada.page.getByRole("combobox", { name: "Second factor" }).selectOption("Required for administrators");
  await ada.page.getByRole("button", { name: "Save" }).click();
  await expect(ada.page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
  const again = await meet("ada", "Ada Almond");
  const login = new LoginPage(again.page);
  await login.open();
  await login.signIn("ada", PASSWORD);
  const steps = new SignInSteps(again.page);
  await expect(steps.heading("Set up a second factor")).toBeFocused();
  await expectNoViolations(again.page, "a required second factor");
  await steps.setUp();
  await expect(steps.heading("Recovery codes")).toBeFocused();
  await again.page.getByRole("link", { name: "I have kept them" }).click();
  await expect(again.header.userMenu).toBeVisible();
});

test("S10 the settings list one's sessions, and one that is ended leaves at once", async ({ amy, meet }) => {
  await amy.signIn();
  const elsewhere = await meet("amy", "Amy Adler");
  await elsewhere.signIn();
  await amy.goto("/settings");
  const sessions = amy.page.getByRole("list", { name: "Sessions" }).getByRole("listitem");
  await expect(sessions).toHaveCount(2);
  await expect(sessions.filter({ hasText: "This session" })).toContainText("Chrome on Linux");
  await expectNoViolations(amy.page, "/settings with sessions");
  elsewhere.expectProblem(/401|WebSocket/);
  await sessions.getByRole("button", { name: "Sign out Chrome on Linux" }).click();
  await expect(new LoginPage(elsewhere.page).signInButton).toBeVisible();
  await expect(sessions).toHaveCount(1);
});

test("U07 S26 the first administrator is made in the browser with the link that the program printed", async ({ browser }) => {
  const program = await Program.startEmpty();
  const ada = await Person.meet(browser, program, "ada", "Ada Almond");
  const login = new LoginPage(ada.page);
  await login.open();
  await expect(login.problem).toContainText("There are no users yet.");
  await ada.page.goto(program.setupPage);
  await expectNoViolations(ada.page, "/setup");
  await ada.page.getByRole("textbox", { name: "Username" }).fill("ada");
  await ada.page.getByRole("textbox", { name: "Name", exact: true }).fill("Ada Almond");
  const steps = new SignInSteps(ada.page);
  await steps.newPassword.fill("stone-by-stone");
  await steps.repeat.fill("stone-by-stone");
  await ada.page.getByRole("button", { name: "Create administrator" }).click();
  await expect(ada.header.userMenu).toBeVisible();

  // A channel needs a team, and there is none yet.
  await ada.goto("/admin/channels");
  await ada.channels.newButton.click();
  await expect(ada.channels.editor.getByText("Make a team first")).toBeVisible();
  await ada.channels.editor.getByRole("button", { name: "Save" }).click();
  await expect(ada.channels.editor.getByText("Choose a team that exists.")).toBeVisible();
  await ada.channels.editor.getByRole("link", { name: "Teams" }).click();
  await expect(ada.page).toHaveURL(/\/admin\/teams$/);
  await expect(ada.teams.newButton).toBeVisible();
  expect(await ada.leave()).toEqual([]);
  expect(await program.discard()).toEqual([]);
});
