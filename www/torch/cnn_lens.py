"""The network of CNN Lens in PyTorch, with the page's own weights: what the scripts beside this file begin with.

Needs: pip install torch numpy pillow. The convolutions are those of torchvision's vgg16(weights="IMAGENET1K_V1"), rounded to
eight or nine bits; the head is the page's own, so classes' scores differ from torchvision's.
"""
import gzip, json, os, urllib.request
import numpy as np, torch, torch.nn.functional as F
from PIL import Image
from torch import nn

weights = "weights"  # a folder or an address
MEAN, STD = (torch.tensor(v).view(1, 3, 1, 1) for v in ([.485, .456, .406], [.229, .224, .225]))
LAYERS = [f"{kind}{block}_{i}" if kind != "pool" else f"pool{block}" for block, n in enumerate([2, 2, 3, 3, 3], 1)
          for kind, i in [(k, i) for i in range(1, n + 1) for k in ("conv", "relu")] + [("pool", 0)]]
RELUS = [name for name in LAYERS if name.startswith("relu")]
DTYPES = dict(F32="<f4", F16="<f2", I8="i1", U8="u1")


def safetensors(data):
    """{ name: array } of a safetensors file."""
    n = int.from_bytes(data[:8], "little")
    return {k: np.frombuffer(data[8 + n:][slice(*v["data_offsets"])], DTYPES[v["dtype"]]).reshape(v["shape"])
            for k, v in json.loads(data[8:8 + n]).items() if k != "__metadata__"}


def tensors(folder=None, parts=("shards",)):
    """Every tensor of the packed weights as float32: safetensors in gzip, integers with a scale per output channel."""
    folder, out = (folder or weights).rstrip("/"), {}

    def fetch(name):
        with urllib.request.urlopen(f"{folder}/{name}") if "://" in folder else open(f"{folder}/{name}", "rb") as file:
            return file.read()
    manifest = json.loads(fetch("manifest.json"))
    for shard in [s for part in parts for s in manifest[part]]:
        raw = safetensors(gzip.decompress(fetch(shard["file"])))
        for t in shard["tensors"]:
            a = raw[t["name"]]
            if t["scheme"] in ("i9", "i10"):
                z = a.astype(np.int32) + 256 * raw[t["name"] + ".hi"].astype(np.int32)
                a = (z >> 1) ^ -(z & 1)
            a = a.astype(np.float32)
            if t["scheme"][0] == "i":
                a = a * raw[t["name"] + ".scale"].reshape(-1, *[1] * (a.ndim - 1))
            out[t["name"]] = a
    return out


class VGG16(nn.Module):
    """Layers go by the page's names; `after` and `until` cut the network there."""
    def __init__(self):
        super().__init__()
        layers, cin = [], 3
        for name in LAYERS:
            if name.startswith("conv"):
                layers.append(nn.Conv2d(cin, min(64 << (int(name[4]) - 1), 512), 3, padding=1)); cin = layers[-1].out_channels
            else:
                layers.append(nn.ReLU() if name.startswith("relu") else nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.hidden = nn.Sequential(nn.Conv2d(512, 1280, 1), nn.ReLU())
        self.output = nn.Linear(1280, 1000)

    def run(self, x, after=None, until="pool5"):
        """`until`'s output; x is the normalised picture, or the output of `after`."""
        return self.features[LAYERS.index(after) + 1 if after else 0:LAYERS.index(until) + 1](x)

    def forward(self, x, after=None):
        """Logits [N, 1000]: the head looks at every place of pool5 and takes the mean."""
        return self.output(self.hidden(self.run(x, after)).mean((2, 3)))

    def score(self, x, target=None, after=None, score="logit"):
        """A class (None: the most probable), a channel "relu5_3:63" (its mean), or a neuron "relu5_3:63@7,3" (column, row)."""
        if isinstance(target, str):
            layer, _, unit = target.partition(":")
            channel, _, place = unit.partition("@")
            a = self.run(x, after, layer)[0, int(channel)]
            return a[tuple(int(v) for v in reversed(place.split(",")))] if place else a.mean()
        z = self(x, after)[0]
        return (z.softmax(0) if score == "probability" else z)[int(z.argmax()) if target is None else target]


def vgg16(folder=None):
    net, t = VGG16().eval().requires_grad_(False), tensors(folder)
    names = {"head.hidden": "hidden.0", "head.output": "output"}
    state = {}
    for k, v in t.items():
        part, _, kind = k.rpartition(".")
        state[f"{names.get(part, part)}.{kind}"] = torch.from_numpy(v.copy())
    state["hidden.0.weight"] = state["hidden.0.weight"].reshape(1280, 512, 1, 1)
    net.load_state_dict(state)
    return net


def read(path, side=224):
    """A picture in 0..1, [1, 3, side, side]: the shorter side to 8/7 of `side`, then its middle (torchvision's recipe)."""
    x = torch.tensor(np.asarray(Image.open(path).convert("RGB"), np.float32) / 255).permute(2, 0, 1)[None]
    h, w = x.shape[2:]
    if (h, w) == (side, side):
        return x
    short = round(side * 8 / 7)
    x = small(x, [short * h // min(h, w), short * w // min(h, w)])
    top, left = (round((n - side) / 2) for n in x.shape[2:])
    return x[..., top:top + side, left:left + side]


def small(x, side):
    """At another side, in whole grey levels."""
    return (F.interpolate(x, side, mode="bilinear", antialias=True) * 255 + .5).floor() / 255


def norm(x):
    """From 0..1 to what the network reads."""
    return (x - MEAN) / STD


def sized(a, side=224):
    return F.interpolate(a, size=(side, side), mode="bilinear", align_corners=False)


def gradient(net, x, target=None, score="logit"):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(net.score(x, target, score=score), x)[0]


def relus(net, rule):
    """Another backward pass at every ReLU: "guided" (positive gradients where it was open), "deconvnet" (positive ones anywhere)."""
    def back(module, below, above):
        return ((above[0] if rule == "deconvnet" else below[0]).clamp(min=0),)
    if rule != "gradient":
        for module in net.modules():
            if isinstance(module, nn.ReLU):
                module.register_full_backward_hook(back)
    return net


def splitmix(z):
    z = z + np.uint64(0x9e3779b97f4a7c15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
    return z ^ (z >> np.uint64(31))


def uniform(seed, sample, n, first=0):
    """The page's random numbers, so that both draw the same."""
    with np.errstate(over="ignore"):
        stream = splitmix(np.uint64(seed) ^ splitmix(np.uint64(sample)))
        at = np.arange(first, first + n, dtype=np.uint64)
        u = ((splitmix(stream ^ at) >> np.uint64(40)).astype(np.float64) + .5) / (1 << 24)
        return np.minimum(u, 1 - .5 ** 24)  # in float32 the last one would round to 1


def normal(seed, sample, n, first=0):
    u = uniform(seed, sample, 2 * n, 2 * first)
    return torch.tensor(np.sqrt(-2 * np.log(u[::2])) * np.cos(2 * np.pi * u[1::2]), dtype=torch.float32)


def spectrum(theta):
    """A picture in 0..1 from its spectrum in decorrelated colours (Olah et al. 2017): theta is [3, 2, side, side / 2 + 1]."""
    side = theta.shape[2]
    f = torch.fft.fftfreq(side)[:, None].hypot(torch.fft.rfftfreq(side)[None]).clamp(min=1 / side)
    planes = torch.fft.irfft2(torch.complex(theta[:, 0], theta[:, 1]) / f, s=(side, side)) * side / 4
    colours = torch.tensor([[.563, .195, .043], [.584, 0, -.108], [.584, -.195, .065]])
    return torch.einsum("ck,khw->chw", colours, planes).sigmoid()[None]


def noise_spectrum(seed, side):
    n = 6 * side * (side // 2 + 1)
    return (0.01 * normal(seed, 0, n)).view(3, 2, side, side // 2 + 1)


def roughness(x):
    """Squared steps from pixel to pixel, per value."""
    return (x.diff(dim=2).square().sum() + x.diff(dim=3).square().sum()) / x.numel()


def stylise(net, photo, second, weight, steps, smoothness=1.):
    """The photo's relu4_2 and the second picture's Gram matrices (Gatys et al. 2016), by Adam on the pixels."""
    gram = lambda a: a[0].flatten(1) @ a[0].flatten(1).T / a[0, 0].numel()
    content = net.run(norm(photo), until="relu4_2")
    styles = {layer: gram(net.run(norm(second), until=layer)) for layer in RELUS if layer.endswith("_1")}
    x = photo.clone().requires_grad_()
    adam = torch.optim.Adam([x], lr=0.02)
    for _ in range(steps):
        a, at, loss = norm(x), None, smoothness * roughness(x)
        for layer in RELUS:
            if layer in styles or layer == "relu4_2":
                a, at = net.run(a, at, layer), layer
                if layer in styles:
                    loss = loss + weight / 5 * (gram(a) - styles[layer]).square().sum() / styles[layer].square().sum()
                else:
                    loss = loss + (a - content).square().sum() / content.square().sum()
        adam.zero_grad(); loss.backward(); adam.step()
        x.data.clamp_(0, 1)
    return x.detach()


def down(a, z, r, eps=0.):
    """Shares r among a in the proportions of z = f(a): a * d/da sum(z * r / z)."""
    z0 = z.detach()
    r = torch.where(r == 0, 0., r / (z0 + (eps + 1e-9) * torch.where(z0 >= 0, 1., -1.)))
    return (a * torch.autograd.grad(z, a, r)[0]).detach()


def show(result, path="result.png"):
    """Saves a map (black to white) or a picture."""
    a = torch.as_tensor(result, dtype=torch.float32).detach().squeeze()
    a = a if a.ndim == 3 else a[None].expand(3, *a.shape[-2:])
    a = a if 0 <= a.min() and a.max() <= 1 else (a - a.min()) / (a.max() - a.min() + 1e-12)
    Image.fromarray((a.permute(1, 2, 0) * 255).byte().numpy()).resize((448, 448)).save(path)
    print(path, tuple(a.shape))
