#!/usr/bin/env bash
# Builds the browser's half, bundles it with styles and static files, and builds the program that carries it all.
# Where nothing changed, each of the three steps notices that within a second.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh" build

# Clones share the target directory, and what cargo puts at its top is overwritten by the next build.
if have flock; then
  exec 9>"$SIDELINE_CACHE/build.lock"
  flock 9
fi

# The browser's half has a target directory of its own: its compiler may be another one, and cargo would otherwise
# throw away what the first one built. Paths of this machine do not belong into what is sent to browsers.
wasm_target=$CARGO_TARGET_DIR/wasm
(
  if [ -n "$SIDELINE_WASM_TOOLCHAIN" ]; then
    export PATH=$SIDELINE_WASM_TOOLCHAIN/bin:$PATH RUSTC=$SIDELINE_WASM_TOOLCHAIN/bin/rustc
  fi
  cargo build --package app --lib --no-default-features --features hydrate \
    --profile wasm-release --target wasm32-unknown-unknown --target-dir "$wasm_target" \
    --config "build.rustflags=['--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=','--remap-path-prefix=$sideline_root=']"
)

# The optimiser has one processor; meanwhile everything is compiled that does not depend on what it makes.
cargo build --quiet --release --package bundle
"$CARGO_TARGET_DIR/release/bundle" \
  --wasm "$wasm_target/wasm32-unknown-unknown/wasm-release/app.wasm" \
  --style style --static app/static --out "$clone/site" --wasm-opt "$SIDELINE_WASM_OPT" &
bundling=$!
trap 'kill "$bundling" 2>/dev/null || true' EXIT
cargo build --release --package server --lib
wait "$bundling"
trap - EXIT

SIDELINE_SITE=$clone/site cargo build --release --package server --bin sideline
if ! cmp -s "$CARGO_TARGET_DIR/release/sideline" "$SIDELINE_BIN"; then
  # A program that is running cannot be written to, but it can be replaced.
  cp "$CARGO_TARGET_DIR/release/sideline" "$SIDELINE_BIN.new"
  mv "$SIDELINE_BIN.new" "$SIDELINE_BIN"
fi
size=$(wc -c <"$SIDELINE_BIN")
printf '%s  %d.%d MB\n' "$SIDELINE_BIN" $((size / 1000000)) $((size % 1000000 / 100000))
