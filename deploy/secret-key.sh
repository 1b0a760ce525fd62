#!/bin/sh
# Prints a new key for the secrets of channels, webhooks and authenticator apps, as --secret-key-file wants it. Every node gets the same
# file. A copy of the database opens no secret without it, and it cannot be made a second time: keep a copy apart from the database's.
#
#   umask 077; deploy/secret-key.sh > secret.key
set -eu

key=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
# The id is the first eight digits of the key's digest. `printf` writes bytes by their octal numbers in every shell.
id=$(printf %s "$key" | sed 's/../& /g' | tr ' ' '\n' | while read -r byte; do
  [ -z "$byte" ] || printf "\\$(printf %03o "0x$byte")"
done | sha256sum | cut -c 1-8)
printf '%s %s\n' "$id" "$key"
