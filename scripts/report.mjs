// Lists each requirement of the mission (M01 to M23) with the browser tests that carry its id and how they went,
// then what failed and why, and last one line over all tests. Fails when a test failed, or when a requirement has none
// that ran.
//
//   node scripts/report.mjs end2end/report/results.json cargo-test.log

import { existsSync, readFileSync } from 'node:fs';

const REQUIREMENTS = Array.from({ length: 23 }, (_, index) => `M${String(index + 1).padStart(2, '0')}`);

const [browserResults, cargoLog] = process.argv.slice(2);
const tests = browserTests(browserResults);
const unproven = [];

for (const requirement of REQUIREMENTS) {
  const own = tests.filter((test) => test.title.includes(requirement));
  if (own.every((test) => test.outcome === 'skipped')) unproven.push(requirement);
  console.log(`${requirement}  ${verdict(own)}`);
  for (const test of own) console.log(`       ${test.outcome.padEnd(7)} ${test.title}`);
}

const cargo = cargoCounts(cargoLog);
const passed = cargo.passed + tests.filter((test) => test.outcome === 'passed').length;
const failed = cargo.failed + tests.filter((test) => test.outcome === 'failed').length;
const skipped = cargo.ignored + tests.filter((test) => test.outcome === 'skipped').length;

// Below everything else: where only the end of an output is kept, this is what one needs of it.
const failures = [...cargo.failures, ...tests.filter((test) => test.outcome === 'failed')];
for (const { title, why } of failures) console.log(`\nFAILED ${title}\n${excerpt(why)}`);

console.log();
if (tests.length === 0) console.log('The browser tests left no results.');
if (unproven.length > 0) console.log(`No test was run for ${unproven.join(', ')}.`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 || unproven.length > 0 ? 1 : 0);

function verdict(own) {
  if (own.length === 0) return 'NO TEST';
  if (own.some((test) => test.outcome === 'failed')) return 'FAILED';
  if (own.every((test) => test.outcome === 'skipped')) return 'SKIPPED';
  return 'passed';
}

// Each test with its full title, its file's groups included, as Playwright's JSON reporter wrote them.
function browserTests(path) {
  if (!existsSync(path)) return [];
  const found = [];
  const walk = (suite, titles) => {
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) {
        const errors = test.results.flatMap((result) => result.errors ?? []);
        found.push({
          title: [...titles, spec.title].join(' › '),
          outcome: outcome(test.status),
          why: errors.map((error) => error.message).join('\n'),
        });
      }
    }
    for (const inner of suite.suites ?? []) walk(inner, [...titles, inner.title]);
  };
  // The outermost suites are files; their names say nothing about requirements.
  for (const file of JSON.parse(readFileSync(path, 'utf8')).suites) walk(file, []);
  return found;
}

function outcome(status) {
  return { expected: 'passed', flaky: 'passed', skipped: 'skipped' }[status] ?? 'failed';
}

// The first lines of a reason, indented and without a terminal's colours.
function excerpt(why) {
  const lines = why.replaceAll(/\u001b\[[0-9;]*m/g, '').trim().split('\n');
  return lines.slice(0, 25).map((line) => `       ${line.slice(0, 200)}`).join('\n');
}

// The sums of cargo's lines `test result: ok. 12 passed; 0 failed; 1 ignored; …`, and what each `---- name stdout ----`
// says of a test that failed.
function cargoCounts(path) {
  const counts = { passed: 0, failed: 0, ignored: 0, failures: [] };
  const lines = existsSync(path) ? readFileSync(path, 'utf8') : '';
  for (const [, passed, failed, ignored] of lines.matchAll(/^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.ignored += Number(ignored);
  }
  for (const [, title, why] of lines.matchAll(/^---- (.+) stdout ----\n([^]*?)(?=^---- |^failures:$)/gm)) {
    counts.failures.push({ title, why });
  }
  return counts;
}
