#!/usr/bin/env bash
# Makes .venv with the whole stack, builds mmcv with its operators once, installs mmstep and proves it.
#
#   bash tools/setup_env.sh                  the first Python 3.10-3.12 found; PyPI's torch
#   PYTHON=python3.12 bash tools/setup_env.sh
#
# Run it as often as you like: what is there already is kept. A torch that the chosen Python already has (a CUDA
# build, say) is used if its version fits. The built mmcv wheel is kept in $XDG_CACHE_HOME/mmstep (~/.cache/mmstep).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
VENV=$ROOT/.venv
TORCH=2.13.0
TORCH_FITS='(2, 6) <= v < (3, 0)'  # below 2.6 torch.load has another default; see mmstep/compat.py
MMENGINE=0.10.7 MMCV=2.1.0 MMDET=3.3.0 MMACTION2=1.2.0

say() { printf '\033[1m[setup]\033[0m %s\n' "$*"; }
die() { printf '\033[1m[setup] %s\033[0m\n' "$1" >&2; shift; printf '        %s\n' "$@" >&2; exit 1; }

find_python() {
  local p
  for p in ${PYTHON:-python3 python3.12 python3.11 python3.10 python}; do
    if "$p" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' >/dev/null 2>&1; then
      echo "$p"
      return
    fi
  done
  die "No Python 3.10, 3.11 or 3.12 found${PYTHON:+ (PYTHON=$PYTHON)}." \
    "Debian/Ubuntu: sudo apt-get install python3 python3-venv python3-dev" \
    "or name one: PYTHON=/path/to/python3.11 bash tools/setup_env.sh"
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

make_venv() {
  local py site=()
  if [ -x "$VENV/bin/python" ] && "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then return; fi
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

pip_install() {
  "$VENV/bin/python" -m pip install --quiet --quiet "$@" || die "pip could not install: $*" \
    "If the lines above speak of a connection or a time-out, check the network and run this again." \
    "Behind a proxy or mirror: export HTTPS_PROXY=... or PIP_INDEX_URL=... first."
}

# Builds mmcv's wheel into a folder of its own and moves it into the cache only when it is whole, so a build that
# was broken off leaves nothing that looks finished.
build_mmcv() {
  local torch_version key cache work wheel
  torch_version=$("$VENV/bin/python" -c 'import torch; print(torch.__version__)')
  key=$("$VENV/bin/python" -c 'import platform, sys; print(f"cp{sys.version_info[0]}{sys.version_info[1]}-{platform.machine()}")')
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/mmstep/mmcv-$MMCV/$key-torch-$torch_version
  mkdir -p "$cache"
  wheel=$(find "$cache" -maxdepth 1 -name 'mmcv-*.whl' | head -n 1)
  if [ -z "$wheel" ]; then
    command -v "${CXX:-g++}" >/dev/null || die "No C++ compiler (${CXX:-g++}): mmcv's operators are built from source." \
      "Debian/Ubuntu: sudo apt-get install build-essential python3-dev, then run this again."
    "$VENV/bin/python" -c 'import os, sysconfig, sys; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' ||
      die "Python's headers (Python.h) are missing: mmcv's operators are built from source." \
        "Debian/Ubuntu: sudo apt-get install python3-dev, then run this again."
    work=$(mktemp -d "$cache/build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    say "building mmcv $MMCV with operators for torch $torch_version (once; about ten minutes on two cores; log: $cache/build.log)"
    # No pip cache: it is not keyed by the torch version. No debug information: nobody needs it, and it costs time.
    PATH=$VENV/bin:$PATH CFLAGS="-g0 -O2 ${CFLAGS:-}" MMCV_WITH_OPS=1 "$VENV/bin/python" -m pip wheel --no-cache-dir --no-build-isolation --no-deps \
      --no-binary mmcv -w "$work" "mmcv==$MMCV" >"$cache/build.log" 2>&1 || {
      tail -n 25 "$cache/build.log" >&2
      die "mmcv did not build; the whole log is $cache/build.log" \
        "No connection in the log: check the network. 'Killed' in it: too little memory, try MAX_JOBS=1. Then run this again."
    }
    wheel=$(find "$work" -name 'mmcv-*.whl' | head -n 1)
    # Without torch in sight mmcv's setup builds a wheel with no operators and says nothing.
    "$VENV/bin/python" - "$wheel" <<'PY' || die "mmcv was built without its operators; see $cache/build.log"
import sys
import zipfile
sys.exit(not any('_ext' in name for name in zipfile.ZipFile(sys.argv[1]).namelist()))
PY
    mv "$wheel" "$cache/"
    wheel=$cache/$(basename "$wheel")
    rm -rf "$work"
    trap - EXIT
  fi
  pip_install --no-deps --force-reinstall "$wheel"
}

prove() {
  "$VENV/bin/python" "$ROOT/tools/check_env.py"
}

# What a set-up that has been proved once needs to be believed again: every package at its version, mmcv's operators.
# Prints the versions; fails without a word where something has gone since.
still_whole() {
  [ -x "$VENV/bin/python" ] && "$VENV/bin/python" 2>/dev/null - <<PY
from importlib.metadata import distribution, version
pinned = dict(mmengine='$MMENGINE', mmcv='$MMCV', mmdet='$MMDET', mmaction2='$MMACTION2')
assert all(version(name) == wanted for name, wanted in pinned.items())
assert list(distribution('mmcv').locate_file('mmcv').glob('_ext*'))
for name in ('torch', 'numpy', 'opencv-contrib-python-headless', 'mmengine', 'mmcv', 'mmdet', 'mmaction2', 'mmstep'):
    print(f'  {name:<32}{version(name)}')
PY
}

stamp=$VENV/.mmstep-stack
want=$(cat "$ROOT/tools/requirements.txt" "$ROOT"/tools/requirements/*.txt "$ROOT/tools/setup_env.sh" "$ROOT/setup.py" | cksum)@$ROOT
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$want" ] || ! still_whole; then
  make_venv
  rm -f "$stamp"
  say "installing the stack (log on error only)"
  if [ -z "$(fitting_torch "$VENV/bin/python")" ]; then pip_install "torch==$TORCH"; fi
  # After torch, which asks for a newer setuptools than the venv's: mmcv's setup imports pkg_resources, gone since 82.
  pip_install 'setuptools<81' wheel ninja
  pip_install -r "$ROOT/tools/requirements.txt"
  "$VENV/bin/python" -c "import mmcv.ops, mmcv; assert mmcv.__version__ == '$MMCV'" >/dev/null 2>&1 || build_mmcv
  pip_install --no-deps "mmengine==$MMENGINE" "mmdet==$MMDET" "mmaction2==$MMACTION2"
  pip_install --no-deps --no-build-isolation -e "$ROOT"
  prove
  printf '%s' "$want" >"$stamp"
fi
say "ready: source .venv/bin/activate (python tools/check_env.py proves it anew)"
