# Sourced by the launch scripts: finds the project and a Python that has the stack.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PYTHONPATH="$ROOT${PYTHONPATH:+:$PYTHONPATH}"

PYTHON=${PYTHON:-python}
has_stack() { "$1" -c 'import importlib.util as u, sys; sys.exit(u.find_spec("mmengine") is None)' >/dev/null 2>&1; }
if ! has_stack "$PYTHON"; then
  PYTHON=$ROOT/.venv/bin/python
  if ! has_stack "$PYTHON"; then
    echo "Error: neither 'python' nor .venv/bin/python has MMEngine. Run first:  bash tools/setup_env.sh" >&2
    exit 1
  fi
fi

free_port() {
  "$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])'
}

# need COUNT USAGE "$@": stops with the usage if there are fewer than COUNT arguments.
need() {
  local count=$1 usage=$2
  shift 2
  if [ $# -lt "$count" ]; then
    echo "Usage: $usage" >&2
    exit 2
  fi
}

# launch PROCESSES SCRIPT [ARG...]: runs a script in that many processes on this machine. NNODES, NODE_RANK,
# MASTER_ADDR and PORT as in MMAction2; alone on one machine a free port is taken, so that two runs do not meet.
launch() {
  local processes=$1
  shift
  if ! [[ $processes =~ ^[1-9][0-9]*$ ]]; then
    echo "Error: the number of GPUs (processes) must be a whole number from 1, got '$processes'" >&2
    exit 2
  fi
  # Once, before anything is launched: config, options, data and checkpoint on disk.
  "$PYTHON" "$@" --check
  if [ "${NNODES:-1}" -eq 1 ]; then PORT=${PORT:-$(free_port)}; fi
  # torch sets one thread a process as well, with a page of explanation for each launch.
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} MKL_NUM_THREADS=${MKL_NUM_THREADS:-1}
  exec "$PYTHON" "$ROOT/tools/_torchrun.py" --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" --nproc_per_node="$processes" \
    "$@" --launcher pytorch
}

# slurm PARTITION JOB_NAME SCRIPT [ARG...]: runs a script under srun, one task a GPU.
slurm() {
  local partition=$1 job=$2
  shift 2
  if ! command -v srun >/dev/null; then
    echo "Error: srun is not there: this is no Slurm machine. Use tools/dist_train.sh or dist_test.sh." >&2
    exit 1
  fi
  "$PYTHON" "$@" --check
  # The same port on all nodes, so not one that happens to be free on this one; another for each job.
  export MASTER_PORT=${MASTER_PORT:-$((12000 + RANDOM % 20000))}
  # SRUN_ARGS holds several arguments: split on purpose.
  # shellcheck disable=SC2086
  exec srun -p "$partition" --job-name="$job" --gres="gpu:${GPUS_PER_NODE:-8}" --ntasks="${GPUS:-8}" \
    --ntasks-per-node="${GPUS_PER_NODE:-8}" --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 \
    ${SRUN_ARGS:-} "$PYTHON" -u "$@" --launcher slurm
}
