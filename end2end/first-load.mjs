// How long a first page takes on a slow line, for several programs beside each other: 10 Mbit/s and 40 ms, nothing in the
// browser's cache. Prints the medians in milliseconds after the beginning of the navigation: the first contentful paint, and
// when the page answers clicks. The programs take turns, so that other work on the machine slows all of them alike.
//
//   . scripts/setup.sh test && cd end2end && npm run --silent first-load -- PROGRAM [PROGRAM …]

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { chromium } from "@playwright/test";

const ROUNDS = Number(process.env.SIDELINE_ROUNDS ?? 9);
const LINE = { offline: false, latency: 40, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 };
/** Who opens which page. */
const PAGES = [
  ["sam", "/dashboard"],
  ["amy", "/workspace"],
];

async function start(binary) {
  const data = await mkdtemp(join(tmpdir(), "sideline-first-load-"));
  const child = spawn(binary, ["demo", "--quiet-customers", "--listen", "127.0.0.1:0", "--data", data], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let url;
  for await (const line of createInterface({ input: child.stdout })) {
    url = /^Listening on (http:\/\/\S+)/.exec(line)?.[1];
    if (url) break;
  }
  child.stdout.resume();
  if (!url) throw new Error(`${binary} does not say where it listens`);
  return { binary, url, data, child, times: new Map() };
}

async function stop({ child, data }) {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
  await rm(data, { recursive: true, force: true });
}

/** The cookies of somebody who has signed in. */
async function signIn(browser, url, username) {
  const context = await browser.newContext({ baseURL: url });
  const form = { username, password: "sideline-demo" };
  await context.request.post("/login", { form, headers: { origin: url } });
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Opens a page once, in a browser that has nothing of it. */
async function open(browser, url, path, storageState) {
  const context = await browser.newContext({ baseURL: url, storageState });
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.interactive = new Promise((resolve) => {
      const look = () => document.documentElement?.dataset.ready && resolve(performance.now());
      new MutationObserver(look).observe(document, { attributes: true, childList: true, subtree: true });
    });
  });
  const line = await context.newCDPSession(page);
  await line.send("Network.enable");
  await line.send("Network.emulateNetworkConditions", LINE);
  await page.goto(path, { waitUntil: "commit" });
  const interactive = await page.evaluate(() => window.interactive);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  await context.close();
  if (paint === undefined) throw new Error(`${path} was not painted before it was interactive`);
  return { paint, interactive };
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)]);
}

const binaries = process.argv.slice(2);
if (binaries.length === 0) throw new Error("name the programs to measure");
const programs = [];
const browser = await chromium.launch({
  executablePath: process.env.SIDELINE_CHROMIUM || undefined,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  for (const binary of binaries) programs.push(await start(binary));
  for (const [username, path] of PAGES) {
    for (const program of programs) program.state = await signIn(browser, program.url, username);
    // The first round warms the programs up and does not count.
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const program of programs) {
        const times = await open(browser, program.url, path, program.state);
        if (round > 0) program.times.set(path, [...(program.times.get(path) ?? []), times]);
      }
    }
  }
  for (const [username, path] of PAGES) {
    for (const { binary, times } of programs) {
      const all = times.get(path);
      const [paint, interactive] = [median(all.map((one) => one.paint)), median(all.map((one) => one.interactive))];
      console.log(`${path} as ${username}: first paint ${paint}, interactive ${interactive} (n=${all.length})  ${binary}`);
    }
  }
} finally {
  await browser.close();
  for (const program of programs) await stop(program);
}
