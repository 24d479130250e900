"""The networks of CNN Lens in PyTorch, with the page's own weights: what the scripts beside this file begin with.

Needs: pip install torch numpy pillow. network("vgg16"): the convolutions are those of torchvision's vgg16(weights="IMAGENET1K_V1"),
rounded to eight or nine bits; the head is the page's own, so classes' scores differ from torchvision's. network("squeezenet"):
SqueezeNet 1.1 with its own classifier. network("NAME.safetensors"): a network of your own, in the file that the page saves beside
the script: what it read of yours, with its preprocessing and the names of its classes.
"""
import gzip, json, math, os, urllib.request
from copy import deepcopy
from functools import cached_property
import numpy as np, torch, torch.nn.functional as F
from PIL import Image
from torch import nn
from torch.func import functional_call

weights = "weights"  # a folder or an address
DTYPES = dict(F32="<f4", F16="<f2", I16="<i2", I8="i1", U8="u1")


def safetensors(data):
    """{ name: array } of a safetensors file, and its metadata."""
    n = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8:8 + n]), memoryview(data)[8 + n:]
    about = header.pop("__metadata__", {})
    return {k: np.frombuffer(body[slice(*v["data_offsets"])], DTYPES[v["dtype"]]).reshape(v["shape"]) for k, v in header.items()}, about


def scaled(a, scale):
    """Integers as the numbers they stand for: a scale for each output channel, or for each piece of so many weights of it."""
    rows = a.reshape(len(a), -1).astype(np.float32)
    pieces = scale.size // len(a)
    size = 1 << math.ceil(math.log2(rows.shape[1] / pieces))  # a power of two, but for the last piece
    return (rows * scale.reshape(len(a), pieces).repeat(size, 1)[:, :rows.shape[1]]).reshape(a.shape)


def fetch(folder, name):
    with urllib.request.urlopen(f"{folder}/{name}") if "://" in folder else open(f"{folder}/{name}", "rb") as file:
        return file.read()


def tensors(folder=None, parts=("shards",)):
    """Every tensor of the packed weights as float32: safetensors in gzip, integers with a scale per output channel."""
    folder, out = folder or weights, {}
    manifest = json.loads(fetch(folder, "manifest.json"))
    for shard in [s for part in parts for s in manifest[part]]:
        raw, _ = safetensors(gzip.decompress(fetch(folder, shard["file"])))
        for t in shard["tensors"]:
            a = raw[t["name"]]
            if t["scheme"] in ("i9", "i10"):
                z = a.astype(np.int32) + 256 * raw[t["name"] + ".hi"].astype(np.int32)
                a = (z >> 1) ^ -(z & 1)
            out[t["name"]] = scaled(a, raw[t["name"] + ".scale"]) if t["scheme"][0] == "i" else a.astype(np.float32)
    return out


def saved(path):
    """The card and every tensor of a network of your own, as the page saves it."""
    raw, about = safetensors(fetch(".", path))
    return json.loads(about["card"]), {k: scaled(a, raw[k + ".scale"]) if k + ".scale" in raw else a.copy()
                                       for k, a in raw.items() if k[-6:] != ".scale" or k[:-6] not in raw}


class Conv(nn.Conv2d):
    """A convolution whose four sides may have different numbers of zeros."""
    def __init__(self, node, arrays):
        out, channels, *kernel = arrays["weight"].shape
        top, left, bottom, right = node.get("pad", [0] * 4)
        self.uneven = None if (top, left) == (bottom, right) else (left, right, top, bottom)
        groups = node.get("groups", 1)
        super().__init__(channels * groups, out, kernel, node.get("stride", 1), 0 if self.uneven else (top, left),
                         node.get("dilation", 1), groups, "bias" in arrays, device="meta")

    def forward(self, x):
        return super().forward(F.pad(x, self.uneven) if self.uneven else x)


class Linear(nn.Linear):
    """From one vector [N, C, 1, 1] to the next."""
    def __init__(self, arrays):
        out, channels = arrays["weight"].shape
        super().__init__(channels, out, "bias" in arrays, device="meta")

    def forward(self, x):
        return super().forward(x.flatten(1))[..., None, None]


class Affine(nn.Module):
    """A number a channel that is multiplied by, and one that is added."""
    def __init__(self, arrays):
        super().__init__()
        self.scale, self.shift = (nn.Parameter(torch.empty_like(arrays[k], device="meta")) for k in ("scale", "shift"))

    def forward(self, x):
        return x * self.scale.view(1, -1, 1, 1) + self.shift.view(1, -1, 1, 1)


class Layer(nn.Module):
    """What has no arrays, as its node says it."""
    def __init__(self, node):
        super().__init__()
        self.node = node

    def widened(self, x, value):
        """x with what a pool's windows reach beyond its edges: a last window that lies only partly inside may count (ceil)."""
        n, sides = self.node, []
        for axis in (1, 0):  # columns first, as F.pad has them
            kernel, stride, dilation = (n.get(k, [1, 1])[axis] for k in ("kernel", "stride", "dilation"))
            (before, after), size = n.get("pad", [0] * 4)[axis::2], x.shape[2 + axis]
            span = dilation * (kernel - 1) + 1
            steps = (size + before + after - span) / stride
            count = (math.ceil(steps) if n.get("ceil") else math.floor(steps)) + 1
            if n.get("ceil") and (count - 1) * stride >= size + before:
                count -= 1  # a window has to begin inside, or in the padding before
            sides += [before, (count - 1) * stride + span - size - before]
        return F.pad(x, sides, value=value)


class MaxPool(Layer):
    def forward(self, x):
        n = self.node
        return F.max_pool2d(self.widened(x, -math.inf), n["kernel"], n.get("stride", 1), 0, n.get("dilation", 1))


class AvgPool(Layer):
    """Divided by how many values a window counts: those inside, or with `include_pad` the padding's, too."""
    def forward(self, x):
        n, wide, counted = self.node, self.widened(x, 0.), torch.ones_like(x[:1, :1]).detach()
        if n.get("include_pad"):
            top, left, bottom, right = n.get("pad", [0] * 4)
            counted = F.pad(counted, (left, right, top, bottom), value=1.)
            counted = F.pad(counted, (0, wide.shape[3] - counted.shape[3], 0, wide.shape[2] - counted.shape[2]))
        else:
            counted = self.widened(counted, 0.)
        total = lambda x: F.avg_pool2d(x, n["kernel"], n.get("stride", 1), divisor_override=1)
        return total(wide) / total(counted)


class Lrn(Layer):
    """Local response normalisation (Krizhevsky et al. 2012); an even window has its extra channel after its own, as in ONNX."""
    def forward(self, x):
        n, size = self.node, self.node["size"]
        squares = F.pad(x ** 2, (0, 0, 0, 0, (size - 1) // 2, size // 2))
        return x / (n["k"] + n["alpha"] / size * sum(squares[:, i:i + x.shape[1]] for i in range(size))) ** n["beta"]


class Activation(Layer):
    """Those other than the ReLU."""
    def forward(self, x):
        n = self.node
        match n["kind"]:
            case "relu6": return x.clamp(0, 6)
            case "clip": return x.clamp(n["min"], n["max"])
            case "leaky_relu": return F.leaky_relu(x, n["alpha"])
            case "elu": return F.elu(x, n["alpha"])
            case "sigmoid": return x.sigmoid()
            case "silu": return F.silu(x)
            case "hard_sigmoid": return (n["alpha"] * x + n["beta"]).clamp(0, 1)
            case "hard_swish": return x * (x / 6 + .5).clamp(0, 1)
            case "tanh": return x.tanh()
            case "gelu": return F.gelu(x, approximate="tanh" if n.get("tanh") else "none")
        raise ValueError(f"{n['name']}: activation {n['kind']}")


class Join(Layer):
    """Of several inputs."""
    def forward(self, *x):
        match self.node["op"]:
            case "add": return sum(x)
            case "mul": return x[0] * x[1]
            case "concat": return torch.cat(x, 1)


def layer(node, arrays):
    """A card's node as a module with these arrays; every value is [N, C, H, W], a vector's is [N, C, 1, 1]."""
    match node["op"]:
        case "conv": made = Conv(node, arrays)
        case "linear": made = Linear(arrays)
        case "affine": made = Affine(arrays)
        case "activation": made = nn.ReLU() if node["kind"] == "relu" else Activation(node)
        case "max_pool": made = MaxPool(node)
        case "avg_pool": made = AvgPool(node)
        case "global_avg_pool": made = nn.AdaptiveAvgPool2d(1)
        case "add" | "mul" | "concat": made = Join(node)
        case "flatten": made = nn.Sequential(nn.Flatten(), nn.Unflatten(1, (-1, 1, 1)))
        case "softmax": made = nn.Softmax(1)
        case "lrn": made = Lrn(node)
        case other: raise ValueError(f"{node['name']}: op {other}")
    made.load_state_dict(arrays, assign=True)
    return made


class Network(nn.Module):
    """A network as its card says it. Layers go by their names, `net[name]` is the module."""
    def __init__(self, card, arrays):
        super().__init__()
        self.card, self.side, needed = card, card["input"]["size"], {card["output"]}
        for node in reversed(card["nodes"]):
            needed.update(node["inputs"] if node["name"] in needed else [])
        self.nodes = {node["name"]: node for node in card["nodes"] if node["name"] in needed}
        self.layers = nn.ModuleList(layer(node, arrays[name]) for name, node in self.nodes.items())
        self.index = {name: i for i, name in enumerate(self.nodes)}
        # for red, green and blue in 0..1, whatever the network's own order and scale
        given, order = card["preprocessing"], slice(None, None, -1 if card["preprocessing"]["order"] == "bgr" else 1)
        self.mean, self.std = (torch.tensor(given[k][order]).view(1, 3, 1, 1) / given["scale"] for k in ("mean", "std"))
        self.picture = None
        self.eval().requires_grad_(False)

    def __getitem__(self, name):
        if name not in self.index:
            raise KeyError(f"{self.card['name']} has no layer {name}, but: {', '.join(self.nodes)}")
        return self.layers[self.index[name]]

    def read(self, path):
        """A picture in 0..1, of the size that the network was trained on."""
        return read(path, self.side)

    def norm(self, x):
        """From 0..1 to what the network reads."""
        return (x - self.mean) / self.std

    def outputs(self, values, until=None):
        """{ layer: its output } of all that `until` (None: the logits) needs, given the outputs that are known: { "input": the picture }."""
        values, needed = dict(values), {until or self.card["output"]}
        for name in reversed(self.nodes):
            needed.update(self.nodes[name]["inputs"] if name in needed and name not in values else [])
        for name, node in self.nodes.items():
            if name in needed and name not in values:
                values[name] = self[name](*(values[below] for below in node["inputs"]))
        return values

    def run(self, x, after=None, until=None):
        """`until`'s output, given the normalised picture x; or with x in place of `after`'s output, and what does not depend on that
        computed from the last picture."""
        self.picture = x if after is None else self.picture
        return self.outputs({"input": self.picture, after or "input": x}, until)[until or self.card["output"]]

    def forward(self, x, after=None):
        """Logits [N, classes]."""
        return self.run(x, after).flatten(1)

    def score(self, x, target=None, after=None, score="logit"):
        """A class (None: the most probable), a channel "relu5_3:63" (its mean), or a neuron "relu5_3:63@7,3" (column, row)."""
        if isinstance(target, str):
            layer, _, unit = target.partition(":")
            channel, _, place = unit.partition("@")
            a = self.run(x, after, layer)[0, int(channel)]
            return a[tuple(int(v) for v in reversed(place.split(",")))] if place else a.mean()
        z = self(x, after)[0]
        return (z.softmax(0) if score == "probability" else z)[int(z.argmax()) if target is None else target]

    def block(self, name):
        """How often the picture was halved on the way to a layer; None where its units stand at no place of the picture."""
        strides = {"input": 1}
        for at, node in self.nodes.items():
            below = {strides[i] for i in node["inputs"]}
            placed = len(below) == 1 and None not in below and node["op"] not in ("linear", "flatten", "global_avg_pool")
            strides[at] = below.pop() * max(node.get("stride", [1])) if placed else None
        return strides[name] and int(math.log2(strides[name]))

    @cached_property
    def spatial(self):
        """The layers of many places that every path from the picture to the logits passes; where one is read by an activation only,
        the activation stands for both."""
        readers = {name: [at for at, node in self.nodes.items() if name in node["inputs"]] for name in ["input", *self.nodes]}
        maps, found, furthest = self.outputs({"input": torch.zeros(1, 3, self.side, self.side)}), [], 0
        for i, (name, after) in enumerate(readers.items()):  # a path passes a layer by where an edge leads over it
            activated = len(after) == 1 and self.nodes[after[0]]["op"] == "activation"
            if i and furthest <= i and maps[name][0, 0].numel() > 1 and not activated:
                found.append(name)
            furthest = max([furthest, *(1 + self.index[at] for at in after)])
        return found

    def in_head(self, name):
        """Whether a layer stands behind the trunk."""
        return self.index[name] > self.index[self.card.get("trunk", self.card["output"])]

    @property
    def stages(self):
        """Those of them that are no pools and not in the head: VGG16's ReLUs."""
        return [name for name in self.spatial if not self.in_head(name) and "pool" not in self.nodes[name]["op"]]

    @property
    def blocks(self):
        """The stages, block by block: a block ends where the picture is halved."""
        return [[s for s in self.stages if self.block(s) == b] for b in dict.fromkeys(map(self.block, self.stages))]

    @property
    def averaged(self):
        """The layer whose mean over all places goes to the logits through nothing but linear layers; None: the head is no such one."""
        last = self.spatial[-1]
        behind = [node["op"] for node in self.nodes.values() if self.index[node["name"]] > self.index[last]]
        linear = all(op in ("linear", "conv", "affine", "flatten", "add") for op in behind[1:])
        return last if behind[:1] in (["global_avg_pool"], ["avg_pool"]) and linear else None

    @property
    def weighted(self):
        """The layers with weights, from the logits down."""
        return [name for name in reversed(self.nodes) if [*self[name].parameters()]]


def network(id):
    """A network of the page, "vgg16" or "squeezenet"; or one of your own: the file that the page saves of it."""
    if id.endswith(".safetensors"):
        card, found = saved(id)
    else:
        card = json.loads(fetch(weights, f"{id}/card.json"))
        found = tensors(weights if id == "vgg16" else f"{weights}/{id}")  # VGG16's lie where they lay before there was another network
    arrays = {node["name"]: {} for node in card["nodes"]}
    for node in card["nodes"]:
        prefix = node.get("arrays", node["name"]) + "."  # torchvision's names, for VGG16
        arrays[node["name"]] = {k.removeprefix(prefix): torch.from_numpy(v) for k, v in found.items() if k.startswith(prefix)}
        if "input" in node["inputs"] and card["preprocessing"]["order"] == "bgr":  # here red comes first: turned round once for all
            arrays[node["name"]]["weight"] = arrays[node["name"]]["weight"].flip(1)
    return Network(card, arrays)


def read(path, side):
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


def sized(a, like):
    """Maps at another side, or at a picture's rows and columns."""
    return F.interpolate(a, size=like if isinstance(like, int) else like.shape[-2:], mode="bilinear", align_corners=False)


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
    """The photo's content and the second picture's Gram matrices (Gatys et al. 2016), by Adam on the pixels. Content: the middle of the
    block before the last, for VGG16 relu4_2; style: the first layer of every block."""
    gram = lambda a: a[0].flatten(1) @ a[0].flatten(1).T / a[0, 0].numel()
    inner, first = net.blocks[-2], [block[0] for block in net.blocks]
    middle = inner[len(inner) // 2]
    content = net.run(net.norm(photo), until=middle)
    styles = {layer: gram(net.run(net.norm(second), until=layer)) for layer in first}
    x = photo.clone().requires_grad_()
    adam = torch.optim.Adam([x], lr=0.02)
    for _ in range(steps):
        a, at, loss = net.norm(x), None, smoothness * roughness(x)
        for layer in net.stages:
            if layer in styles or layer == middle:
                a, at = net.run(a, at, layer), layer
                if layer in styles:
                    loss = loss + weight / len(styles) * (gram(a) - styles[layer]).square().sum() / styles[layer].square().sum()
                if layer == middle:
                    loss = loss + (a - content).square().sum() / content.square().sum()
        adam.zero_grad(); loss.backward(); adam.step()
        x.data.clamp_(0, 1)
    return x.detach()


def reweighed(layer, a, change):
    """What a convolution or a linear layer makes of `a` with other weights and biases."""
    return functional_call(layer, {name: change(v) for name, v in layer.named_parameters()}, (a,))


def down(a, z, r, eps=0.):
    """Shares r among the inputs `a`, a list, in the proportions of z = f(*a): a * d/da sum(z * r / z)."""
    z0 = z.detach()
    r = torch.where(r == 0, 0., r / (z0 + (eps + 1e-9) * torch.where(z0 >= 0, 1., -1.)))
    return [(v * g).detach() for v, g in zip(a, torch.autograd.grad(z, a, r))]


def z_plus(layer, a, r):
    """The z+ rule (Montavon et al. 2017) for a convolution or linear layer: only what is positive of weight times input shares."""
    z = reweighed(layer, *(v.clamp(min=0) for v in a), lambda w: w.clamp(min=0))
    return down(a, z + reweighed(layer, *(v.clamp(max=0) for v in a), lambda w: w.clamp(max=0) if w.ndim > 1 else 0 * w), r)


def relevances(net, values, r, share, until="input"):
    """Hands relevance down, from r = { a layer: its own } to `until`: { layer: its relevance }. share(name, inputs, r) is the rule: what
    each of a layer's inputs gets. Activations and normalisations hand on what they get, products all of it to what they let through."""
    r, names = dict(r), list(net.nodes)
    for name in reversed(names[net.index[until] + 1 if until != "input" else 0:]):
        if name in r:
            node, a = net.nodes[name], [values[below].detach().clone().requires_grad_() for below in net.nodes[name]["inputs"]]
            match node["op"]:
                case "activation" | "lrn" | "softmax": parts = [r[name]]
                case "mul":
                    let = [v.shape == r[name].shape for v in a]  # the other one is a gate: a number a channel
                    parts = [r[name] / sum(let) if passes else torch.zeros_like(v) for v, passes in zip(a, let)]
                case _: parts = share(name, a, r[name])
            for below, part in zip(node["inputs"], parts):
                r[below] = r[below] + part if below in r else part
    return r


def show(result, path="result.png"):
    """Saves a map (black to white) or a picture."""
    a = torch.as_tensor(result, dtype=torch.float32).detach().squeeze()
    a = a if a.ndim == 3 else a[None].expand(3, *a.shape[-2:])
    a = a if 0 <= a.min() and a.max() <= 1 else (a - a.min()) / (a.max() - a.min() + 1e-12)
    Image.fromarray((a.permute(1, 2, 0) * 255).byte().numpy()).resize((448, 448)).save(path)
    print(path, tuple(a.shape))
