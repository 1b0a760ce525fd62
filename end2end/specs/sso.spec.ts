// Single sign-on: users sign in at the organisation's own provider, which an administrator has set up.

import { expectNoViolations } from "../fixtures/axe.ts";
import { IdentityProvider } from "../fixtures/identity-provider.ts";
import { expect, test as base } from "../fixtures/test.ts";
import { LoginPage } from "../pages/login.ts";
import { SingleSignOn } from "../pages/single-sign-on.ts";

const test = base.extend<{ provider: IdentityProvider; setUp: SingleSignOn }>({
  provider: async ({ program }, use) => {
    const provider = await IdentityProvider.start(program);
    await use(provider);
    await provider.stop();
  },
  environment: async ({}, use) => await use({ SIDELINE_SSO_ALLOW_NETWORK: "127.0.0.0/8" }),
  setUp: async ({ ada, provider }, use) => {
    await ada.signIn();
    await ada.goto("/admin/users");
    await ada.page.getByRole("link", { name: "Single sign-on" }).click();
    const setUp = new SingleSignOn(ada.page);
    await expect(setUp.heading).toBeVisible();
    await setUp.field("Name on the button").fill("Acme");
    await setUp.field("Issuer URL").fill(provider.issuer);
    await setUp.field("Client ID").fill(provider.clientId);
    await setUp.field("Client secret").fill(provider.secret);
    await setUp.field("Link to the user with that username").check();
    await setUp.press("Save", "Saved");
    await setUp.press("Check the connection", "The provider answers");
    await setUp.press("Switch on", "Switched on");
    await use(setUp);
  },
});

test("ada sets up the provider, and sam signs in there without a password of Sideline", async ({
  ada,
  provider,
  sam,
  setUp,
}) => {
  await expectNoViolations(ada.page, "/admin/single-sign-on");
  await expect(setUp.field("Redirect URI")).toHaveValue(`${ada.program.url}/sso/callback`);
  await expect(setUp.field("Username claim (in the ID token)")).toHaveValue("preferred_username");
  await expect(setUp.field("Roles claim (in the ID token)")).toHaveValue("");
  expect(await ada.page.content(), "the secret is not shown again").not.toContain(provider.secret);

  await provider.serve(sam.page);
  sam.expectProblem(/favicon/);
  await sam.page.goto("/login?next=/settings");
  await expect(new LoginPage(sam.page).signInButton).toBeVisible();
  await expectNoViolations(sam.page, "the sign-in page with a provider");
  await sam.page.getByRole("link", { name: "Sign in with Acme" }).click();
  await provider.signIn(sam.page, "sam");
  await expect(sam.header.userMenu).toBeVisible();
  await expect(sam.page).toHaveURL(/\/settings$/);
});

test("ada finds whom the provider knows, and removes a link after a question", async ({ ada, provider, sam, setUp }) => {
  await provider.serve(sam.page);
  sam.expectProblem(/favicon/);
  await sam.page.goto("/login?next=/settings");
  await sam.page.getByRole("link", { name: "Sign in with Acme" }).click();
  await provider.signIn(sam.page, "sam");
  await expect(sam.header.userMenu).toBeVisible();
  await sam.page.goto("about:blank");

  await setUp.page.getByRole("link", { name: "Linked users" }).click();
  await ada.page.getByLabel("Name, username or ID at the provider").fill("stone");
  await ada.page.getByRole("button", { name: "Search" }).click();
  await expect(ada.page).toHaveURL(/q=stone/);
  await expectNoViolations(ada.page, "the page of linked users");
  await ada.page.getByRole("button", { name: "Remove link: Sam Stone" }).click();
  await expect(ada.page.getByRole("heading", { name: "Remove this link?" })).toBeVisible();
  expect(ada.page.url(), "an address stands in histories and logs").toMatch(/\?ask=[0-9a-f]{32}&q=stone&page=1$/);
  await expectNoViolations(ada.page, "the question before a link is removed");
  await setUp.press("Remove link", "The link was removed.");
  await expect(ada.page.getByText("No links found")).toBeVisible();

  await sam.page.goto("/settings");
  await expect(new LoginPage(sam.page).signInButton).toBeVisible();
});

test("where passwords are for administrators, everybody else is shown the way to the provider", async ({
  ada,
  amy,
  provider,
  setUp,
}) => {
  await setUp.field("Password sign-in").selectOption({ label: "Only for users who manage users" });
  await setUp.press("Save", "Saved");

  await provider.serve(amy.page);
  amy.expectProblem(/favicon/);
  const login = new LoginPage(amy.page);
  await login.open();
  await expect(login.password).toBeHidden();
  await expectNoViolations(amy.page, "the sign-in page without passwords");
  await amy.page.getByText("Use a password instead").click();
  await login.signIn("amy", "sideline-demo");
  await expect(login.problem).toContainText("Only administrators can use a password");
  await amy.page.getByRole("link", { name: "Sign in with Acme" }).click();
  await provider.signIn(amy.page, "amy");
  await expect(amy.header.userMenu).toBeVisible();

  await ada.goto("/settings");
  // The button of the form is folded away here.
  await ada.header.signOut();
  await ada.page.getByText("Use a password instead").click();
  await new LoginPage(ada.page).signIn("ada", "sideline-demo");
  await expect(ada.header.userMenu).toBeVisible();
});
