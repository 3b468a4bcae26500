#!/usr/bin/env bash
# Sets up the environment and runs all tests.
#
#   bash tests/run.sh                    everything
#   bash tests/run.sh -m 'not slow'      arguments go to pytest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash tools/setup_env.sh
# One thread each: two workers share the cores, and torch's sums then come in one order.
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
# Hundreds of processes start: each would compile what the set-up has not imported.
unset PYTHONDONTWRITEBYTECODE
exec .venv/bin/python -m pytest -n 2 --dist worksteal -q tests "$@"
