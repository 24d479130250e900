#!/usr/bin/env bash
# Trunk's post-build hook, in the staging folder: the other two engines, then what post-build.mjs does with all of them.
# post-build.sh SITE adds the WebGPU engine to a finished site (`make serve` serves while that is compiled: LATER=1).
set -euo pipefail
site=$(realpath "${1:-${TRUNK_STAGING_DIR:?run by trunk}}")
cd "$(dirname "$0")/.."
# shellcheck source=/dev/null
. tools/env.sh
target=${CARGO_TARGET_DIR:-target}

engine() { # BIN FEATURES NAME [cargo's options]: one engine, or the reader of networks' files, into the site
  local bin=$1 features=$2 name=$3
  shift 3
  local start=$SECONDS
  echo "build: the engine $name ..."
  ${WASM_TOOLCHAIN:+env RUSTUP_TOOLCHAIN=$WASM_TOOLCHAIN} cargo build -q --release --target wasm32-unknown-unknown \
    --no-default-features --features "$features" --bin "$bin" "$@"
  wasm-bindgen --target web --no-typescript --out-dir "$site" --out-name "$name" "$target/wasm32-unknown-unknown/release/$bin.wasm"
  echo "build: the engine $name took $((SECONDS - start)) s"
}

if [ -z "${1:-}" ]; then
  engine reader_web web reader_web -p cnn-lens-reader
  if [ -n "${QUICK:-}" ]; then
    for end in .js _bg.wasm; do cp "$site/worker_cpu$end" "$site/worker_cpu_relaxed$end"; done
  else
    # The CPU engine a second time with relaxed SIMD (fused multiply-add, a fifth faster): a module that uses it is invalid in
    # a browser that lacks it, so cnn-lens.js chooses. Only our own crates are compiled again.
    RUSTC_WORKSPACE_WRAPPER=$PWD/tools/relaxed.sh engine worker_cpu worker worker_cpu_relaxed
  fi
fi
if [ -n "${1:-}" ] || [ -z "${LATER:-}" ]; then engine worker_gpu worker-gpu worker_gpu; fi

if [ -n "${QUICK:-}" ]; then optimise=quick; else optimise=$NODE_TOOLS/node_modules/.bin/wasm-opt; fi
node tools/post-build.mjs "$site" "$optimise"
