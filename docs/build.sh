#!/usr/bin/env bash
# Builds the site: the pages of docs/, the Markdown pages of the repository, and a page for each module from its
# docstrings; a warning is an error.
#
#   bash docs/build.sh            into docs/build/html
#   bash docs/build.sh DIR        into DIR/html
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=$(realpath -m "${1:-docs/build}")
python=python3
[ -x .venv/bin/python ] && python=.venv/bin/python
# Sphinx reads its pages from one folder: copies at the same places as here, so that links between them hold, beside the
# pages that it writes for the modules.
rm -rf "$out/source" "$out/html"
mkdir -p "$out/source"
cp docs/conf.py docs/index.rst "$out/source/"
find . \( -path './.*' -o -path ./data -o -path ./work_dirs -o -path ./build -o -path ./docs/build -o -path "$out" \) -prune \
  -o -name '*.md' -print0 | xargs -0 cp --parents -t "$out/source/"
cp --parents docs/*.rst docs/*.ipynb docs/figures/*.png demo/quickstart.png "$out/source/"
rm "$out/source/docs/index.rst"
"$python" -m sphinx.ext.apidoc -q --module-first --separate --output-dir "$out/source/api" mmstep
"$python" -m sphinx --quiet --fail-on-warning --keep-going --builder html --doctree-dir "$out/doctrees" \
  "$out/source" "$out/html"
echo "Open $out/html/index.html"
