#!/usr/bin/env bash
# Trunk's post-build hook, in the staging folder: shrink the wasm, precompress, print what a visitor downloads.
set -euo pipefail
stage=${TRUNK_STAGING_DIR:?run by trunk}
cd "$(dirname "$0")/.."
# shellcheck source=/dev/null
. tools/env.sh
node tools/post-build.mjs "$stage" "$NODE_TOOLS/node_modules/.bin/wasm-opt"
