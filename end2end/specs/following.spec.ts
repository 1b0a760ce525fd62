// What a tab follows on its live connection. The benchmark's tabs follow the same: shared/src/live/tab.rs.

import type { Page } from "@playwright/test";

import { expect, test } from "../fixtures/test.ts";

type Topic = string | Record<string, string>;

interface ClientFrame {
  subscribe?: { topic: Topic };
  unsubscribe?: { topic: Topic };
}

/** The kinds of topics that the page's connections follow, as they change. */
function following(page: Page): () => string[] {
  const kinds = new Set<string>();
  const kind = (topic: Topic) => (typeof topic === "string" ? topic : (Object.keys(topic)[0] ?? ""));
  page.on("websocket", (socket) => {
    kinds.clear();
    socket.on("framesent", ({ payload }) => {
      const frame = JSON.parse(payload.toString()) as ClientFrame;
      if (frame.subscribe) kinds.add(kind(frame.subscribe.topic));
      if (frame.unsubscribe) kinds.delete(kind(frame.unsubscribe.topic));
    });
  });
  return () => [...kinds].sort();
}

test("F60 an agent's tab follows people only while it shows them", async ({ amy }) => {
  await amy.signIn();
  const topics = following(amy.page);
  await amy.goto("/workspace");
  await expect.poll(topics).toEqual(["agent", "assistance", "own"]);
  await amy.header.directory.click();
  await expect(amy.directory.person("Sam Stone")).toContainText("Offline");
  expect(topics()).toEqual(["agent", "assistance", "own", "people"]);
  await amy.directory.dialog.getByRole("button", { name: "Close" }).click();
  await expect.poll(topics).toEqual(["agent", "assistance", "own"]);
});

test("F60 a supervisor's tab follows its dashboard, whose rows change one by one", async ({ amy, sam }) => {
  await sam.signIn();
  const topics = following(sam.page);
  const frames: string[] = [];
  sam.page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => frames.push(payload.toString()));
  });
  await sam.goto("/dashboard");
  await expect.poll(topics).toEqual(["alerts", "dashboard", "own"]);
  await amy.signIn();
  const row = sam.page.getByRole("row", { name: "Amy Adler" });
  await expect(row).toContainText("Available");
  await amy.header.presence.selectOption("Busy");
  await expect(row).toContainText("Busy");
  const dashboards = frames.filter((frame) => frame.startsWith('{"dashboard"'));
  expect(dashboards, "the whole dashboard comes once").toHaveLength(1);
});

test("F60 presence in the open Company Directory follows who comes and goes", async ({ amy, sam }) => {
  await amy.signIn();
  await amy.header.directory.click();
  await expect(amy.directory.person("Sam Stone")).toContainText("Offline");
  await sam.signIn();
  await expect(amy.directory.person("Sam Stone")).toContainText("Available");
  await sam.header.presence.selectOption("Away");
  await expect(amy.directory.person("Sam Stone")).toContainText("Away");
});
