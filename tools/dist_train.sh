#!/usr/bin/env bash
# tools/dist_train.sh CONFIG GPUS [ARGUMENTS of tools/train.py]; without a GPU, GPUS are CPU processes.
# On several machines, with NNODES, NODE_RANK, MASTER_ADDR and PORT: docs/several_machines.rst.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_launch.sh"
need 2 "$0 CONFIG GPUS [ARGUMENTS of tools/train.py]" "$@"
launch "$2" "$ROOT/tools/train.py" "$1" "${@:3}"
