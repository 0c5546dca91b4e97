# Sourced by the other scripts, from the project's root, under `set -euo pipefail`: makes .venv with coldrack and the extra
# that the first argument names, and says in one line what the machine lacks.
extra="${1:-}"

stop() { echo "coldrack: $*" >&2; exit 1; }

find_python() {
    local name
    for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
        [ -n "$name" ] && command -v "$name" >/dev/null \
            && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$name"; return; }
    done
    return 1
}

make_venv() {
    local python version
    python=$(find_python) || stop "needs Python 3.11 or newer, found $(python3 -V 2>&1 || true): install it, or set PYTHON to its path"
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$python" -c 'import ensurepip, venv' 2>/dev/null \
        || stop "$python cannot make virtual environments: install the package python$version-venv (Debian and Ubuntu)"
    echo "coldrack: making .venv with $("$python" -V)"
    "$python" -m venv --clear .venv || stop "could not make .venv (reason above)"
}

# pip's output, without lines about package folders that the machine's pip configuration names and that do not exist.
install() {
    local log status=0
    log=$(mktemp)
    python -m pip install --quiet --disable-pip-version-check -e "$1" >"$log" 2>&1 || status=$?
    sed -e '/^WARNING: Location .* is ignored/d' -e '/^$/d' "$log" >&2
    rm -f "$log"
    [ "$status" -eq 0 ] || stop "pip could not install $1 (reason above); without a network, give pip a folder of wheels: PIP_FIND_LINKS"
}

[ -d src/coldrack/solver ] || stop "src/coldrack/solver is not a folder: check the project out with symbolic links (git config core.symlinks true)"
[ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null || make_venv
. .venv/bin/activate
stamp=".venv/coldrack-$(cksum <pyproject.toml | cut -d' ' -f1)"
if [ ! -e "$stamp-${extra:-base}" ]; then
    echo "coldrack: installing into .venv (a few minutes the first time)"
    install ".${extra:+[$extra]}"
    touch "$stamp-base" "$stamp-${extra:-base}"
fi
command -v "${CXX:-c++}" >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null \
    || echo "coldrack: no C++ compiler, so it goes on with numpy (slower): install g++ for the compiled kernels" >&2
