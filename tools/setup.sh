#!/usr/bin/env bash
# setup.sh [lint] [build] [test] [numpy] [torch]: installs what is missing for these purposes, and only that; says what it does.
# Needs rustup's stable Rust, node, npm, python3 and make. Everything of our own goes to ~/.cache/cnn-lens.
set -euo pipefail
cd "$(dirname "$0")/.."
purposes=" ${*:-build} "
wants() { [[ $purposes == *" $1 "* ]]; }
say() { echo "setup: $*"; }
step() { # WHAT COMMAND...: says what it does, and how long it took
  local what=$1 start=$SECONDS
  shift
  say "$what ..."
  "$@"
  say "$what: done in $((SECONDS - start)) s"
}
# A build tool, in a fifth of the time that its own release profile takes; compiled where an interrupted set-up goes on.
tool() { # OPT_LEVEL cargo install's arguments...
  local level=$1 build=$CNN_LENS_TOOLS/build
  shift
  env -u RUSTUP_TOOLCHAIN CARGO_TARGET_DIR="$build" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_OPT_LEVEL="$level" \
    cargo install -q --no-default-features --root "$CNN_LENS_TOOLS" "$@"
}
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
debian() { # PACKAGE...: from Debian
  as_root apt-get update -qq
  step "installing $*" packages "$@"
}
packages() { DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }
for tool in cargo rustc node npm python3; do
  command -v "$tool" >/dev/null || { echo "setup: $tool is missing. Install rustup's stable Rust, node with npm, and python3 first." >&2; exit 1; }
done
. tools/env.sh
mkdir -p "$CNN_LENS_TOOLS"
command -v cc >/dev/null || debian gcc libc6-dev

if wants lint; then
  cargo fmt --version >/dev/null 2>&1 || step "adding rustfmt" rustup component add rustfmt
  cargo clippy --version >/dev/null 2>&1 || step "adding clippy" rustup component add clippy
fi

if wants build; then
  target=wasm32-unknown-unknown
  has_target() { [ -d "$(rustc ${1:+"$1"} --print sysroot)/lib/rustlib/$target/lib" ]; }
  if ! has_target && ! [ -f "/usr/lib/rustlib/$target/.cnn-lens" ]; then
    say "adding the $target target with rustup"
    if ! timeout 120 rustup target add "$target" >/dev/null 2>&1; then
      say "rustup cannot fetch it here: using Debian's compiler instead"
    fi
  fi
  has_target || tools/wasm-target.sh
  . tools/env.sh

  if [ "$(trunk --version 2>/dev/null)" != "trunk 0.21.14" ]; then
    # it copies, names and calls: optimised it would be no faster; without TLS, for it downloads nothing
    step "compiling trunk 0.21.14 (about 2 minutes on 2 cores)" tool 0 --locked trunk@0.21.14
  fi
  bindgen=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)
  if [ "$(wasm-bindgen --version 2>/dev/null)" != "wasm-bindgen $bindgen" ]; then
    step "compiling wasm-bindgen-cli $bindgen (about 1.5 minutes)" tool 1 --bin wasm-bindgen "wasm-bindgen-cli@$bindgen"
  fi
  rm -rf "$CNN_LENS_TOOLS/build"
fi

if wants build || wants test; then
  node_packages() {
    mkdir -p "$NODE_TOOLS"
    rm -f "$NODE_TOOLS/complete"
    cp tools/package.json tools/package-lock.json "$NODE_TOOLS/"
    (cd "$NODE_TOOLS" && npm ci --no-audit --no-fund --loglevel=error >/dev/null)
    cp tools/package-lock.json "$NODE_TOOLS/complete"
  }
  cmp -s tools/package-lock.json "$NODE_TOOLS/complete" \
    || step "installing wasm-opt (binaryen), playwright-core and puppeteer-core from npm" node_packages
fi

if wants test; then
  [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || debian chromium
  ls /usr/share/vulkan/icd.d/lvp_icd*.json >/dev/null 2>&1 || debian mesa-vulkan-drivers libvulkan1
  # two engines more; Xvfb is the screen that WebKitGTK needs (about 400 MB together)
  [ -x "${FIREFOX:-/usr/bin/firefox-esr}" ] || debian firefox-esr
  { command -v WebKitWebDriver && command -v Xvfb; } >/dev/null || debian webkit2gtk-driver xvfb
fi

# Python packages in an environment of our own: numpy for the weights, torch and its peers for the goldens
python_packages() { # MARK PACKAGE...
  local mark=$CNN_LENS_TOOLS/venv/$1
  shift
  [ -e "$mark" ] && return
  [ -x "$CNN_LENS_TOOLS/venv/bin/pip" ] || python3 -m venv "$CNN_LENS_TOOLS/venv"
  step "installing $* for Python" "$CNN_LENS_TOOLS/venv/bin/pip" install -q "$@"
  touch "$mark"
}
if wants numpy || wants torch; then python_packages numpy-ok numpy==2.4.6; fi
if wants torch; then
  python_packages torch-zennit-ok torch==2.15.0 pillow==13.0.0 zennit==0.5.1
  python_packages onnx-ok onnx==1.23.2 onnxruntime==1.32.0
  python_packages keras-ok keras==3.15.1 h5py==3.16.0 safetensors==0.8.0
  python_packages timm-ok timm==1.0.31
  python_packages peers-ok foolbox==3.3.4 quantus==0.6.0 imagecorruptions==1.1.2 scikit-image==0.26.0 scipy==1.17.1
fi
