#!/usr/bin/env bash
# Makes .venv with the whole stack, builds mmcv's operators once, installs mmstep and proves it.
#
#   bash tools/setup_env.sh                  the first Python 3.10-3.12 found; PyPI's torch
#   bash tools/setup_env.sh --full-ops       all of mmcv's operators, which takes about ten minutes more
#   PYTHON=python3.12 bash tools/setup_env.sh
#   bash tools/setup_env.sh --into PYTHON    into an environment that there is, which has mmstep (mmstep setup)
#
# Run it as often as you like: what is there already is kept. A torch that the chosen Python already has (a CUDA
# build, say) is used if its version fits. On a CPU build of torch only the operators that mmstep, MMDetection's box
# heads and MMAction2's AVA models call are built (tools/mmcv_few_ops/build_wheel.py); with CUDA always all of them.
# The built wheel is kept in $XDG_CACHE_HOME/mmstep (~/.cache/mmstep).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
VENV=$ROOT/.venv
PY=$VENV/bin/python  # that of the environment
REQUIREMENTS=requirements.txt
TORCH=2.13.0
TORCH_FITS='(2, 6) <= v < (3, 0)'  # below 2.6 torch.load has another default; see mmstep/compat.py
MMENGINE=0.10.7 MMCV=2.1.0 MMDET=3.3.0 MMACTION2=1.2.0

say() { printf '\033[1m[setup]\033[0m %s\n' "$*"; }
die() { printf '\033[1m[setup] %s\033[0m\n' "$1" >&2; shift; printf '        %s\n' "$@" >&2; exit 1; }

FULL_OPS=
INTO=
while [ $# -gt 0 ]; do
  case $1 in
    --full-ops) FULL_OPS=1 ;;
    --into)
      INTO=$(command -v "${2:-}" || true)
      [ -n "$INTO" ] || die "--into needs the Python of an environment, got '${2:-}'"
      shift
      ;;
    -h | --help) sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; exit ;;
    *) die "Unknown argument: $1" "Arguments: --full-ops, --into PYTHON, --help" ;;
  esac
  shift
done
if [ -n "$INTO" ]; then
  PY=$INTO
  REQUIREMENTS=requirements/runtime.txt  # extras come with pip install 'mmstep[web]'
  VENV=$("$PY" -c 'import sys; print(sys.prefix)')
fi

find_python() {
  local p found
  for p in ${PYTHON:-python3 python3.12 python3.11 python3.10 python}; do
    if "$p" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' >/dev/null 2>&1; then
      echo "$p"
      return
    fi
  done
  # Not "install python3": where the system's is too new or too old, that would lead here again.
  found=$("${PYTHON:-python3}" --version 2>/dev/null || true)
  die "No Python 3.10, 3.11 or 3.12 found${PYTHON:+ (PYTHON=$PYTHON)}${found:+; $found is not one of them}." \
    "Any of these brings one, beside the system's own:" \
    "  uv:             uv python install 3.12 && PYTHON=\$(uv python find 3.12) bash tools/setup_env.sh" \
    "  conda:          conda create -n mmstep python=3.12 && PYTHON=\$(conda run -n mmstep which python) bash tools/setup_env.sh" \
    "  Debian/Ubuntu:  sudo apt-get install python3.12 python3.12-venv python3.12-dev   (where it has them)" \
    "or name one:      PYTHON=/path/to/python3.11 bash tools/setup_env.sh"
}

# Prints the torch version a Python has if it fits our range, else nothing.
fitting_torch() {
  "$1" - 2>/dev/null <<PY || true
import re
import torch
v = tuple(int(n) for n in re.findall(r'\d+', torch.__version__)[:2])
if $TORCH_FITS:
    print(torch.__version__)
PY
}

# Refuses an environment of --into that cannot be set up.
check_environment() {
  "$PY" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' ||
    die "$("$PY" --version) of $PY does not do: Python 3.10, 3.11 or 3.12 is needed." \
      "Make an environment with one (python3.12 -m venv env), install mmstep there and run mmstep setup again."
  "$PY" -m pip --version >/dev/null 2>&1 || die "The environment of $PY has no pip." \
    "Bring it in:  $PY -m ensurepip   (an environment of uv: uv pip install --python $PY pip)"
  [ -w "$VENV" ] || die "You may not write to $VENV, the environment of $PY." \
    "Make one of your own (python3 -m venv env), install mmstep there and run mmstep setup again."
  (cd / && "$PY" -c 'import importlib.util as u, sys; sys.exit(u.find_spec("mmstep") is None)') ||
    die "mmstep is not installed in the environment of $PY." "Install it there by pip first."
}

make_venv() {
  local py site=()
  if [ -x "$PY" ] && "$PY" -m pip --version >/dev/null 2>&1; then return; fi
  py=$(find_python)
  [ -n "$(fitting_torch "$py")" ] && site=(--system-site-packages) && say "keeping torch $(fitting_torch "$py") of $py"
  say "making $VENV with $("$py" --version)"
  rm -rf "$VENV"
  "$py" -m venv "${site[@]}" "$VENV" || {
    rm -rf "$VENV"
    die "$py cannot make a virtual environment (module venv or ensurepip is missing)." \
      "Debian/Ubuntu: sudo apt-get install python3-venv, then run this again."
  }
}

# Bytecode is left to the first import: compiling all of it takes longer than unpacking.
pip_install() {
  "$PY" -m pip install --quiet --quiet --no-compile "$@" || die "pip could not install: $*" \
    "If the lines above speak of a connection or a time-out, check the network and run this again." \
    "Behind a proxy or mirror: export HTTPS_PROXY=... or PIP_INDEX_URL=... first."
}

# Whether all of mmcv's operators are wanted: asked for, or needed by a CUDA build of torch.
wants_full_ops() {
  [ -n "$FULL_OPS" ] || "$PY" -c 'import sys, torch; sys.exit(torch.version.cuda is None)'
}

# Whether the mmcv that is installed will do.
has_mmcv() {
  "$PY" - "$1" >/dev/null 2>&1 <<PY
import sys
import mmcv
import mmcv.ops
assert mmcv.__version__ == '$MMCV'
assert sys.argv[1] == 'few' or not hasattr(mmcv.ops.nms.__globals__['ext_module'], 'ext_few')
PY
}

# Builds mmcv's wheel into a folder of its own and moves it into the cache only when it is whole, so a build that
# was broken off leaves nothing that looks finished. Arguments: 'few' or 'full', the cache folder.
build_mmcv() {
  local ops=$1 cache=$2 work built=0
  # Another set-up may be building the same; it leaves a wheel.
  exec 8>"$cache/.lock"
  command -v flock >/dev/null && flock 8
  rm -rf "$cache"/build.*/
  [ -n "$(cached_wheel "$cache")" ] && return
  work=$(mktemp -d "$cache/build.XXXXXX")
  if [ "$ops" = few ]; then
    "$PY" "$ROOT/tools/mmcv_few_ops/build_wheel.py" "$MMCV" "$work" || built=$?
  else
    # No pip cache: it is not keyed by the torch version. No debug information: nobody needs it, and it costs time.
    CFLAGS="-g0 -O2 ${CFLAGS:-}" MMCV_WITH_OPS=1 "$PY" -m pip wheel --no-cache-dir --no-build-isolation \
      --no-deps --no-binary mmcv -w "$work" "mmcv==$MMCV" || built=$?
  fi
  if [ "$built" = 0 ]; then
    # Without torch in sight mmcv's setup builds a wheel with no operators and says nothing.
    "$PY" - "$work"/mmcv-*.whl <<'PY' || built=$?
import sys
import zipfile
names = [name for name in zipfile.ZipFile(sys.argv[1]).namelist() if name.startswith('mmcv/') and name.endswith('.so')]
sys.exit(0 if names else 'mmcv was built without its operators')
PY
  fi
  [ "$built" = 0 ] && mv "$work"/mmcv-*.whl "$cache/"
  rm -rf "$work"
  return "$built"
}

cached_wheel() { find "$1" -maxdepth 1 -name 'mmcv-*.whl' | head -n 1; }

# Starts the build of mmcv in the background, where it is needed: pip fetches the other packages meanwhile.
start_mmcv() {
  local key
  MMCV_OPS=few
  if wants_full_ops; then MMCV_OPS=full; fi
  MMCV_PID=
  has_mmcv "$MMCV_OPS" && return
  key=$("$PY" -c 'import platform, sys, torch; print(f"cp{sys.version_info[0]}{sys.version_info[1]}-{platform.machine()}-torch-{torch.__version__}")')
  MMCV_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/mmstep/mmcv-$MMCV/$key-$MMCV_OPS-ops
  mkdir -p "$MMCV_CACHE"
  if [ -z "$(cached_wheel "$MMCV_CACHE")" ]; then
    command -v "${CXX:-g++}" >/dev/null || die "No C++ compiler (${CXX:-g++}): mmcv's operators are built from source." \
      "Debian/Ubuntu: sudo apt-get install build-essential python3-dev, then run this again."
    "$PY" -c 'import os, sysconfig, sys; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' ||
      die "Python's headers (Python.h) are missing: mmcv's operators are built from source." \
        "Debian/Ubuntu: sudo apt-get install python3-dev, then run this again."
    if [ "$MMCV_OPS" = few ]; then
      say "building mmcv $MMCV with NMS and RoIAlign for torch on the CPU (once; about a minute; --full-ops builds all operators; log: $MMCV_CACHE/build.log)"
    else
      say "building mmcv $MMCV with all its operators (once; about ten minutes on two cores; log: $MMCV_CACHE/build.log)"
    fi
  fi
  PATH=$(dirname "$PY"):$PATH build_mmcv "$MMCV_OPS" "$MMCV_CACHE" >"$MMCV_CACHE/build.log" 2>&1 &
  MMCV_PID=$!
  trap 'pkill -P "$MMCV_PID" 2>/dev/null || true; kill "$MMCV_PID" 2>/dev/null || true' EXIT
}

finish_mmcv() {
  [ -n "$MMCV_PID" ] || return 0
  wait "$MMCV_PID" || {
    tail -n 25 "$MMCV_CACHE/build.log" >&2
    die "mmcv did not build; the whole log is $MMCV_CACHE/build.log" \
      "No connection in the log: check the network. 'Killed' in it: too little memory, try MAX_JOBS=1. Then run this again."
  }
  trap - EXIT
  pip_install --no-deps --force-reinstall "$(cached_wheel "$MMCV_CACHE")"
}

# Importing the stack writes its bytecode. Container images often forbid that (PYTHONDONTWRITEBYTECODE), but without it
# each start of a tool compiles thousands of modules anew, which takes longer than everything else in the start.
prove() {
  env -u PYTHONDONTWRITEBYTECODE "$PY" "$ROOT/tools/check_env.py"
}

# What a set-up that has been proved once needs to be believed again: every package at its version, mmcv's operators.
# Prints the versions; fails without a word where something has gone since.
still_whole() {
  [ -x "$PY" ] && "$PY" 2>/dev/null - <<PY
from importlib.metadata import distribution, version
pinned = dict(mmengine='$MMENGINE', mmcv='$MMCV', mmdet='$MMDET', mmaction2='$MMACTION2')
# mmcv's version has a label where few operators were built.
assert all(version(name).split('+')[0] == wanted for name, wanted in pinned.items())
assert list(distribution('mmcv').locate_file('mmcv').glob('*ext*.so'))
assert not '$FULL_OPS' or '+few' not in version('mmcv')
for name in ('torch', 'numpy', 'opencv-contrib-python-headless', 'mmengine', 'mmcv', 'mmdet', 'mmaction2', 'mmstep'):
    print(f'  {name:<32}{version(name)}')
PY
}

if [ -n "$INTO" ]; then check_environment; fi
# Two set-ups in one folder would undo each other's work: the second waits.
if command -v flock >/dev/null; then
  lock=$ROOT/.venv.lock
  [ -n "$INTO" ] && lock=$VENV/.mmstep-setup.lock
  exec 9>"$lock"
  flock -n 9 || { say "another set-up is at work in $(dirname "$lock"): waiting for it"; flock 9; }
fi
stamp=$VENV/.mmstep-stack
# A package has no setup.py.
want=$({ cat "$ROOT/tools/requirements.txt" "$ROOT"/tools/requirements/*.txt "$ROOT/tools/setup_env.sh" "$ROOT"/tools/mmcv_few_ops/* && cat "$ROOT/setup.py" 2>/dev/null; } | cksum || true)@$ROOT
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$want" ] || ! still_whole; then
  [ -n "$INTO" ] || make_venv
  rm -f "$stamp"
  say "installing the stack (log on error only)"
  if [ -z "$(fitting_torch "$PY")" ]; then pip_install "torch==$TORCH"; fi
  # After torch, which asks for a newer setuptools than the venv's: mmcv's setup imports pkg_resources, gone since 82.
  # numpy, so that torch does not complain of its absence.
  pip_install 'setuptools<81' wheel ninja -r <(grep '^numpy' "$ROOT/tools/requirements/runtime.txt")
  start_mmcv
  pip_install -r "$ROOT/tools/$REQUIREMENTS"
  finish_mmcv
  pip_install --no-deps "mmengine==$MMENGINE" "mmdet==$MMDET" "mmaction2==$MMACTION2"
  [ -n "$INTO" ] || pip_install --no-deps --no-build-isolation -e "$ROOT"
  prove
  printf '%s' "$want" >"$stamp"
fi
if [ -n "$INTO" ]; then
  say "ready: mmstep --help tells what there is"
else
  say "ready: source .venv/bin/activate (python tools/check_env.py proves it anew)"
fi
