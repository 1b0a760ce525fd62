#!/bin/sh
# Makes what compose.yaml mounts as secrets, in deploy/secrets/: the key file, the password of PostgreSQL, and a certificate that no
# browser trusts, to be replaced by a real one. Leaves what is there as it is.
#
#   deploy/compose-secrets.sh desk.example.com
set -eu

name=${1:?the name under which browsers reach Sideline, such as desk.example.com}
here=$(cd "$(dirname "$0")" && pwd)
secrets=$here/secrets
# Nobody else gets into the folder. The files are read by the users of the containers, each of which sees only its own.
mkdir -p "$secrets"
chmod 0700 "$secrets"
cd "$secrets"

[ -s secret.key ] || "$here/secret-key.sh" >secret.key
[ -s postgres_password ] || od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n' >postgres_password
if [ ! -s tls.key ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 \
    -subj "/CN=$name" -addext "subjectAltName=DNS:$name" -keyout tls.key -out tls.crt 2>/dev/null ||
    { echo 'openssl made no certificate: put tls.key and tls.crt there' >&2 && exit 1; }
fi
chmod 0444 secret.key postgres_password tls.key tls.crt
echo "$secrets: secret.key, postgres_password, tls.key, tls.crt"
