#!/usr/bin/env bash
# tools/dist_test.sh CONFIG CHECKPOINT GPUS [ARGUMENTS of tools/test.py]; without a GPU, GPUS are CPU processes.
# On several machines, with NNODES, NODE_RANK, MASTER_ADDR and PORT: docs/several_machines.rst.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_launch.sh"
need 3 "$0 CONFIG CHECKPOINT GPUS [ARGUMENTS of tools/test.py]" "$@"
launch "$3" "$ROOT/tools/test.py" "$1" "$2" "${@:4}"
