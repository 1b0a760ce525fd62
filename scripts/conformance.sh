#!/usr/bin/env bash
# Tests the HTTP API against its own description: schemathesis reads the OpenAPI document of a program with demo data, and sends
# it what the document allows and what it does not. Bounded in time; the seed is printed by schemathesis.
#
#   scripts/conformance.sh PROGRAM SCHEMATHESIS [OPTION…]
set -euo pipefail

program=$1 schemathesis=$2
shift 2
folder=$(mktemp -d)
log=$folder/program.log
"$program" demo --quiet-customers --listen 127.0.0.1:0 --data "$folder/data" --api-rate 1000000 >"$log" 2>&1 &
running=$!
trap 'kill "$running" 2>/dev/null; wait "$running" 2>/dev/null || true; rm -rf "$folder"' EXIT

url=''
for _ in $(seq 1 300); do
  url=$(sed -n 's/^Listening on //p' "$log")
  [ -n "$url" ] && break
  kill -0 "$running" || { cat "$log" >&2; exit 1; }
  sleep 0.1
done
[ -n "$url" ] || { echo 'the program does not listen' >&2; exit 1; }

# Ada makes a token that opens everything.
ada=(curl --silent --show-error --cookie "$folder/cookies" --cookie-jar "$folder/cookies")
"${ada[@]}" --output /dev/null --data 'username=ada&password=sideline-demo' "$url/login"
form=(--data-urlencode 'act=create' --data-urlencode 'key=conformance' --data-urlencode 'name=Conformance')
for scope in workitems:write workitems:read transcripts:customer transcripts:staff templates:read users:read teams:read requests:read reviews:read; do
  form+=(--data-urlencode "scope=$scope")
done
secret=$("${ada[@]}" "${form[@]}" "$url/admin/tokens" | grep -o 'slt_[0-9a-f]*' | head -n 1)
[ -n "$secret" ] || { echo 'there is no token' >&2; exit 1; }

# A call that goes on, for what is done inside a workitem.
call=$(curl --silent --show-error --header "Authorization: Bearer $secret" --header 'Idempotency-Key: conformance' \
  --header 'Content-Type: application/json' --data '{"channel": "phone", "customer": "+49 30 901820", "agent": "amy"}' "$url/api/v1/workitems")
SIDELINE_CALL=$(sed 's/^{"id":"\([^"]*\)".*/\1/' <<<"$call")
export SIDELINE_CALL

# It leaves a cache where it is started.
config=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/schemathesis.toml
cd "$folder"
"$schemathesis" --config-file "$config" --no-color run "$url/api/v1/openapi.json" --header "Authorization: Bearer $secret" \
  --checks all "$@"
