#!/usr/bin/env bash
# Everything that must hold before a change is taken: form, lints, documentation, tests, and the browser tests with
# the list of requirements that they prove. Stops at the first of the quick checks that fails; the tests all run.
set -euo pipefail
SECONDS=0

step() { printf '\n== %s  (at %d:%02d)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60)); }

build='' scratch=''
clean_up() {
  [ -z "$build" ] || kill "$build" 2>/dev/null || true
  [ -z "$scratch" ] || rm -rf "$scratch"
}
trap clean_up EXIT

step 'set-up'
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh" test

step 'format'
cargo fmt --all --check

step 'types of the browser tests'
(cd end2end && npm run --silent types)

step 'scripts of the pages'
for script in app/static/*.js; do
  node --input-type=module --check - <"$script"
done

step 'lints'
cargo clippy --quiet --workspace --all-targets -- -D warnings

step 'lints of the browser half'
cargo clippy --quiet --package app --no-default-features --features hydrate -- -D warnings

# Clippy does not see what the markup of `view!` becomes.
step 'raw markup outside of head.rs'
if grep -rn --include='*.rs' --exclude=head.rs -e inner_html -e leptos_meta app/src; then
  exit 1
fi

step 'documentation'
RUSTDOCFLAGS='-D warnings --cfg=erase_components' cargo doc --quiet --no-deps --workspace

# What the tests write is of no worth, and half of their time would be waiting for the disk.
memory=/dev/shm
if [ -w $memory ] && [ "$(df --output=avail -k $memory | tail -n 1)" -gt 4000000 ]; then
  scratch=$(mktemp -d $memory/sideline-test-XXXXXX)
  # PostgreSQL runs as another user.
  chmod go+x "$scratch"
  export TMPDIR=$scratch
fi

# Most of them wait for a server, a clock or a disk.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-4}
# A password is hashed in 46 MB, which takes half as long in large pages.
export GLIBC_TUNABLES=${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}

step 'tests, while the program is built'
cargo test --quiet --workspace --no-run
failed=''
build_log=$clone/build.log
# The tests leave the processors free for a third of the time. What they wait for goes before the compiler.
nice -n 10 scripts/build.sh >"$build_log" 2>&1 &
build=$!
cargo_log=$clone/cargo-test.log
cargo test --workspace --no-fail-fast 2>&1 | tee "$cargo_log" || failed=yes

step 'the rest of the build'
built=yes
wait "$build" || built=''
build=''
cat "$build_log"
[ -n "$built" ]

step 'the HTTP API against its description'
if [ -n "$SIDELINE_SCHEMATHESIS" ]; then
  scripts/conformance.sh "$SIDELINE_BIN" "$SIDELINE_SCHEMATHESIS" --max-time 60 || failed=yes
else
  echo 'SKIPPED: there is no schemathesis here'
fi

step 'SCIM by a suite from outside'
if [ -n "$SIDELINE_SCIM2" ]; then
  scripts/scim.sh "$SIDELINE_BIN" "$SIDELINE_SCIM2" || failed=yes
else
  echo 'SKIPPED: there is no scim2-cli here'
fi

step 'browser tests'
rm -f end2end/report/results.json
(cd end2end && npm run --silent test) || failed=yes

step 'requirements'
node scripts/report.mjs end2end/report/results.json "$cargo_log" || failed=yes
[ -z "$failed" ]
