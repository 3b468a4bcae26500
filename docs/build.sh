#!/usr/bin/env bash
# Builds the API pages from the docstrings; a warning is an error.
#
#   bash docs/build.sh            into docs/build/html
#   bash docs/build.sh DIR        into DIR/html
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
out=$(realpath -m "${1:-build}")
python=python3
[ -x ../.venv/bin/python ] && python=../.venv/bin/python
# Sphinx reads its pages from one folder: a copy of this one beside the pages that it writes for the modules.
rm -rf "$out/source" "$out/html"
mkdir -p "$out/source"
cp conf.py ./*.rst "$out/source/"
"$python" -m sphinx.ext.apidoc -q --module-first --separate --output-dir "$out/source/api" ../mmstep
"$python" -m sphinx --quiet --fail-on-warning --keep-going --builder html --doctree-dir "$out/doctrees" \
  "$out/source" "$out/html"
echo "Open $out/html/index.html"
