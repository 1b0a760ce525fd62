# Starts a program with demo data for a suite from outside, and ends it with the calling script. To be sourced:
#
#   . scripts/demo.sh PROGRAM
#
#   folder                        a folder of its own, which goes in the end
#   url                           where the program listens
#   token_make FIELD…             lets ada make a token by these arguments of curl; `secret` is its own

folder=$(mktemp -d)
log=$folder/program.log
"$1" demo --quiet-customers --listen 127.0.0.1:0 --data "$folder/data" --api-rate 1000000 >"$log" 2>&1 &
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

ada=(curl --silent --show-error --cookie "$folder/cookies" --cookie-jar "$folder/cookies")
"${ada[@]}" --output /dev/null --data 'username=ada&password=sideline-demo' "$url/login"

token_make() {
  secret=$("${ada[@]}" --location "$@" "$url/admin/tokens" | grep -o 'slt_[0-9a-f]*' | head -n 1)
  [ -n "$secret" ] || { echo 'there is no token' >&2; exit 1; }
}
