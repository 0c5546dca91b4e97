#!/usr/bin/env bash
# Make .venv, install coldrack with its test extra, run the linter, the type checker and the tests, a process per core.
# Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/venv.sh test
ruff check .
mypy
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
exec python -m pytest -n auto --dist loadfile "$@"
