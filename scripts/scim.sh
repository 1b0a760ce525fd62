#!/usr/bin/env bash
# Tests SCIM from outside: the suite of scim2-cli reads what a program with demo data says of itself, and creates, finds, changes and
# deletes users. Fails when a check fails or is left out.
#
#   scripts/scim.sh PROGRAM SCIM2
set -euo pipefail

program=$1 scim2=$2
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

# Ada makes a token for the identity provider.
ada=(curl --silent --show-error --cookie "$folder/cookies" --cookie-jar "$folder/cookies")
"${ada[@]}" --output /dev/null --data 'username=ada&password=sideline-demo' "$url/login"
secret=$("${ada[@]}" --data 'act=create&key=scim&name=SCIM&scope=users:write' "$url/admin/tokens" | grep -o 'slt_[0-9a-f]*' | head -n 1)
[ -n "$secret" ] || { echo 'there is no token' >&2; exit 1; }

NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 "$scim2" --url "$url/scim/v2" -h "Authorization: Bearer $secret" test
