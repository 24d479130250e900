#!/usr/bin/env bash
# Trunk's post-build hook, in the staging folder: shrink the wasm, precompress, print what a visitor downloads.
set -euo pipefail
stage=${TRUNK_STAGING_DIR:?run by trunk}
cd "$(dirname "$0")/.."
# shellcheck source=/dev/null
. tools/env.sh

# The CPU engine a second time with relaxed SIMD (fused multiply-add, a fifth faster): a module that uses it is invalid in a
# browser that lacks it, so cnn-lens.js chooses. Trunk cannot give one binary flags of its own.
${WASM_TOOLCHAIN:+env RUSTUP_TOOLCHAIN=$WASM_TOOLCHAIN} cargo build -q --release --target wasm32-unknown-unknown --target-dir target/relaxed \
  --config 'target.wasm32-unknown-unknown.rustflags=["-C", "target-feature=+relaxed-simd"]' \
  --no-default-features --features worker --bin worker_cpu
wasm-bindgen --target web --no-typescript --out-dir "$stage" --out-name worker_cpu_relaxed \
  target/relaxed/wasm32-unknown-unknown/release/worker_cpu.wasm

node tools/post-build.mjs "$stage" "$NODE_TOOLS/node_modules/.bin/wasm-opt"
