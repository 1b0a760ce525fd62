#!/usr/bin/env bash
# The tests that throw something new each time, again and again: harmed inputs and frames, conversations with and without
# coaching, networks and hosts that do their worst, in simulations too, kill -9. Takes minutes as its argument, and stops at the first
# failure, whose output says how to repeat it. A second argument names one of them, such as `nodes`; 0 minutes are one round.
#
#   scripts/fuzz.sh 0 nodes          100 rounds of the crash test with three nodes
#   scripts/fuzz.sh 0 simulation     10,000 seeds of each simulation
#
# At the end it prints what the crash tests and the simulations counted, with their seeds.
set -euo pipefail
minutes=${1:-60} only=${2:-}
case $minutes in
  '' | *[!0-9]*)
    echo "fuzz: '$minutes' is no number of minutes" >&2
    exit 2
    ;;
esac
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh" test

said=$(mktemp -t sideline-fuzz-XXXXXX)
counts() {
  grep '^COUNTED ' "$said" | sed 's/^COUNTED /  /' || true
  rm -f "$said"
}
trap counts EXIT

ran=0
tries() {
  case "$*" in *"$only"*) ;; *) return 0 ;; esac
  ran=$((ran + 1))
  cargo test --quiet --package server "$@" 2>&1 | tee -a "$said"
}
throws() { tries --test "$@"; }
simulates() { tries --lib "$@"; }

# Without a time limit on the first round, so that what is said to be tried is tried at least once.
round=0
SECONDS=0
while [ $round -eq 0 ] || [ $SECONDS -lt $((minutes * 60)) ]; do
  round=$((round + 1))
  printf '\n== round %d  (at %d:%02d)\n' $round $((SECONDS / 60)) $((SECONDS % 60))
  throws hostile functions
  throws hostile frames
  throws webchat rehearsals
  throws resume
  SIDELINE_ROUNDS=10000 simulates simulation
  throws program power
  SIDELINE_ROUNDS=60 throws program carried
  SIDELINE_ROUNDS=100 throws program nodes::what_any
  if [ $ran -eq 0 ]; then
    echo "fuzz: nothing here is called '$only'" >&2
    exit 2
  fi
done
printf '\n%d rounds in %d:%02d, nothing failed\n' $round $((SECONDS / 60)) $((SECONDS % 60))
