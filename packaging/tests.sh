#!/usr/bin/env bash
# The tests, with the python given first: those that open windows beside all others, a core for each.
# With more arguments, those tests alone.
set -uo pipefail
python="$1"
shift
windows=tests/gui

if [ $# -gt 0 ]; then
    exec "$python" -m pytest -q "$@"
fi

told="$(mktemp)"
trap 'rm -f "$told"' EXIT
"$python" -m pytest -q -p no:cacheprovider --ignore="$windows" >"$told" 2>&1 &
others=$!
"$python" -m pytest -q "$windows"
failed=$?
wait "$others" || failed=$?
cat "$told"
exit "$failed"
