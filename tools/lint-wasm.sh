#!/usr/bin/env bash
# Lints what only a browser compiles: the page and both workers. Debian's compiler (toolchain "web", tools/wasm-target.sh) comes
# without clippy; where only that one has the wasm target, the compiler's own warnings have to do.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
for set in "ui app" "worker worker_cpu" "worker-gpu worker_gpu"; do
  read -r features bin <<<"$set"
  what=(-q --target wasm32-unknown-unknown --no-default-features --features "$features" --lib --bin "$bin")
  if [ -z "${WASM_TOOLCHAIN:-}" ]; then
    cargo clippy "${what[@]}" -- -D warnings
  else
    # RUSTFLAGS would compile every dependency again; cargo shows our own warnings each time
    said=$(RUSTUP_TOOLCHAIN=$WASM_TOOLCHAIN cargo check "${what[@]}" 2>&1) && ! grep -q '^warning' <<<"$said" || { echo "$said" >&2; exit 1; }
  fi
done
