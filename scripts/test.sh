#!/usr/bin/env bash
# Make .venv, install coldrack with its test extra, run the linter, the type checker and the tests. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/venv.sh test
ruff check .
mypy
exec python -m pytest "$@"
