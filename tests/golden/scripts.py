"""Run every script of www/torch/ beside the native engine:  make torch [WHICH=method]   (float32 both)

Each script's `result` is compared with what the same method of the page gives for the same photo and settings (relative L2, or the
whole answer where it is a count or a class). Tolerance 1e-3, as of the goldens; larger where steps amplify rounding. `direct`: the engine
convolves directly, without the rounding of Winograd's transforms: what is ranked has gradients that are exactly 0, and what follows signs
of gradients over several steps has some near 0. `double`: there the script's network computes in float64, too.

make torch NET=squeezenet [WHICH=method]: the same for another network, at layers that stand where the cases' stand in VGG16; a script has
to refuse in a sentence where the page does. Before, every layer's output, logits, gradient and relevance are compared with the goldens in
float64 (squeezenet.py).
"""
import argparse, contextlib, io, json, os, re, subprocess, sys, tempfile
import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SCRIPTS = f"{ROOT}/www/torch"
PHOTO, SECOND = f"{HERE}/photo224.png", f"{ROOT}/www/examples/coffee.jpg"
sys.path.insert(0, SCRIPTS)
sys.dont_write_bytecode = True
os.chdir(ROOT)

from cnn_lens import down, gradient, network, relevances, safetensors, z_plus

CHECKS = json.load(open(f"{HERE}/scripts.json"))


def fill(text, settings):
    """As src/methods/script.rs does for the page."""
    for name, value in settings.items():
        text = re.sub(rf"(?m)^{name} = .*$", lambda _: f"{name} = {value!r}", text, count=1)
    return text


class Refused(Exception):
    """The page's sentence."""


def ours(method, params, more):
    program = f"{os.environ.get('CARGO_TARGET_DIR', 'target')}/release/run_method"  # make torch builds it
    ran = subprocess.run([program, PHOTO, method, json.dumps(params), *more], capture_output=True, text=True)
    if ran.returncode:
        raise Refused(ran.stderr.strip().partition("\n")[0])
    return json.loads(ran.stdout)


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


def array(value):
    return np.asarray(value.detach() if hasattr(value, "detach") else value, np.float64)


def distance(got, want):
    """Relative L2."""
    return np.linalg.norm(got - want) / max(np.linalg.norm(want), 1e-12)


def check(method, case, folder, tried):
    """Relative L2 between the script's result and the page's; or what is to be said of it, and whether that is right."""
    params, gallery = case.get("params", {}), case.get("gallery") and f"{folder}/gallery"
    settings = dict(photo=PHOTO, second=SECOND) | {"target" if k == "class" else k: v for k, v in params.items()}
    if gallery:
        settings |= dict(gallery=gallery, **{g: f"{gallery}/{g}" for g in ("concept", "against", "examples")})
    text, scope = tried.translate(fill(open(f"{SCRIPTS}/{method}.py").read(), settings)), {}
    if case.get("double"):
        for single in [f'network("{tried.id}")', "net.read(photo)"]:
            text = text.replace(single, f"{single}.double()")
    params = json.loads(tried.translate(json.dumps(params | case.get("ours", {}))))
    more = ["--net", tried.id] + ["--direct", "yes"] * case.get("direct", False) + ["--second", SECOND] * ("\nsecond = " in text) + ["--gallery", gallery] * bool(gallery)
    try:
        want = path(ours(method, params, more), case.get("path", "figures.0.data").split("."))
    except Refused as sentence:
        want = sentence
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(text, f"{method}.py", "exec"), scope)
    except AssertionError as sentence:
        return f"the script refuses: {sentence}; the page: {want if isinstance(want, Refused) else 'does not'}", isinstance(want, Refused)
    finally:
        os.chdir(ROOT)
    if isinstance(want, Refused):
        return f"the page refuses: {want}", False
    got, want = array(scope["result"]), np.asarray(want, np.float64)
    if got.size != want.size:
        return f"{got.shape} against {want.shape}", False
    want = want.reshape(got.shape)
    if "as" in case:  # the page's pictures are normalised
        want = want * array(tried.net.std[0]) + array(tried.net.mean[0])
    if case.get("as") == "change":
        photo = np.asarray(Image.open(PHOTO).convert("RGB"), np.float64).transpose(2, 0, 1) / 255
        got, want = got - photo, want - photo
    return distance(got, want)


class Tried:
    """The network that the scripts are tried on, and what the cases' layers of VGG16 are in it: as far from the end, and as far along
    their block."""
    def __init__(self, id):
        self.id, self.net = id, network(id)
        here, there = network("vgg16").blocks, self.net.blocks
        self.like = {name: other[round(i / (len(block) - 1) * (len(other) - 1))]
                     for block, other in zip(here[::-1], there[::-1] + there[:1] * len(here)) for i, name in enumerate(block)}

    def translate(self, text):
        text = re.sub(r"relu\d_\d", lambda name: self.like[name[0]], text)
        return text.replace('network("vgg16")', f'network("{self.id}")')

    def against_goldens(self):
        """(what, distance, tolerance) of all that needs no script."""
        net, self.goldens = self.net, safetensors(open(f"{HERE}/{self.id}.safetensors", "rb").read())[0]
        x = net.norm(net.read(PHOTO))
        values = net.outputs({"input": x})
        for name in net.nodes:
            yield name, self.sampled(values[name], f"{name}.sample"), 1e-4
        logits, best = values[net.card["output"]], int(self.goldens["class"][0])
        yield "logits", distance(array(logits).ravel(), self.goldens["logits"]), 1e-4
        yield "gradient", self.at_picture(gradient(net, x, best), "gradient"), 1e-4
        start = logits * (logits == logits[0, best])
        exact = lambda name, a, r: down(a, net[name](*a), r, 1e-6)
        positive = lambda name, a, r: z_plus(net[name], a, r) if net.nodes[name]["op"] == "conv" else exact(name, a, r)
        for of, share in {"relevance.epsilon": exact, "relevance.zplus": positive}.items():
            yield of, self.at_picture(relevances(net, values, {net.card["output"]: start}, share)["input"], of), 1e-3

    def sampled(self, a, of):
        """A golden holds a few values at fixed places, and how many there are and the sum of their squares."""
        flat, (count, squares) = array(a).ravel(), self.goldens[of.removesuffix(".sample") + ".norm"]
        at = np.arange(self.goldens[of].size) * 1000003 % flat.size
        return max(distance(flat[at], self.goldens[of].ravel()), abs(np.linalg.norm(flat) / squares ** .5 - 1), abs(flat.size - count))

    def at_picture(self, a, of):
        """The goldens have the picture's channels in the network's own order."""
        return self.sampled(a.flip(1) if self.net.card["preprocessing"]["order"] == "bgr" else a, of)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("methods", nargs="*")
    arguments.add_argument("--net", default="vgg16")
    chosen, failed = arguments.parse_args(), []
    tried = Tried(chosen.net)

    def tell(what, params, d, allowed):
        told, right = d if isinstance(d, tuple) else (f"{d:.1e}", d <= allowed)
        print(f"{what:22} {json.dumps(params):60} {told}", "" if right else f"wrong (allowed: {allowed})", flush=True)
        failed.extend([what] * (not right))

    for what, d, allowed in tried.against_goldens() if chosen.net != "vgg16" and not chosen.methods else []:
        tell(what, {}, d, allowed)
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(f"{ROOT}/weights", f"{folder}/weights")
        pictures(f"{folder}/gallery")
        for method in sorted(f[:-3] for f in os.listdir(SCRIPTS) if f.endswith(".py") and f != "cnn_lens.py"):
            if not chosen.methods or method in chosen.methods:
                for case in CHECKS.get(method, [{}]):
                    tell(method, case.get("params", {}), check(method, case, folder, tried), case.get("tolerance", 1e-3))
    sys.exit(f"differ: {failed}" if failed else 0)
