#!/usr/bin/env bash
# Install the codes that `coldrack bench --peers` compares with into a virtual environment that has coldrack (default: .venv).
#   bash scripts/install_peers.sh [PEER ...]          peers: pyamg scipy fipy numba warp epanet; default: all but epanet
#   VENV=/path/to/environment bash scripts/install_peers.sh ...
# OpenFOAM comes with the distribution and needs an administrator: the script says how.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}
python="$venv/bin/python"
[ -x "$python" ] || { echo "coldrack: no virtual environment in $venv: make it with bash scripts/test.sh, or set VENV" >&2; exit 1; }
[ $# -gt 0 ] || set -- pyamg scipy fipy numba warp
packages=()
for peer in "$@"; do
    case "$peer" in
        pyamg|scipy|numba) packages+=("$peer") ;;
        fipy) packages+=(fipy pyamg) ;;
        warp) packages+=(warp-lang) ;;
        epanet) packages+=(wntr six setuptools) ;; # wntr holds EPANET and does not ask for six
        openfoam) ;;
        *) echo "coldrack: no peer called $peer: expected pyamg, scipy, fipy, numba, warp, epanet or openfoam" >&2; exit 2 ;;
    esac
done
if [ ${#packages[@]} -gt 0 ]; then
    "$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" \
        || { echo "coldrack: pip could not install ${packages[*]} (reason above)" >&2; exit 1; }
    echo "coldrack: installed ${packages[*]} into $venv"
fi
if command -v simpleFoam >/dev/null; then
    echo "coldrack: OpenFOAM is there: $(command -v simpleFoam)"
else
    echo "coldrack: OpenFOAM is not there. Debian, Ubuntu: sudo apt-get install openfoam. Other systems: its own packages, with" \
         "WM_PROJECT_DIR set to the folder that holds etc/controlDict and its programs in PATH"
fi
