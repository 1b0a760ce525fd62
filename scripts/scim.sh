#!/usr/bin/env bash
# Tests SCIM from outside: the suite of scim2-cli reads what a program with demo data says of itself, and creates, finds, changes and
# deletes users. Fails when a check fails or is left out.
#
#   scripts/scim.sh PROGRAM SCIM2
set -euo pipefail

scim2=$2
. "$(dirname "${BASH_SOURCE[0]}")/demo.sh" "$1"

# The identity provider's.
token_make --data 'act=create&key=scim&name=SCIM&scope=users:write'

NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 "$scim2" --url "$url/scim/v2" -h "Authorization: Bearer $secret" test
