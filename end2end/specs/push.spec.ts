// Web push: a browser in which Sideline is closed says that somebody asks for its user.

import type { CDPSession } from "@playwright/test";

import { expectNoViolations } from "../fixtures/axe.ts";
import type { Person } from "../fixtures/person.ts";
import { PushService } from "../fixtures/push-service.ts";
import { expect, test as base } from "../fixtures/test.ts";
import { AlertSettings } from "../pages/alerts.ts";

const test = base.extend<{ service: PushService }>({
  service: async ({}, use) => {
    const service = await PushService.start();
    await use(service);
    await service.stop();
    expect(service.complaints, "what the service could not read or trust").toEqual([]);
  },
  environment: async ({}, use) => await use({ SIDELINE_PUSH_ALLOW_NETWORK: "127.0.0.0/8" }),
});

/** The person's system shows notices. The browser of a test has no system that could. */
async function allowNotices(person: Person): Promise<void> {
  await person.page.addInitScript(() => {
    Object.defineProperty(Notification, "permission", { get: () => "granted" });
  });
}

/** The supervisor is told while Sideline is closed. */
async function switchOn(person: Person, service: PushService): Promise<void> {
  await allowNotices(person);
  await service.serve(person.page);
  await person.signIn();
  const settings = new AlertSettings(person.page);
  await settings.open();
  await settings.closed.check();
  await expect(person.page.getByText("Saved.")).toBeVisible();
}

/** What the service sends, as the browser's worker gets it. */
async function deliver(cdp: CDPSession, origin: string, data: string): Promise<void> {
  const registered = new Promise<string>((found) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const one = registrations.find((registration) => registration.scopeURL === `${origin}/`);
      if (one) found(one.registrationId);
    });
  });
  await cdp.send("ServiceWorker.enable");
  await cdp.send("ServiceWorker.deliverPushMessage", { origin, registrationId: await registered, data });
}

test("sam has closed Sideline: the browser says that ben wrote, and not what", async ({ ben, sam, service, program }) => {
  await switchOn(sam, service);
  await expectNoViolations(sam.page, "the settings with push");
  await sam.reload();
  await expect(new AlertSettings(sam.page).closed).toBeChecked();
  const quietPage = await sam.context.newPage();
  await quietPage.goto("/favicon.svg");
  await sam.page.close();

  await ben.signIn();
  await ben.directory.write("Sam Stone", "The Miller case is on fire");
  const told = await service.next();
  expect(told).toEqual({ body: "Ben Brooks wrote to you.", path: "/", tag: "message:ben" });

  const [worker] = sam.context.serviceWorkers();
  await worker?.evaluate(() => {
    const scope = self as unknown as { registration: ServiceWorkerRegistration; shown: unknown[] };
    scope.shown = [];
    scope.registration.showNotification = (title, options) => {
      scope.shown.push({ title, body: options?.body, tag: options?.tag });
      return Promise.resolve();
    };
  });
  await deliver(await sam.context.newCDPSession(quietPage), program.url, JSON.stringify(told));
  const shown = () => worker?.evaluate(() => (self as unknown as { shown: unknown[] }).shown);
  await expect.poll(shown).toEqual([{ title: "Sideline", body: "Ben Brooks wrote to you.", tag: "message:ben" }]);
});

test("who switches it off is told nothing any more", async ({ amy, ben, sam, sue, service }) => {
  const other = await PushService.start();
  await switchOn(sam, service);
  await switchOn(sue, other);
  const settings = new AlertSettings(sam.page);
  await settings.closed.uncheck();
  await expect(sam.page.getByText("Saved.")).toBeVisible();
  await sam.page.close();
  await ben.signIn();
  await ben.directory.write("Sam Stone", "Are you there?");
  await sue.page.close();
  await amy.signIn();
  await amy.directory.write("Sue Silva", "Are you there?");
  expect((await other.next()).tag).toBe("message:amy");
  expect(service.pushed).toEqual([]);
  await other.stop();
});

test("a browser without a push service says so and keeps nothing", async ({ sam }) => {
  sam.expectProblem(/does not support the Push API/);
  await allowNotices(sam);
  await sam.signIn();
  const settings = new AlertSettings(sam.page);
  await settings.open();
  await settings.closed.click();
  await expect(sam.page.getByText("This browser cannot do that.")).toBeVisible();
  await expect(settings.closed).not.toBeChecked();
});
