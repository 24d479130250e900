"""A network as its card says it (weights/<id>/card.json), run in PyTorch: the layers of www/torch/cnn_lens.py, with any weights and in any
precision.

    net = Network(card, weights, size=(224, 224)).double()
    logits = net(x)[0, :, 0, 0]        # x [1, C, H, W], normalised; logits [classes]
    outputs = net.outputs(x)           # { node: [1, C, H, W] }

`weights(name, shape)` gives an array: `packed(folder)` the shipped ones, `Refill(seed)` numbers drawn from the project's Noise.
Every value in the graph is [1, C, H, W]; a vector is [1, C, 1, 1]. Relevance propagation: zennit's composites see the modules
nn.Conv2d, nn.Linear, nn.ReLU, AvgPool, nn.AdaptiveAvgPool2d and zennit's Sum (for `add`).
"""
import gzip, json, math, os, sys
import numpy as np, torch
from torch import nn
from zennit.layer import Sum

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../../www/torch")
sys.dont_write_bytecode = True
from cnn_lens import AvgPool, layer, safetensors, tensors, uniform


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


class Add(nn.Module):
    """cnn_lens.py's sum as zennit's, which its rules know."""
    def __init__(self):
        super().__init__(); self.sum = Sum(-1)

    def forward(self, *x):
        return self.sum(torch.stack(x, -1))


def module(node, shapes, weights):
    """The node as a module, given the shapes [C, H, W] of its inputs."""
    channels = shapes[0][0]

    def arrays(**shapes):
        return {k: torch.tensor(np.array(weights(f"{node['name']}.{k}", shape), np.float32)) for k, shape in shapes.items()}

    def with_bias(weight):
        return arrays(weight=weight, **({"bias": (node["out"],)} if node.get("bias", True) else {}))

    match node["op"]:
        case "conv": return layer(node, with_bias((node["out"], channels // node.get("groups", 1), *node["kernel"])))
        case "linear": return layer(node, with_bias((node["out"], channels)))
        case "affine": return layer(node, arrays(scale=(channels,), shift=(channels,)))
        case "add": return Add()
    return layer(node, {})


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
