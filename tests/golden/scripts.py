"""Run every script of www/torch/ beside the native engine:  make torch [WHICH=method]   (float32 both)

Each script's `result` is compared with what the same method of the page gives for the same photo and settings (relative L2, or the
whole answer where it is a count or a class). Tolerance 1e-3, as of the goldens; larger where steps amplify rounding, said below.
"""
import contextlib, io, json, os, re, subprocess, sys, tempfile
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SCRIPTS = f"{ROOT}/www/torch"
PHOTO, SECOND = f"{HERE}/photo224.png", f"{ROOT}/www/examples/coffee.jpg"
sys.path.insert(0, SCRIPTS)
os.chdir(ROOT)

CHECKS = json.load(open(f"{HERE}/scripts.json"))


def fill(text, settings):
    """As src/figure/script.rs does for the page."""
    for name, value in settings.items():
        text = re.sub(rf"(?m)^{name} = .*$", lambda _: f"{name} = {value!r}", text, count=1)
    return text


def ours(method, params):
    line = ["cargo", "run", "-q", "--release", "--features", "native", "--bin", "run_method", PHOTO, method, json.dumps(params), "--second", SECOND]
    return json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout)


def path(value, keys):
    """`facts.tables.0.rows.2.1`, `figures.0.data`; `*` takes every one."""
    for i, key in enumerate(keys):
        if key == "*":
            return [path(v, keys[i + 1:]) for v in value]
        value = value[int(key) if isinstance(value, list) else key]
    return value


def check(method, case):
    params, settings = case.get("params", {}), dict(case.get("settings", {}))
    for k, v in params.items():
        settings.setdefault("target" if k == "class" else k, v)
    settings = dict(photo=PHOTO, second=SECOND) | settings
    text = fill(open(f"{SCRIPTS}/{method}.py").read(), settings)
    scope, out = {}, io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(out):
        text = text.replace("show(result", f"show(result, {folder + '/r.png'!r}) if 0 else (result")
        exec(compile(text, f"{method}.py", "exec"), scope)
    result = scope["result"]
    got = np.asarray(result.detach() if hasattr(result, "detach") else result, np.float64).ravel()
    want = np.asarray(path(ours(method, params | case.get("ours", {})), case.get("path", "figures.0.data").split(".")), np.float64).ravel()
    if got.shape != want.shape:
        return f"{got.shape} against {want.shape}"
    return np.linalg.norm(got - want) / max(np.linalg.norm(want), 1e-12)


if __name__ == "__main__":
    failed = []
    for method in sorted(f[:-3] for f in os.listdir(SCRIPTS) if f != "cnn_lens.py" and f.endswith(".py")):
        if len(sys.argv) > 1 and method not in sys.argv[1:]:
            continue
        for case in CHECKS.get(method, [{}]):
            d, allowed = check(method, case), case.get("tolerance", 1e-3)
            right = not isinstance(d, str) and d <= allowed
            print(f"{method:22} {json.dumps(case.get('params', {})):60} {d if isinstance(d, str) else f'{d:.1e}'}", "" if right else f"above {allowed}", flush=True)
            failed += [method] * (not right)
    sys.exit(f"differ: {failed}" if failed else 0)
