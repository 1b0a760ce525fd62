// Passkeys in Chromium, with a device that keeps them.

import { expectNoViolations } from "../fixtures/axe.ts";
import { Device } from "../fixtures/device.ts";
import { Person } from "../fixtures/person.ts";
import type { Program } from "../fixtures/program.ts";
import { expect, test } from "../fixtures/test.ts";
import { LoginPage } from "../pages/login.ts";
import { Passkeys } from "../pages/passkeys.ts";
import { SignInSteps } from "../pages/sign-in-steps.ts";

const PASSWORD = "sideline-demo";
const SETTINGS = "/settings/second-factor";

/** Passkeys need a name; the program says the number at which it listens. */
function byName(program: Program): string {
  return program.url.replace("127.0.0.1", "localhost");
}

test("S10 E50 a passkey is added, takes the place of a code, signs in alone, and is removed", async ({ browser, program }) => {
  const amy = await Person.meet(browser, program, "amy", "Amy Adler", byName(program));
  const { page } = amy;
  const device = await Device.of(page);
  const [steps, passkeys] = [new SignInSteps(page), new Passkeys(page)];
  await amy.signIn();
  await amy.goto("/settings");
  await page.getByRole("link", { name: "Set up or change" }).click();
  await expect(steps.heading("Second factor")).toBeVisible();
  await expectNoViolations(page, "no passkey");
  await passkeys.begin("My laptop");
  await expectNoViolations(page, "a new passkey");
  await passkeys.createButton.click();
  await expect(steps.recoveryCodes).toHaveCount(10);
  expect(await device.passkeys()).toBe(1);
  await page.getByRole("link", { name: "I have kept them" }).click();
  await expect(page).toHaveURL("/settings");

  await amy.signOut();
  const login = new LoginPage(page);
  await expect(passkeys.aloneLink).toBeVisible();
  await expectNoViolations(page, "the sign-in page with passkeys");
  await login.signIn("amy", PASSWORD);
  await expect(steps.heading("Use your passkey")).toBeVisible();
  await expect(steps.code).toBeVisible();
  await expectNoViolations(page, "the second factor by a passkey");
  await passkeys.useButton.click();
  await expect(page).toHaveURL("/workspace");
  await expect(amy.header.userMenu).toBeVisible();

  await amy.signOut();
  await passkeys.aloneLink.click();
  await expect(steps.heading("Sign in with a passkey")).toBeVisible();
  await expectNoViolations(page, "/login/passkey");
  await passkeys.useButton.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/workspace");
  await expect(amy.header.userMenu).toBeVisible();

  await page.goto(SETTINGS);
  await expect(passkeys.list).toHaveCount(1);
  await expect(passkeys.list).toContainText("Last used");
  await expectNoViolations(page, "a passkey in the settings");
  await passkeys.remove("My laptop");
  await expect(page.getByText("You have no second factor.")).toBeVisible();
  await amy.goto("/workspace");
  await amy.signOut();
  await login.signIn("amy", PASSWORD);
  await expect(page).toHaveURL("/workspace");
  expect(await amy.leave()).toEqual([]);
});

test("S10 E50 where a second factor is required a passkey can be set up at the sign-in", async ({ ada, browser, program }) => {
  await ada.signIn();
  await ada.goto("/admin/settings");
  await ada.page.getByRole("combobox", { name: "Second factor" }).selectOption("Required for everyone");
  await ada.page.getByRole("button", { name: "Save" }).click();
  await expect(ada.page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();

  const amy = await Person.meet(browser, program, "amy", "Amy Adler", byName(program));
  const { page } = amy;
  const device = await Device.of(page);
  const [steps, passkeys, login] = [new SignInSteps(page), new Passkeys(page), new LoginPage(page)];
  await page.goto("/login?next=%2Fsettings");
  await login.signIn("amy", PASSWORD);
  await expect(steps.heading("Set up a second factor")).toBeVisible();
  await expectNoViolations(page, "an app or a passkey");
  await passkeys.begin("My laptop");
  await expectNoViolations(page, "a required passkey");
  // Thinking again costs nothing.
  await page.getByRole("button", { name: "Choose another way" }).click();
  await expect(page.getByRole("button", { name: "Set up", exact: true })).toBeVisible();
  await passkeys.begin("My laptop");
  await device.setUserVerified(false);
  await passkeys.createButton.click();
  await expect(passkeys.problem).toContainText("No passkey was made");
  await device.setUserVerified(true);
  await passkeys.createButton.focus();
  await page.keyboard.press("Enter");
  await expect(steps.recoveryCodes).toHaveCount(10);
  await page.getByRole("link", { name: "I have kept them" }).click();
  await expect(page).toHaveURL("/settings");

  await amy.signOut();
  await login.signIn("amy", PASSWORD);
  await passkeys.useButton.click();
  await expect(page).toHaveURL("/workspace");
  expect(await amy.leave()).toEqual([]);
});

test("S10 who cancels, has no passkey on the device or removed it reads so and signs in another way", async ({
  browser,
  program,
}) => {
  const ben = await Person.meet(browser, program, "ben", "Ben Brooks", byName(program));
  const { page } = ben;
  const device = await Device.of(page);
  const [steps, passkeys, login] = [new SignInSteps(page), new Passkeys(page), new LoginPage(page)];
  await ben.signIn();
  await page.goto(SETTINGS);
  await passkeys.begin("Phone");
  await device.setUserVerified(false);
  await passkeys.createButton.click();
  await expect(passkeys.problem).toContainText("No passkey was made");
  await expectNoViolations(page, "a passkey that was not made");
  await device.setUserVerified(true);
  await passkeys.createButton.click();
  await expect(steps.recoveryCodes).toHaveCount(10);
  const recoveryCodes = await steps.recoveryCodes.allInnerTexts();

  // Once more on the same device.
  await page.goto(SETTINGS);
  await passkeys.begin("Phone again");
  await passkeys.createButton.click();
  await expect(passkeys.problem).toContainText("already has a passkey");

  await ben.goto("/workspace");
  await ben.signOut();
  await passkeys.aloneLink.click();
  await device.setUserVerified(false);
  await passkeys.useButton.click();
  await expect(passkeys.problem).toContainText("you cancelled");
  await expectNoViolations(page, "a cancelled passkey");
  await expect(passkeys.useButton).toBeFocused();
  await device.setUserVerified(true);
  await passkeys.useButton.click();
  await expect(page).toHaveURL("/workspace");
  await expect(ben.header.userMenu).toBeVisible();

  // The device was lost: the recovery code signs in.
  await ben.signOut();
  await device.forget();
  await passkeys.aloneLink.click();
  await passkeys.useButton.click();
  await expect(passkeys.problem).toContainText("this device has no passkey");
  await page.getByRole("button", { name: "Sign in with a password" }).click();
  await login.signIn("ben", PASSWORD);
  await steps.give(recoveryCodes[0] ?? "");
  await expect(page).toHaveURL("/workspace");
  await expect(ben.header.userMenu).toBeVisible();
  expect(await ben.leave()).toEqual([]);
});

test("S10 at an address of numbers no passkey is offered and the page says why", async ({ amy }) => {
  const passkeys = new Passkeys(amy.page);
  await amy.page.goto("/login");
  await expect(new LoginPage(amy.page).signInButton).toBeVisible();
  await expect(passkeys.aloneLink).toBeHidden();
  await amy.page.goto("/login/passkey");
  await expect(passkeys.problem).toContainText("open it at localhost");
  await expect(passkeys.problem).toBeFocused();
  await expect(passkeys.useButton).toBeHidden();
  await expectNoViolations(amy.page, "/login/passkey without a name");
  await amy.signIn();
  await amy.page.goto(SETTINGS);
  await expect(amy.page.getByText("open it at localhost")).toBeVisible();
  await expect(passkeys.addButton).toBeHidden();
  await expectNoViolations(amy.page, "no passkeys at an address of numbers");
});

test("S10 without scripts or passkeys the browser says so and the rest of the page works", async ({ browser, program }) => {
  const context = await browser.newContext({ baseURL: byName(program), javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto("/login/passkey");
  await expect(page.getByText("Passkeys need JavaScript")).toBeVisible();
  await expect(new Passkeys(page).useButton).toBeHidden();
  await page.getByRole("button", { name: "Sign in with a password" }).click();
  await expect(new LoginPage(page).signInButton).toBeVisible();
  await context.close();

  const old = await browser.newContext({ baseURL: byName(program) });
  await old.addInitScript(() => Reflect.deleteProperty(window, "PublicKeyCredential"));
  const before = await old.newPage();
  await before.goto("/login/passkey");
  await expect(new Passkeys(before).problem).toContainText("This browser cannot use passkeys.");
  await expect(new Passkeys(before).useButton).toBeHidden();
  await old.close();
});
