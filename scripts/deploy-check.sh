#!/usr/bin/env bash
# Checks deploy/ with the programs that it is for: systemd-analyze, nginx, caddy, promtool, helm, docker compose. Those that are not on
# this machine are named at the end, and nothing is said of their files. Fails on any finding. Installs nothing.
#
# `make test` does not need it: server/tests/deploy.rs compares names of measures and of settings with the program's, without any of
# these programs. Run this after a change in deploy/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../deploy"

work=$(mktemp -d -t sideline-deploy-XXXXXX)
trap 'rm -rf "$work"' EXIT
failed='' missing=()

have() { command -v "$1" >/dev/null 2>&1; }
# `check what command …`: what it says is shown when it fails.
check() {
  local what=$1
  shift
  if "$@" >"$work/said" 2>&1; then
    printf 'ok        %s\n' "$what"
  else
    printf 'FAILED    %s\n' "$what"
    sed 's/^/          /' "$work/said"
    failed=yes
  fi
}
# The same, and it must say nothing.
silent() {
  local status=0
  "$@" >"$work/quiet" 2>&1 || status=$?
  cat "$work/quiet"
  [ "$status" = 0 ] && [ ! -s "$work/quiet" ]
}

# ---- systemd: the program need not be there ------------------------------------------------------------------
if have systemd-analyze; then
  mkdir "$work/systemd"
  for unit in sideline.service sideline@.service; do
    sed 's#^ExecStart=/usr/local/bin/sideline #ExecStart=/bin/true #' "systemd/$unit" >"$work/systemd/$unit"
  done
  cp "$work/systemd/sideline@.service" "$work/systemd/sideline@3000.service"
  for unit in sideline.service sideline@3000.service; do
    check "systemd-analyze verify $unit" silent systemd-analyze verify --man=no "$work/systemd/$unit"
    # In tenths: 1.5 is what a service with a network can come to.
    check "systemd-analyze security $unit" systemd-analyze security --offline=true --threshold=15 "$work/systemd/$unit"
  done
else
  missing+=(systemd-analyze)
fi

# ---- nginx: with a certificate of its own, in a folder of its own --------------------------------------------
if have nginx && have openssl; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=desk.example.com \
    -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
  for nodes in nodes nodes-compose; do
    sed -e "s#/etc/nginx/sideline/nodes.conf#$PWD/nginx/$nodes.conf#" -e "s#/etc/nginx/sideline/#$work/#" \
      -e "s#/var/log/nginx/#$work/#" nginx/sideline.conf >"$work/sideline.conf"
    printf 'pid %s/nginx.pid; error_log stderr; events {} http { include %s/sideline.conf; }\n' "$work" "$work" >"$work/nginx.conf"
    # Warnings are findings, except for the older way to write `http2`.
    nginx_test() {
      nginx -t -p "$work" -c "$work/nginx.conf" >"$work/nginx.said" 2>&1
      grep -v 'listen ... http2' "$work/nginx.said"
      grep -q 'is successful' "$work/nginx.said" && ! grep -v 'listen ... http2' "$work/nginx.said" | grep -q -E '\[[a-z]+\]'
    }
    check "nginx -t with $nodes.conf" nginx_test
  done
else
  missing+=('nginx (with openssl)')
fi

# ---- Caddy -----------------------------------------------------------------------------------------------------
if have caddy; then
  export XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work
  check 'caddy validate' caddy validate --config caddy/Caddyfile --adapter caddyfile
  caddy_form() { caddy fmt caddy/Caddyfile | diff caddy/Caddyfile -; }
  check 'caddy fmt' caddy_form
else
  missing+=(caddy)
fi

# ---- Prometheus, with the dashboard's expressions as rules --------------------------------------------------
if have promtool; then
  check 'promtool check rules' promtool check rules prometheus/alerts.yaml
  check 'promtool test rules' promtool test rules prometheus/alerts_test.yaml
  check 'promtool check config' promtool check config prometheus/prometheus.yml
  {
    printf 'groups:\n  - name: dashboard\n    rules:\n'
    # One expression a line, as JSON, which is YAML too.
    sed -n 's/^ *"expr": \(".*"\),\{0,1\}$/\1/p' grafana/dashboard.json | sed 's/\$__rate_interval/5m/g' |
      awk '{ printf "      - { record: \"dashboard:%d\", expr: %s }\n", NR, $0 }'
  } >"$work/dashboard.yaml"
  check "promtool check rules: $(grep -c record "$work/dashboard.yaml") expressions of the dashboard" \
    promtool check rules "$work/dashboard.yaml"
else
  missing+=(promtool)
fi

# ---- Helm --------------------------------------------------------------------------------------------------------
if have helm; then
  helm_refuses() { ! helm template desk helm/sideline; }
  check 'helm lint' helm lint --strict helm/sideline --values helm/sideline/ci-values.yaml
  check 'helm template' helm template desk helm/sideline --values helm/sideline/ci-values.yaml
  check 'helm template says what is needed' helm_refuses
else
  missing+=(helm)
fi

# ---- Compose -----------------------------------------------------------------------------------------------------
if have docker && docker compose version >/dev/null 2>&1; then
  export SIDELINE_PUBLIC_URL=https://desk.example.com
  check 'docker compose config' docker compose --file compose.yaml config --quiet
else
  missing+=('docker compose')
fi

for program in "${missing[@]}"; do
  printf 'not here  %s: its files were not checked\n' "$program"
done
[ -z "$failed" ]
