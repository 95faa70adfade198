#!/usr/bin/env bash
# Installs the official client of a language (python, go or rust) with the program that uses it. Leaves in .data/clients/<language>
# either `run`, which runs the program, or `impossible`, which says why there is none: no toolchain, or no registry to be reached.
# Ends with 1 where a client was there and could not be built.
set -euo pipefail
language=$1
sources=$(cd "$(dirname "${BASH_SOURCE[0]}")/$language" && pwd)
folder=$sources/../../../.data/clients/$language
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
rm -f "$folder/run" "$folder/impossible"

impossible() {
  printf '%s\n' "$*" >"$folder/impossible"
  exit 0
}
needs() {
  command -v "$1" >/dev/null || impossible "$1 is not installed"
}
# Asks a registry for one client, as the language's own tool does.
reaches() {
  timeout 60 "$@" >"$folder/log" 2>&1 || impossible "the registry can not be reached: $(tail -n 1 "$folder/log")"
}
runs() {
  printf '#!/usr/bin/env bash\nexec %s\n' "$*" >"$folder/run.tmp"
  chmod +x "$folder/run.tmp"
  mv "$folder/run.tmp" "$folder/run"
}

case $language in
python)
  needs python3
  python3 -m venv "$folder/venv" >"$folder/log" 2>&1 || impossible 'python3 has no venv'
  reaches "$folder/venv/bin/pip" download -q --no-deps -d "$folder" svix==2.9.1
  timeout 120 "$folder/venv/bin/pip" install -q svix==2.9.1
  runs "$folder/venv/bin/python" "$sources/roundtrip.py"
  ;;
go)
  needs go
  cp "$sources/go.mod" "$sources/main.go" "$folder"
  cd "$folder"
  reaches go mod download github.com/svix/svix-webhooks
  timeout 240 go mod tidy
  timeout 240 go build -o roundtrip .
  runs "$folder/roundtrip"
  ;;
rust)
  needs cargo
  cp -r "$sources/." "$folder"
  cd "$folder"
  reaches cargo fetch -q
  timeout 600 cargo build -q
  runs "$folder/target/debug/roundtrip"
  ;;
esac
