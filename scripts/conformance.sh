#!/usr/bin/env bash
# Tests the HTTP API against its own description: schemathesis reads the OpenAPI document of a program with demo data, and sends
# it what the document allows and what it does not. Bounded in time; the seed is printed by schemathesis.
#
#   scripts/conformance.sh PROGRAM SCHEMATHESIS [OPTION…]
set -euo pipefail

schemathesis=$2
. "$(dirname "${BASH_SOURCE[0]}")/demo.sh" "$1"
shift 2

# It opens everything.
form=(--data-urlencode 'act=create' --data-urlencode 'key=conformance' --data-urlencode 'name=Conformance')
for scope in workitems:write workitems:read transcripts:customer transcripts:staff templates:read users:read teams:read requests:read reviews:read; do
  form+=(--data-urlencode "scope=$scope")
done
token_make "${form[@]}"

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
