#!/usr/bin/env bash
# Lints everything: natively with every target, then what only a browser compiles (the page and the workers). tools/clippy.sh says
# why this is not `cargo clippy`.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
export RUSTC_WORKSPACE_WRAPPER=$PWD/tools/clippy.sh
WASM_TOOLCHAIN='' cargo build -q --workspace --features tools,gpu --all-targets
for set in "app ui app" "release worker worker_cpu" "release worker-gpu worker_gpu"; do
  read -r profile features bin <<<"$set"
  ${WASM_TOOLCHAIN:+env RUSTUP_TOOLCHAIN=$WASM_TOOLCHAIN} cargo build -q --profile "$profile" --target wasm32-unknown-unknown \
    --no-default-features --features "$features" --lib --bin "$bin"
done
${WASM_TOOLCHAIN:+env RUSTUP_TOOLCHAIN=$WASM_TOOLCHAIN} cargo build -q --release --target wasm32-unknown-unknown \
  -p cnn-lens-reader --features web --lib --bin reader_web
