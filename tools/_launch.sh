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

# whole NAME VALUE LEAST: stops if a value is not a whole number from LEAST on.
whole() {
  if ! [[ $2 =~ ^(0|[1-9][0-9]*)$ ]] || [ "$2" -lt "$3" ]; then
    echo "Error: $1 must be a whole number from $3, got '$2'" >&2
    exit 2
  fi
}

# launch PROCESSES SCRIPT [ARG...]: runs a script in that many processes on this machine, and, with NNODES, on others
# with the same command. Names as in MMAction2: NNODES, NODE_RANK, MASTER_ADDR, PORT.
launch() {
  local processes=$1 nodes=${NNODES:-1} rank=${NODE_RANK:-0}
  shift
  whole 'the number of GPUs (processes)' "$processes" 1
  whole NNODES "$nodes" 1
  whole NODE_RANK "$rank" 0
  if [ "$rank" -ge "$nodes" ]; then
    echo "Error: NODE_RANK counts the machines from 0, so with NNODES=$nodes it is at most $((nodes - 1)), got $rank" >&2
    exit 2
  fi
  if [ "$nodes" -eq 1 ]; then
    PORT=${PORT:-$(free_port)}  # so that two runs on one machine do not meet
  elif [ -z "${NODE_RANK:-}" ] || [ -z "${MASTER_ADDR:-}" ]; then
    # Without them every machine would take itself for the first one, and wait for the others for a quarter of an hour.
    echo "Error: NNODES=$nodes needs NODE_RANK, another one on each machine from 0 on, and MASTER_ADDR, the address of" \
      "the machine with NODE_RANK=0, the same on all" >&2
    exit 2
  fi
  # Once, before anything is launched: config, options, data and checkpoint on disk.
  "$PYTHON" "$@" --check
  # torch sets one thread a process as well, with a page of explanation for each launch.
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} MKL_NUM_THREADS=${MKL_NUM_THREADS:-1}
  exec "$PYTHON" "$ROOT/tools/_torchrun.py" --nnodes="$nodes" --node_rank="$rank" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" --nproc_per_node="$processes" \
    "$@" --launcher pytorch
}

# slurm PARTITION JOB_NAME SCRIPT [ARG...]: runs a script under srun, one task a GPU.
slurm() {
  local partition=$1 job=$2 gpus=${GPUS:-8} per_node=${GPUS_PER_NODE:-}
  shift 2
  whole GPUS "$gpus" 1
  per_node=${per_node:-$((gpus < 8 ? gpus : 8))}
  whole GPUS_PER_NODE "$per_node" 1
  if [ $((gpus % per_node)) -ne 0 ]; then
    # srun would take whole machines and leave GPUs of the last one without a task.
    echo "Error: GPUS=$gpus cannot be shared out to machines of GPUS_PER_NODE=$per_node: give one that divides it" >&2
    exit 2
  fi
  if ! command -v srun >/dev/null; then
    echo "Error: srun is not there: this is no Slurm machine. Use tools/dist_train.sh or dist_test.sh." >&2
    exit 1
  fi
  "$PYTHON" "$@" --check
  # The same port on all nodes, so not one that happens to be free on this one; another for each job.
  export MASTER_PORT=${MASTER_PORT:-$((12000 + RANDOM % 20000))}
  # SRUN_ARGS holds several arguments: split on purpose.
  # shellcheck disable=SC2086
  exec srun -p "$partition" --job-name="$job" --gres="gpu:$per_node" --ntasks="$gpus" \
    --ntasks-per-node="$per_node" --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 \
    ${SRUN_ARGS:-} "$PYTHON" -u "$@" --launcher slurm
}
