# Sourced by demo.sh and test.sh: a .venv with coldrack and the named extra, and one line for what the machine lacks.
extra="${1:-}"
command -v python3 >/dev/null || { echo "coldrack needs Python >= 3.11: install python3 first" >&2; exit 1; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "coldrack needs Python >= 3.11, found $(python3 -V)" >&2; exit 1; }
[ -x .venv/bin/python ] || python3 -m venv .venv || { echo "cannot make .venv: install the package python3-venv" >&2; exit 1; }
. .venv/bin/activate
spec=".${extra:+[$extra]}"
stamp=".venv/coldrack-$(cat pyproject.toml | cksum | cut -d' ' -f1)-${extra:-base}"
[ -e "$stamp" ] || { python -m pip install --quiet --disable-pip-version-check -e "$spec" && touch "$stamp"; }
command -v "${CXX:-c++}" >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null \
    || echo "no C++ compiler: kernels run as numpy (slower); install g++ for the fast host backend"
