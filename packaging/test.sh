#!/usr/bin/env bash
# Everything that must hold: lint, types, import contracts, tests (with real windows on a virtual screen).
# EVENVIEW_FUZZ=5000 damages that many files of each format, where 40 are the rule.
set -uo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/packaging/common.sh"
cd "$root" || exit 1

ensure_system Xvfb:xvfb xauth:xauth xdotool:xdotool || exit 1
ensure_install "[test]" || exit 1

export LIBGL_ALWAYS_SOFTWARE=1 QT_QPA_PLATFORM=xcb PYTHONDONTWRITEBYTECODE=1
unset WAYLAND_DISPLAY
failed=()

step() { # TITLE COMMAND...
    local title="$1"
    shift
    printf '\n== %s\n' "$title"
    "$@" || failed+=("$title")
}

bin="$venv/bin"
step "Lint" "$bin/ruff" check .
step "Format" "$bin/ruff" format --check .
step "Types" "$bin/mypy"
step "Import contracts" "$bin/lint-imports"
step "Tests" xvfb-run -a -s "-screen 0 1600x1000x24" ./packaging/tests.sh "$bin/python" "$@"

if [ ${#failed[@]} -gt 0 ]; then
    printf '\nFAILED: %s\n' "$(IFS=,; printf '%s' "${failed[*]}")"
    exit 1
fi
printf '\nAll checks passed.\n'
