# Shared by run.sh and test.sh: system libraries, virtual environment, pinned install.
# Sourced, never run. Expects $root.

say() { printf '%s\n' "$*" >&2; }

venv="${EVENVIEW_VENV:-$root/.venv}"

# soname:Debian package. Qt's xcb plugin, OpenGL and text need these; wheels do not carry them.
window_libraries=(
    libGL.so.1:libgl1 libEGL.so.1:libegl1 libfontconfig.so.1:libfontconfig1
    libglib-2.0.so.0:libglib2.0-0 libdbus-1.so.3:libdbus-1-3
    libX11-xcb.so.1:libx11-xcb1 libxkbcommon-x11.so.0:libxkbcommon-x11-0
    libxcb-cursor.so.0:libxcb-cursor0 libxcb-icccm.so.4:libxcb-icccm4
    libxcb-image.so.0:libxcb-image0 libxcb-keysyms.so.1:libxcb-keysyms1
    libxcb-randr.so.0:libxcb-randr0 libxcb-render-util.so.0:libxcb-render-util0
    libxcb-shape.so.0:libxcb-shape0 libxcb-xinerama.so.0:libxcb-xinerama0
)

missing_packages() {
    local cache entry
    cache="$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)"
    for entry in "${window_libraries[@]}"; do
        grep -q -F "${entry%%:*} " <<<"$cache" || printf '%s\n' "${entry##*:}"
    done
    # Software OpenGL is what remote desktops and virtual screens draw with.
    compgen -G '/usr/lib*/dri/swrast_dri.so' >/dev/null ||
        compgen -G '/usr/lib/*/dri/swrast_dri.so' >/dev/null ||
        compgen -G '/usr/lib/*/dri/libdril_dri.so' >/dev/null || printf 'libgl1-mesa-dri\n'
    [ -n "$(find -L /usr/share/fonts "$HOME/.fonts" "$HOME/.local/share/fonts" -name '*.[ot]tf' -print -quit 2>/dev/null)" ] ||
        printf 'fonts-dejavu-core\n'
    local command
    for command in "$@"; do
        command -v "${command%%:*}" >/dev/null || printf '%s\n' "${command##*:}"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

can_be_root() {
    [ "$(id -u)" = 0 ] && return
    command -v sudo >/dev/null || return
    sudo -n true 2>/dev/null || [ -t 0 ]
}

# install_packages NAME...: through apt-get where that is possible; otherwise says what is missing.
install_packages() {
    [ $# = 0 ] && return
    if ! command -v apt-get >/dev/null || ! can_be_root; then
        say "Missing system packages (Debian and Ubuntu names): $*"
        say "Install them, for example with: sudo apt-get install $*"
        return 1
    fi
    say "Installing system packages: $*"
    local log
    log="$(as_root apt-get update -qq 2>&1 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" 2>&1)" ||
        { say "$log"; return 1; }
}

find_python() {
    local name
    for name in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
        [ -n "$name" ] && command -v "$name" >/dev/null &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null &&
            { command -v "$name"; return; }
    done
    say "Evenview needs Python 3.11 or newer, and none was found. Install it (Debian 12, Ubuntu 24.04: sudo apt-get install python3 python3-venv)."
    return 1
}

ensure_system() { # [command:package ...]
    local packages
    mapfile -t packages < <(missing_packages "$@")
    install_packages "${packages[@]}"
}

ensure_venv_module() { # PYTHON
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    install_packages "$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
}

# ensure_install EXTRAS: a virtual environment with the pinned versions; quick when nothing changed.
ensure_install() {
    local extras="$1" python stamp want
    stamp="$venv/evenview-installed$extras"
    want="$(cat "$root/pyproject.toml" "$root/packaging/constraints.txt" | cksum)"
    [ -x "$venv/bin/evenview" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return
    python="$(find_python)" || return 1
    ensure_venv_module "$python" || return 1
    say "Setting up Python in $venv (once; about a minute or two)"
    [ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || return 1
    PIP_CONSTRAINT="$root/packaging/constraints.txt" PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$venv/bin/python" -m pip install --quiet --editable "$root$extras" || return 1
    printf '%s\n' "$want" >"$stamp"
}
