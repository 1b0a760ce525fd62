// Lists each requirement with the tests that carry its id and how they went, then what failed and why, and last one line
// over all tests. A browser test carries ids in its title ("M13 F07 …"), a Rust test in its name ("s07_coaching_…").
// Fails when a test failed, when a requirement has none that ran, or when no story about crashes says what it counted.
//
//   node scripts/report.mjs end2end/report/results.json cargo-test.log

import { existsSync, readFileSync } from 'node:fs';

// The mission (M), what people expect besides (E), and what was seen to be wrong: faults (F), security (S), use (U).
const REQUIREMENTS = [
  ...ids('M', [1, 23]),
  ...ids('E', [1, 6], [10, 15], [20, 26], [30, 42], [50, 52]),
  ...ids('F', [1, 7], [10, 12], [20, 26], [30, 45], [50, 55], [60, 63]),
  ...ids('S', [1, 14], [20, 32]),
  ...ids('U', [1, 5], [7, 10], [12, 16], [18, 18], [21, 26], [28, 28], [30, 32]),
];

const [browserResults, cargoLog] = process.argv.slice(2);
const tests = browserTests(browserResults);
const cargo = cargoCounts(cargoLog);
const unproven = [];

for (const requirement of REQUIREMENTS) {
  const own = [...tests, ...cargo.tests].filter((test) => test.ids.includes(requirement));
  if (own.every((test) => test.outcome === 'skipped')) unproven.push(requirement);
  console.log(`${requirement}  ${verdict(own)}`);
  for (const test of own) console.log(`       ${test.outcome.padEnd(7)} ${test.title}`);
}

const passed = cargo.passed + tests.filter((test) => test.outcome === 'passed').length;
const failed = cargo.failed + tests.filter((test) => test.outcome === 'failed').length;
const skipped = cargo.ignored + tests.filter((test) => test.outcome === 'skipped').length;

// Below everything else: where only the end of an output is kept, this is what one needs of it.
const failures = [...cargo.failures, ...tests.filter((test) => test.outcome === 'failed')];
for (const { title, why } of failures) console.log(`\nFAILED ${title}\n${excerpt(why)}`);

// What the stories about crashes counted, which their passing does not say.
const counted = [...cargo.output.matchAll(/^COUNTED (.*)$/gm)].map(([, line]) => line);
console.log(`\n${counted.join('\n') || 'No story about crashes said what it counted.'}`);

for (const { title } of tests.filter((test) => test.outcome === 'skipped')) console.log(`SKIPPED ${title}`);

console.log();
if (tests.length === 0) console.log('The browser tests left no results.');
if (unproven.length > 0) console.log(`No test was run for ${unproven.join(', ')}.`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 || unproven.length > 0 || counted.length === 0 ? 1 : 0);

function ids(letter, ...ranges) {
  const numbers = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
  return numbers.map((number) => letter + String(number).padStart(2, '0'));
}

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
        const title = [...titles, spec.title].join(' › ');
        found.push({
          title,
          ids: title.match(/\b[MEFSU]\d\d\b/g) ?? [],
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

// The sums of cargo's lines `test result: ok. 12 passed; 0 failed; 1 ignored; …`, each `test name ... ok`, and what each
// `---- name stdout ----` says of a test that failed.
function cargoCounts(path) {
  const lines = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const counts = { passed: 0, failed: 0, ignored: 0, tests: [], failures: [], output: lines };
  for (const [, passed, failed, ignored] of lines.matchAll(/^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.ignored += Number(ignored);
  }
  for (const [, title, result] of lines.matchAll(/^test (\S+)(?: - should panic)? \.\.\. (ok|FAILED|ignored)/gm)) {
    const words = title.split('::').at(-1).split('_');
    counts.tests.push({
      title,
      ids: words.filter((word) => /^[mefsu]\d\d$/.test(word)).map((word) => word.toUpperCase()),
      outcome: { ok: 'passed', ignored: 'skipped' }[result] ?? 'failed',
    });
  }
  for (const [, title, why] of lines.matchAll(/^---- (.+) stdout ----\n([^]*?)(?=^---- |^failures:$)/gm)) {
    counts.failures.push({ title, why });
  }
  return counts;
}
