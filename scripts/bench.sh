#!/usr/bin/env bash
# Builds the release and measures it: how fast and how frugal it is, each figure beside what the machine itself can
# do. Arguments go to the load program: scripts/bench.sh --size large, scripts/bench.sh --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/build.sh
. scripts/setup.sh build

# The target directory is shared with other clones, as in build.sh.
(
  if have flock; then
    exec 9>"$SIDELINE_CACHE/build.lock"
    flock 9
  fi
  cargo build --quiet --release --package bench
  cp "$CARGO_TARGET_DIR/release/bench" "$clone/bench.new"
  mv "$clone/bench.new" "$clone/bench"
)
exec "$clone/bench" --json "$clone/bench.json" "$@"
