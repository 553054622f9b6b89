#!/usr/bin/env bash
# The tests, with the python given first: those that open windows beside all others, for windows wait
# more than they work. With more arguments, those tests alone.
set -uo pipefail
python="$1"
shift
windows=(tests/gui tests/render)

if [ $# -gt 0 ]; then
    exec "$python" -m pytest -q "$@"
fi

told="$(mktemp)"
trap 'rm -f "$told"' EXIT
"$python" -m pytest -q -p no:cacheprovider "${windows[@]/#/--ignore=}" >"$told" 2>&1 &
others=$!
"$python" -m pytest -q "${windows[@]}"
failed=$?
wait "$others" || failed=$?
cat "$told"
exit "$failed"
