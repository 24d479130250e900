#!/bin/sh
# rustc for the crates of this workspace alone (RUSTC_WORKSPACE_WRAPPER), with relaxed SIMD: dependencies are compiled once.
case "$*" in
  *wasm32-unknown-unknown*) exec "$@" -C target-feature=+relaxed-simd ;;
  *) exec "$@" ;; # the build script
esac
