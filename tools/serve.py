"""serve.py FOLDER PORT [COMMAND...]: a static server on this machine, with the next free port when PORT is taken.

COMMAND builds the WebGPU engine into the folder while it is served already.
"""
import functools
import http.server
import subprocess
import sys
import threading

folder, port, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]


class Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".wasm": "application/wasm", ".js": "text/javascript"}

    def end_headers(self):
        # a sandboxed frame has no origin: it may read this site only where the site says so (as GitHub Pages does)
        self.send_header("Access-Control-Allow-Origin", "*")
        # built again, it is seen at the next visit
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_):
        pass


for candidate in range(port, port + 20):
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", candidate), functools.partial(Handler, directory=folder))
        break
    except OSError:
        print(f"port {candidate} is taken")
else:
    sys.exit(f"no free port from {port} to {port + 19}: choose one with make serve PORT=...")
print(f"CNN Lens is ready: http://127.0.0.1:{candidate}/   (Ctrl-C stops it)", flush=True)


def build():
    print("The WebGPU engine is being built; until then the page uses the CPU.", flush=True)
    failed = subprocess.run(command).returncode
    print("The WebGPU engine could not be built; the page uses the CPU." if failed else "The WebGPU engine is ready: reload the page to use it.", flush=True)


if command:
    threading.Thread(target=build, daemon=True).start()
try:
    server.serve_forever()
except KeyboardInterrupt:
    pass
