#!/usr/bin/env bash
# tools/slurm_test.sh PARTITION JOB_NAME CONFIG CHECKPOINT [ARGUMENTS of tools/test.py]
# Environment: GPUS (8), GPUS_PER_NODE (GPUS, at most 8), CPUS_PER_TASK (5), SRUN_ARGS, MASTER_PORT.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_launch.sh"
need 4 "[GPUS=8] $0 PARTITION JOB_NAME CONFIG CHECKPOINT [ARGUMENTS of tools/test.py]" "$@"
slurm "$1" "$2" "$ROOT/tools/test.py" "$3" "$4" "${@:5}"
