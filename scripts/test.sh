#!/usr/bin/env bash
# Make .venv, install coldrack with its test extra, run the linters and the tests. Extra arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/venv.sh test
ruff check .
mypy
exec python -m pytest "$@"
