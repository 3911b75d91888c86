#!/usr/bin/env bash
# Passes every test on a machine with Rust, Node and (for what is missing) Debian's package manager.
#
#   ./test.sh            everything
#   ./test.sh quick      without browser journeys
#
# Starts its own PostgreSQL cluster on a spare port and its own servers; leaves nothing running.
set -euo pipefail
cd "$(dirname "$0")"
mode="${1:-all}"

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'test.sh: %s\n' "$*" >&2; exit 1; }

# One target directory for all clones on a machine, so that a second run builds only what changed.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/zhilu/target}"
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
# Golden cases read thousands of texts: level 1 for our own crate pays for itself here.
export CARGO_PROFILE_DEV_OPT_LEVEL=1

command -v cargo >/dev/null || fail "Rust is missing: install it with rustup, then run this again"
command -v node >/dev/null || fail "Node 20.19 or later is missing: install it, then run this again"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
postgres_bin() {
  local p
  for p in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) /usr/local/bin /usr/bin; do
    if [ -x "$p/initdb" ] && [ -x "$p/pg_ctl" ]; then echo "$p"; return 0; fi
  done
  return 1
}

packages=()
postgres_bin >/dev/null || packages+=(postgresql)
if [ "$mode" = all ]; then
  command -v chromium >/dev/null || packages+=(chromium)
  # A browser without any Latin letters cannot show the journey of a machine without Chinese ones.
  [ -d /usr/share/fonts/truetype/dejavu ] || packages+=(fonts-dejavu-core)
fi
command -v cc >/dev/null || packages+=(gcc libc6-dev)
if [ "${#packages[@]}" -gt 0 ]; then
  say "installing ${packages[*]}"
  as_root apt-get update -qq || fail "cannot reach Debian's packages: install ${packages[*]} by hand"
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq "${packages[@]}" >/dev/null \
    || fail "cannot install ${packages[*]}: install them by hand"
fi

work="$(mktemp -d)"
chmod 755 "$work"
pg="$(postgres_bin)" || fail "PostgreSQL's initdb was not found after the installation"
cleanup() {
  if [ -d "$work/pg" ]; then as_postgres "$pg/pg_ctl" -D "$work/pg" -m immediate stop >/dev/null 2>&1 || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

# PostgreSQL refuses to run as root: then the cluster belongs to the package's own user.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}
say "starting PostgreSQL on a spare port"
port="$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')"
mkdir "$work/pg" "$work/run"
if [ "$(id -u)" = 0 ]; then
  id postgres >/dev/null 2>&1 || fail "the user postgres is missing although PostgreSQL is installed"
  chown postgres "$work/pg" "$work/run"
fi
as_postgres "$pg/initdb" -D "$work/pg" -U zhilu -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
as_postgres "$pg/pg_ctl" -D "$work/pg" -w -l "$work/run/log" \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/run -c fsync=off" start >/dev/null
export ZHILU_TEST_POSTGRES="postgres://zhilu@127.0.0.1:$port/postgres"

say "format"
cargo fmt --check
say "lints"
cargo clippy --locked --all-targets -- -D warnings
say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items --lib
say "tests"
cargo build --locked --bin zhilu
cargo test --locked

if [ "$mode" = all ]; then
  say "page"
  (cd web && npm ci --no-audit --no-fund --silent && npm run --silent check && npm test --silent)
  say "browser journeys"
  export ZHILU_BIN="$CARGO_TARGET_DIR/debug/zhilu"
  (cd tests/web && npm ci --no-audit --no-fund --silent && npm test --silent)
fi
say "all passed"
