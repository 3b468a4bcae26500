#!/usr/bin/env bash
# tools/slurm_train.sh PARTITION JOB_NAME CONFIG [ARGUMENTS of tools/train.py]
# Environment: GPUS (8), GPUS_PER_NODE (GPUS, at most 8), CPUS_PER_TASK (5), SRUN_ARGS, MASTER_PORT.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_launch.sh"
need 3 "[GPUS=8] $0 PARTITION JOB_NAME CONFIG [ARGUMENTS of tools/train.py]" "$@"
slurm "$1" "$2" "$ROOT/tools/train.py" "$3" "${@:4}"
