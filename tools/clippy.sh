#!/usr/bin/env bash
# clippy for the crates of this workspace alone (RUSTC_WORKSPACE_WRAPPER of a cargo build), and nothing written but what the next
# crate needs to be checked. `cargo clippy` would check every dependency in a build of its own: here the dependencies are those
# that the page and the tests are made of, compiled once. Debian's compiler comes without clippy: then its own warnings count.
rustc=$1
shift
case "$*" in *build_script_build* | *" - "* | *-vV*) exec "$rustc" "$@" ;; esac
args=()
for arg; do
  case $arg in
    # crc32/ is compiled: what others wrote is made with it
    --emit=*) [[ " $* " == *" --crate-name crc32fast "* ]] || arg=--emit=dep-info,metadata ;;
    cnn_lens*=*.rlib) arg=${arg%.rlib}.rmeta ;;
  esac
  args+=("$arg")
done
if [ -z "${WASM_TOOLCHAIN:-}" ]; then exec clippy-driver "$rustc" "${args[@]}" -D warnings; fi
exec "$rustc" "${args[@]}" -D warnings
