#!/usr/bin/env bash
# A wasm32-unknown-unknown standard library where `rustup target add` cannot fetch one: Debian's compiler (rustc-web) with a
# std built once from its sources, linked into rustup as toolchain "web". Idempotent; about 90 s the first time on 2 cores.
set -euo pipefail
target=wasm32-unknown-unknown
sysroot=/usr
libs=$sysroot/lib/rustlib/$target/lib
stamp=$sysroot/lib/rustlib/$target/.cnn-lens
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

missing=()
for package in rustc-web cargo-web rust-web-src lld-22; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
  echo "setup: installing ${missing[*]}"
  as_root apt-get update -qq
  as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# rustc calls "rust-lld" for wasm and looks for it here
host=$sysroot/lib/rustlib/x86_64-unknown-linux-gnu/bin
as_root mkdir -p "$host"
[ -e "$host/rust-lld" ] || as_root ln -s /usr/bin/lld-22 "$host/rust-lld"

# -Z build-std needs RUSTC_BOOTSTRAP only here; bitcode is embedded so that release builds can use LTO
version=$("$sysroot/bin/rustc" -vV | sed -n 's/^commit-hash: //p')-lto
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$version" ]; then
  echo "setup: building the standard library for $target (about 90 s) ..."
  start=$SECONDS
  seed=$(mktemp -d)
  trap 'rm -rf "$seed"' EXIT
  mkdir -p "$seed/src"
  : >"$seed/src/lib.rs"
  printf '[package]\nname = "stdseed"\nversion = "0.0.0"\nedition = "2021"\n' >"$seed/Cargo.toml"
  (cd "$seed" && env -u CARGO_ENCODED_RUSTFLAGS -u CARGO_TARGET_DIR -u RUSTUP_TOOLCHAIN RUSTFLAGS="-Cembed-bitcode=yes" \
    RUSTC_BOOTSTRAP=1 RUSTC="$sysroot/bin/rustc" "$sysroot/bin/cargo" build -q --release --target "$target" \
    -Z build-std=std,panic_abort)
  as_root rm -rf "$libs"
  as_root mkdir -p "$libs"
  for rlib in "$seed/target/$target/release/deps/"*.rlib; do
    case "$rlib" in */libstdseed-*) ;; *) as_root cp "$rlib" "$libs/" ;; esac
  done
  echo "$version" | as_root tee "$stamp" >/dev/null
  echo "setup: building the standard library for $target: done in $((SECONDS - start)) s"
fi

if [ "$(readlink -f ~/.rustup/toolchains/web 2>/dev/null)" != "$(readlink -f $sysroot)" ]; then
  rustup toolchain link web "$sysroot"
fi
