#!/usr/bin/env bash
# Sets up what is missing, then opens the window: on the demo set, or on the files given.
set -uo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/packaging/common.sh"

ensure_system || say "Going on without them; the window may not open."
ensure_install "" || exit 1

evenview="$venv/bin/evenview"
if problem="$("$venv/bin/python" -m evenview.display)"; then
    if [ $# = 0 ]; then exec "$evenview" --demo; else exec "$evenview" "$@"; fi
fi

# No screen: the same figures and numbers, written instead of shown.
file="${1:-$("$evenview" demo)}" || exit 1
out="$PWD/evenview-out"
say "$problem Writing the figures and the summary of $(basename "$file") to $out instead."
mkdir -p "$out" &&
    "$evenview" figure "$file" -o "$out/sphere.png" --chart sphere &&
    "$evenview" figure "$file" -o "$out/chart.png" &&
    "$evenview" info "$file" | tee "$out/summary.txt"
