# Where this project's tools live; sourced by the other scripts.
export CNN_LENS_TOOLS=${CNN_LENS_TOOLS:-$HOME/.cache/cnn-lens/tools}
export NODE_TOOLS=$CNN_LENS_TOOLS/npm
export PATH=$CNN_LENS_TOOLS/bin:$PATH
# the toolchain that has the wasm target: Debian's where rustup's own has none (tools/wasm-target.sh)
if [ ! -d "$(rustc --print sysroot 2>/dev/null)/lib/rustlib/wasm32-unknown-unknown/lib" ]; then
  export WASM_TOOLCHAIN=web
fi
