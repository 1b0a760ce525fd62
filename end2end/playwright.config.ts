import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';

// `scripts/setup.sh` finds the browser; where it names none, Playwright has its own.
const executablePath = process.env.SIDELINE_CHROMIUM || undefined;

const projects: PlaywrightTestConfig['projects'] = [{ name: 'chromium', testDir: 'specs' }];
// `playwright test` runs every project that no flag leaves out; the pictures are taken on demand only.
if (process.env.SIDELINE_SCREENSHOTS) {
  projects.push({ name: 'screenshots', testDir: '.', testMatch: 'screenshots.spec.ts' });
}

export default defineConfig({
  projects,
  fullyParallel: true,
  workers: Number(process.env.SIDELINE_WORKERS ?? 2),
  // A test that fails now and then has found something.
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: {
    timeout: 10_000,
    // Keys are pressed in some of these loops: the usual pauses grow to a second.
    toPass: { intervals: [50] },
  },
  outputDir: 'test-results',
  reporter: [['list'], ['json', { outputFile: 'report/results.json' }]],
  use: {
    // Playwright waits for what moves; that is an eighth of the whole time.
    contextOptions: { reducedMotion: 'reduce' },
    permissions: ['clipboard-read', 'clipboard-write'],
    // Recording costs as much as the test. With SIDELINE_TRACE=on a failure leaves one.
    trace: process.env.SIDELINE_TRACE ? 'retain-on-failure' : 'off',
    launchOptions: {
      executablePath,
      args: [
        // As root, and in most containers, Chromium has no sandbox to go to.
        '--no-sandbox',
        '--disable-gpu',
        // The rest keeps it from calling home, which on a closed network only waits.
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
