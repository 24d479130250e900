"""Run every script of www/torch/ beside the native engine:  make torch [WHICH=method]   (float32 both)

Each script's `result` is compared with what the same method of the page gives for the same photo and settings (relative L2, or the
whole answer where it is a count or a class). Tolerance 1e-3, as of the goldens; larger where steps amplify rounding, said below.
"""
import contextlib, io, json, os, re, subprocess, sys, tempfile
import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SCRIPTS = f"{ROOT}/www/torch"
PHOTO, SECOND = f"{HERE}/photo224.png", f"{ROOT}/www/examples/coffee.jpg"
sys.path.insert(0, SCRIPTS)
sys.dont_write_bytecode = True
os.chdir(ROOT)

CHECKS = json.load(open(f"{HERE}/scripts.json"))


def fill(text, settings):
    """As src/methods/script.rs does for the page."""
    for name, value in settings.items():
        text = re.sub(rf"(?m)^{name} = .*$", lambda _: f"{name} = {value!r}", text, count=1)
    return text


def ours(method, params, more):
    line = ["cargo", "run", "-q", "--release", "--features", "native", "--bin", "run_method", PHOTO, method, json.dumps(params), *more]
    return json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout)


def path(value, keys):
    """`facts.tables.0.rows.1:5.*.1`, `figures.0.data`; `*` takes every one."""
    for i, key in enumerate(keys):
        if key == "*":
            return [path(v, keys[i + 1:]) for v in value]
        if ":" in key:
            value = value[slice(*(int(n) for n in key.split(":")))]
            continue
        value = value[int(key) if isinstance(value, list) else key]
    return value


def pictures(folder):
    """A gallery of three groups, as the product keeps examples: pieces of them."""
    for group, names in dict(against=["coffee", "rocket", "camera"], concept=["coffee", "cat", "horse"], examples=["cat_raccoon", "cat"]).items():
        os.makedirs(f"{folder}/{group}")
        for name in names:
            picture = Image.open(f"{ROOT}/www/examples/{name}.jpg").convert("RGB")
            for k in range(4):
                left, top = k % 2 * picture.width // 3, k // 2 * picture.height // 3
                piece = picture.crop((left, top, left + picture.width // 2, top + picture.height // 2))
                if group == "concept":  # red
                    piece = piece.convert("RGB", (1, 0, 0, 0, .3, 0, 0, 0, .3, 0, 0, 0))
                piece.save(f"{folder}/{group}/{name}{k}.png")
    return folder


def check(method, case, folder):
    """Relative L2 between the script's result and the page's."""
    params, gallery = case.get("params", {}), case.get("gallery") and f"{folder}/gallery"
    settings = dict(photo=PHOTO, second=SECOND) | {"target" if k == "class" else k: v for k, v in params.items()}
    if gallery:
        settings |= dict(gallery=gallery, **{g: f"{gallery}/{g}" for g in ("concept", "against", "examples")})
    text = fill(open(f"{SCRIPTS}/{method}.py").read(), settings)
    scope = {}
    os.chdir(folder)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, f"{method}.py", "exec"), scope)
    os.chdir(ROOT)
    result = scope["result"]
    got = np.asarray(result.detach() if hasattr(result, "detach") else result, np.float64)
    more = ["--second", SECOND] * ("\nsecond = " in text) + ["--gallery", gallery] * bool(gallery)
    want = path(ours(method, params | case.get("ours", {}), more), case.get("path", "figures.0.data").split("."))
    want = np.asarray(want, np.float64)
    if got.size != want.size:
        return f"{got.shape} against {want.shape}"
    want = want.reshape(got.shape)
    if "as" in case:  # the page's pictures are normalised
        want = want * np.array([.229, .224, .225])[:, None, None] + np.array([.485, .456, .406])[:, None, None]
    if case.get("as") == "change":
        photo = np.asarray(Image.open(PHOTO).convert("RGB"), np.float64).transpose(2, 0, 1) / 255
        got, want = got - photo, want - photo
    return np.linalg.norm(got - want) / max(np.linalg.norm(want), 1e-12)


if __name__ == "__main__":
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(f"{ROOT}/weights", f"{folder}/weights")
        pictures(f"{folder}/gallery")
        for method in sorted(f[:-3] for f in os.listdir(SCRIPTS) if f.endswith(".py") and f != "cnn_lens.py"):
            if len(sys.argv) > 1 and method not in sys.argv[1:]:
                continue
            for case in CHECKS.get(method, [{}]):
                d, allowed = check(method, case, folder), case.get("tolerance", 1e-3)
                right = not isinstance(d, str) and d <= allowed
                told = d if isinstance(d, str) else f"{d:.1e}"
                print(f"{method:22} {json.dumps(case.get('params', {})):60} {told}", "" if right else f"above {allowed}", flush=True)
                failed += [method] * (not right)
    sys.exit(f"differ: {failed}" if failed else 0)
