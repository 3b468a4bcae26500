#!/usr/bin/env bash
# From nothing to detections on a video that the model has not seen, on two CPU cores and without any download but the
# packages: sets up .venv, detects with the weights that come with mmstep, makes the mini data set, trains a small STEP
# on it, scores it and detects with that. Both models know drawn figures only.
#
#   bash demo/quickstart.sh
#
# What is set up and made is kept; training always starts anew, and the results of an earlier run are replaced.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CONFIG=configs/step/step_tiny_mini-ava.py
WORK=work_dirs/quickstart
FIRST=work_dirs/quickstart_first
VIDEO=data/mini/videos/heldout_0000.mp4
PYTHON=.venv/bin/python
STAGE=start
NUMBER=0
TIMES=()
BEGIN=$SECONDS
unset PYTHONDONTWRITEBYTECODE  # else each stage compiles all modules anew

minutes() { printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); }

# stage NAME COMMAND...: runs one stage, says what it is and how long it took.
stage() {
  local begin=$SECONDS
  STAGE=$1
  NUMBER=$((NUMBER + 1))
  shift
  printf '\n\033[1m[quickstart %d/6] %s\033[0m\n' "$NUMBER" "$STAGE"
  "$@"
  TIMES+=("$(printf '%-32s %s' "$STAGE" "$(minutes $((SECONDS - begin)))")")
  printf '\033[1m[quickstart %d/6] %s: done in %s\033[0m\n' "$NUMBER" "$STAGE" "$(minutes $((SECONDS - begin)))"
}

report_failure() {
  local code=$?
  if [ "$code" -ne 0 ]; then
    printf '\n\033[1m[quickstart] FAILED (exit code %d) at stage %d: %s\033[0m\n' "$code" "$NUMBER" "$STAGE" >&2
    printf 'The reason is in the lines above. Running this again keeps what is set up and made.\n' >&2
  fi
}
trap report_failure EXIT

# One video is drawn in a second, all 204 take half a minute.
detect_first() {
  "$PYTHON" tools/data/mini/make_mini.py --out "$FIRST/mini" --num-train 0 --num-val 0 --num-heldout 1 --workers 1
  "$PYTHON" demo/demo_video.py "$FIRST/mini/videos/heldout_0000.mp4" --device cpu \
    --out "$FIRST/heldout_0000.mp4" --out-image "$FIRST/heldout_0000.png"
  "$PYTHON" demo/quickstart_report.py "$FIRST/heldout_0000.json"
  echo "The model that comes with mmstep knows drawn figures only: it finds nothing in films. Next one is trained."
}

# The layers are small: two threads wait for each other more than they help, two processes of one thread do not.
processes() {
  "$PYTHON" - <<'EOF'
import os

import torch
cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
print(1 if torch.cuda.is_available() else min(cores, 2))
EOF
}

# The next stage scores. An update is of four windows either way.
train() {
  rm -rf "$WORK"
  if [ "$(processes)" -eq 2 ]; then
    PYTHON="$PYTHON" bash tools/dist_train.sh "$CONFIG" 2 --work-dir "$WORK" --no-validate \
      --cfg-options train_dataloader.batch_size=2
  else
    OMP_NUM_THREADS=1 "$PYTHON" tools/train.py "$CONFIG" --work-dir "$WORK" --no-validate
  fi
}

score() {
  CHECKPOINT=$WORK/$(cat "$WORK/last_checkpoint")
  "$PYTHON" tools/test.py "$CONFIG" "$CHECKPOINT" --work-dir "$WORK/test" --dump "$WORK/val_predictions.pkl"
}

detect() {
  "$PYTHON" demo/demo_video.py "$VIDEO" "$CONFIG" "$CHECKPOINT" --device cpu \
    --out "$WORK/heldout_0000.mp4" --out-json "$WORK/heldout_0000.json" --out-image "$WORK/heldout_0000.png"
}

stage 'set up the environment' bash tools/setup_env.sh
stage 'first detections, before any training' detect_first
stage 'make the mini data set' "$PYTHON" tools/data/mini/make_mini.py --out data/mini
stage 'train' train
stage 'score on the validation videos' score
stage 'detect on a video it has not seen' detect

printf '\n\033[1mDone in %s.\033[0m\n' "$(minutes $((SECONDS - BEGIN)))"
printf '  %s\n' "${TIMES[@]}"
"$PYTHON" demo/quickstart_report.py "$WORK" "$VIDEO"
