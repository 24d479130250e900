"""A network as its card says it (weights/<id>/card.json), run in PyTorch.

    net = Network(card, weights, size=(224, 224)).double()
    logits = net(x)[0, :, 0, 0]        # x [1, C, H, W], normalised; logits [classes]
    outputs = net.outputs(x)           # { node: [1, C, H, W] }

`weights(name, shape)` gives an array: `packed(folder)` the shipped ones, `Refill(seed)` numbers drawn from the project's Noise.
Every value in the graph is [1, C, H, W]; a vector is [1, C, 1, 1]. Relevance propagation: zennit's composites see the modules
nn.Conv2d, nn.Linear, nn.ReLU, AvgPool, nn.AdaptiveAvgPool2d and zennit's Sum (for `add`).
"""
import gzip, json, math, os, sys
import numpy as np, torch
import torch.nn.functional as F
from torch import nn
from zennit.layer import Sum

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../../www/torch")
sys.dont_write_bytecode = True
from cnn_lens import safetensors, tensors, uniform


def write(path, card):
    """A card as JSON with one node a line."""
    nodes = ",\n".join("    " + json.dumps(node) for node in card["nodes"])
    text = json.dumps({**card, "nodes": ["@"]}, indent=2).replace('[\n    "@"\n  ]', f"[\n{nodes}\n  ]")
    with open(path, "w") as file:
        file.write(text + "\n")


class Refill:
    """Weights of a card that has none: array number `a` (in the order in which they are asked for: nodes in order, weight before
    bias, scale before shift), element `i` is made of the standard normal number at place a * 2^32 + i of Noise::new(seed, 0)
    (src/engine/noise.rs), in float32: weight sqrt(2 / fan_in) times it (He et al. 2015), bias and shift 0.1 times it, scale 1 + 0.1
    times it."""
    INPUT = 1 << 16  # the number of the array that the input is drawn as

    def __init__(self, seed=19):
        self.seed, self.number, self.drawn = seed, 0, {}

    def normal(self, number, count):
        """`count` standard normal numbers, array `number` (Box & Muller 1958). Each step is rounded to float32 as in Rust; logarithm
        and cosine go through float64, for numpy's float32 ones are less exact than the C library's."""
        u = uniform(self.seed, 0, 2 * count, first=2 * (number << 32)).astype(np.float32)
        radius = np.sqrt(np.float32(-2) * np.log(u[::2].astype(np.float64)).astype(np.float32))
        return radius * np.cos((np.float32(2 * np.pi) * u[1::2]).astype(np.float64)).astype(np.float32)

    def __call__(self, name, shape):
        z, tenth = self.normal(self.number, math.prod(shape)).reshape(shape), np.float32(.1)
        self.number += 1
        match name.rpartition(".")[2]:
            case "weight": a = np.sqrt(np.float32(2) / np.float32(math.prod(shape[1:]))) * z
            case "bias" | "shift": a = tenth * z
            case "scale": a = 1 + tenth * z
        self.drawn[name] = a
        return a

    def input(self, channels, height, width):
        """[1, C, H, W]: half a standard normal number each."""
        return np.float32(.5) * self.normal(self.INPUT, channels * height * width).reshape(1, channels, height, width)


def packed(folder):
    """The shipped weights of a folder with a manifest, as float32."""
    arrays = tensors(folder)
    return lambda name, shape: arrays[name].reshape(shape)


def extent(size, node, axis):
    """(outputs, zeros or blanks after the last value; negative: values that no window reads) of a pool along one axis."""
    kernel, stride, dilation = (node.get(k, [1, 1])[axis] for k in ("kernel", "stride", "dilation"))
    before, after = node.get("pad", [0] * 4)[axis::2]
    reach = dilation * (kernel - 1) + 1
    steps = (size + before + after - reach) / stride
    count = (math.ceil(steps) if node.get("ceil") else math.floor(steps)) + 1
    if node.get("ceil") and (count - 1) * stride >= size + before:
        count -= 1  # a window has to begin inside, or in the padding before
    return count, (count - 1) * stride + reach - size - before


def widened(x, node, value):
    """x with what a pool's windows reach beyond its edges."""
    top, left = node.get("pad", [0] * 4)[:2]
    bottom, right = (extent(x.shape[2 + axis], node, axis)[1] for axis in (0, 1))
    return F.pad(x, (left, right, top, bottom), value=value)


class MaxPool(nn.Module):
    def __init__(self, node):
        super().__init__(); self.node = node

    def forward(self, x):
        n = self.node
        return F.max_pool2d(widened(x, n, -math.inf), n["kernel"], n.get("stride", 1), 0, n.get("dilation", 1))


class AvgPool(nn.Module):
    """Divided by how many values a window counts: those inside, or with `include_pad` the padding's, too."""
    def __init__(self, node):
        super().__init__(); self.node = node

    def forward(self, x):
        n = self.node
        total = lambda x: F.avg_pool2d(widened(x, n, 0.), n["kernel"], n.get("stride", 1), divisor_override=1)
        ones = torch.ones_like(x[:1, :1]).detach()
        if n.get("include_pad"):
            top, left, bottom, right = n.get("pad", [0] * 4)
            (_, below), (_, beside) = (extent(x.shape[2 + axis], n, axis) for axis in (0, 1))
            ones = F.pad(F.pad(ones, (left, right, top, bottom), value=1.), (0, beside - right, 0, below - bottom))
            count = F.avg_pool2d(ones, n["kernel"], n.get("stride", 1), divisor_override=1)
        else:
            count = total(ones)
        return total(x) / count


class Affine(nn.Module):
    def __init__(self, scale, shift):
        super().__init__(); self.scale, self.shift = nn.Parameter(scale), nn.Parameter(shift)

    def forward(self, x):
        return x * self.scale.view(1, -1, 1, 1) + self.shift.view(1, -1, 1, 1)


class Lrn(nn.Module):
    """Local response normalisation (Krizhevsky et al. 2012) as ONNX defines it: an even window has its extra channel after c."""
    def __init__(self, node):
        super().__init__(); self.node = node

    def forward(self, x):
        n = self.node; size = n["size"]
        squares = F.pad(x ** 2, (0, 0, 0, 0, (size - 1) // 2, size // 2))
        total = sum(squares[:, i:i + x.shape[1]] for i in range(size))
        return x / (n["k"] + n["alpha"] / size * total) ** n["beta"]


class Act(nn.Module):
    """Activations other than the ReLU."""
    def __init__(self, node):
        super().__init__(); self.node = node

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


class Linear(nn.Module):
    """nn.Linear between values of one place."""
    def __init__(self, linear):
        super().__init__(); self.linear = linear

    def forward(self, x):
        return self.linear(x.flatten(1))[..., None, None]


class Add(nn.Module):
    def __init__(self):
        super().__init__(); self.sum = Sum(-1)

    def forward(self, *x):
        return self.sum(torch.stack(x, -1))


class Through(nn.Module):
    """A function without parameters."""
    def __init__(self, function):
        super().__init__(); self.function = function

    def forward(self, *x):
        return self.function(*x)


def filled(layer, arrays):
    """`layer` with these arrays as its parameters: nn.Conv2d and nn.Linear initialise their own, which takes time."""
    for name, value in arrays.items():
        setattr(layer, name, nn.Parameter(value))
    return layer


def module(node, shapes, weights):
    """The node as a module, given the shapes [C, H, W] of its inputs."""
    name, channels = node["name"], shapes[0][0]

    def arrays(**shapes):
        return {k: torch.tensor(np.array(weights(f"{name}.{k}", shape), np.float32)) for k, shape in shapes.items()}

    def with_bias(**shapes):
        return arrays(**shapes, **({"bias": (node["out"],)} if node.get("bias", True) else {}))

    match node["op"]:
        case "conv":
            groups, (top, left, bottom, right) = node.get("groups", 1), node.get("pad", [0] * 4)
            even = (top, left) == (bottom, right)
            conv = nn.Conv2d(channels, node["out"], node["kernel"], node.get("stride", 1), (top, left) if even else 0,
                             node.get("dilation", 1), groups, node.get("bias", True), device="meta")
            filled(conv, with_bias(weight=(node["out"], channels // groups, *node["kernel"])))
            return conv if even else nn.Sequential(nn.ZeroPad2d((left, right, top, bottom)), conv)
        case "linear":
            linear = nn.Linear(channels, node["out"], node.get("bias", True), device="meta")
            return Linear(filled(linear, with_bias(weight=(node["out"], channels))))
        case "affine": return Affine(*arrays(scale=(channels,), shift=(channels,)).values())
        case "activation": return nn.ReLU() if node["kind"] == "relu" else Act(node)
        case "max_pool": return MaxPool(node)
        case "avg_pool": return AvgPool(node)
        case "global_avg_pool": return nn.AdaptiveAvgPool2d(1)
        case "add": return Add()
        case "mul": return Through(lambda a, b: a * b)
        case "concat": return Through(lambda *x: torch.cat(x, 1))
        case "flatten": return Through(lambda x: x.flatten(1)[..., None, None])
        case "softmax": return nn.Softmax(1)
        case "lrn": return Lrn(node)
    raise ValueError(f"{name}: op {node['op']}")


class Network(nn.Module):
    def __init__(self, card, weights, size=None):
        """`size`: rows and columns of the input, the card's unless told."""
        super().__init__()
        self.card, self.steps = card, nn.ModuleList()
        height, width = size or (card["input"]["size"],) * 2
        self.shapes = {"input": (card["input"]["channels"], height, width)}
        for node in card["nodes"]:
            below = [self.shapes[name] for name in node["inputs"]]
            step = module(node, below, weights)
            with torch.no_grad():
                self.shapes[node["name"]] = tuple(step(*(torch.zeros(1, *shape) for shape in below)).shape[1:])
            self.steps.append(step)
        self.eval()

    def outputs(self, x):
        """Every node's output, in order."""
        values = {"input": x}
        for node, step in zip(self.card["nodes"], self.steps):
            values[node["name"]] = step(*(values[name] for name in node["inputs"]))
        return values

    def forward(self, x):
        """Logits [N, classes, 1, 1]."""
        return self.outputs(x)[self.card["output"]]


# (array, element): what src/engine/noise.rs draws under seed 19 (its test `the_goldens_draw_these` has the same numbers)
DRAWN = {(0, 0): 1.4845828, (0, 1): -2.2655187, (3, 999_999): .02746736, (65536, 12345): -1.9204324}


def check_noise():
    """The numbers drawn here are Rust's: the uniform ones to the last bit; a normal one may differ by float32's last digit, for the C
    library's logarithm and cosine are not rounded exactly (1.5 % of a million differ so)."""
    refill = Refill()
    for (array, i), value in DRAWN.items():
        assert abs(refill.normal(array, i + 1)[i] - value) <= 2.5e-7 * abs(value), (array, i)


def compare(what, a, b, limit):
    """The relative L2 distance of `a` to `b`, which has to be at most `limit`."""
    error = float(np.linalg.norm(a.astype(np.float64) - b) / np.linalg.norm(b))
    assert error <= limit, f"{what}: relative L2 {error}"
    return error
