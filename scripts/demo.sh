#!/usr/bin/env bash
# Make .venv, install coldrack, solve the H100 cold plate and say where the results are. Arguments go to `coldrack run`,
# such as --set mesh.refine=0.5 for a coarser and quicker grid.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/venv.sh ""  # sourced without an argument it would see this script's
out=out/h100_cold_plate
coldrack run cases/h100_cold_plate.yaml --out "$out" "$@"
echo "Pictures: $PWD/$out/pictures; fields for ParaView: $PWD/$out/fields.vtkhdf; balance and temperatures: $PWD/$out/log.txt"
