#!/usr/bin/env bash
# Build the wheel, install it into a fresh environment outside the project, and solve a template there: proves that the
# wheel holds the kernels and all data. Needs .venv with the test extra (bash scripts/test.sh makes it). Argument: a scratch folder.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/venv.sh test
if [ $# -gt 0 ]; then scratch=$1; mkdir -p "$scratch"; else scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT; fi
python -m build --wheel --outdir "$scratch/dist" . >"$scratch/build.log" 2>&1 || { tail -n 20 "$scratch/build.log" >&2; exit 1; }
wheel=$(ls -t "$scratch"/dist/*.whl | head -n 1)
python - "$wheel" <<'PY'
import sys
import zipfile
names = zipfile.ZipFile(sys.argv[1]).namelist()
top = {n.split("/")[0] for n in names}
wrong = {n for n in top if n != "coldrack" and not n.endswith(".dist-info")}
missing = [s for s in (".cu", ".cuh", ".hpp", "coolants.json", "solids.json", "py.typed", "LICENSE") if not any(n.endswith(s) for n in names)]
if wrong or missing:
    sys.exit(f"check_wheel: top-level {sorted(wrong)} should not be in the wheel, {missing} should")
print(f"check_wheel: {len(names)} files, {sum(n.endswith('.cu') for n in names)} kernel files")
PY
deactivate
python3 -m venv --clear "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel" 2>"$scratch/install.log" \
    || { tail -n 20 "$scratch/install.log" >&2; exit 1; }
cd "$scratch"
"$scratch/venv/bin/coldrack" --help >/dev/null
"$scratch/venv/bin/coldrack" new duct duct.yaml --force >/dev/null
"$scratch/venv/bin/coldrack" run duct.yaml --no-pictures --quiet --out run
echo "check_wheel: $(basename "$wheel") solves a case from another folder"
