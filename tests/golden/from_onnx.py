"""What an ONNX operator is in a card: the words of the one for the other, with padding made explicit."""
import math
import onnx
from onnx import helper

# the largest float32: a bound that is none
LARGEST = 3.4028234663852886e38
# those that change nothing at inference
IDENTITY = {"Dropout", "Identity"}


class Unsupported(Exception):
    """No op of the cards says this."""


def attributes(node):
    read = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    return {k: v.decode() if isinstance(v, bytes) else list(v) if isinstance(v, (list, tuple)) else v for k, v in read.items()}


def clean(value):
    """A float32 attribute as the shortest decimal that is the same float32: 0.0001 and not 0.00009999999747378752."""
    return float(f"{value:.7g}")


def padding(a, shape, kernel, stride, dilation):
    """`[top, left, bottom, right]`: ONNX's order, too. SAME: as many outputs as stride steps over the input; an odd one goes after
    (SAME_UPPER) or before (SAME_LOWER)."""
    kind = a.get("auto_pad", "NOTSET")
    if kind == "NOTSET":
        return a.get("pads", [0] * 4)
    if kind == "VALID":
        return [0] * 4
    before, after = [], []
    for size, k, s, d in zip(shape[1:], kernel, stride, dilation):
        total = max((math.ceil(size / s) - 1) * s + d * (k - 1) + 1 - size, 0)
        small, large = total // 2, total - total // 2
        before.append(small if kind == "SAME_UPPER" else large)
        after.append(large if kind == "SAME_UPPER" else small)
    return before + after


def window(a, shape, kernel):
    """The fields of a window that are not their defaults."""
    stride, dilation = a.get("strides", [1, 1]), a.get("dilations", [1, 1])
    if len(kernel) != 2:
        raise Unsupported(f"a window of {len(kernel)} dimensions")
    pad = padding(a, shape, kernel, stride, dilation)
    given = {"stride": (stride, [1, 1]), "dilation": (dilation, [1, 1]), "pad": (pad, [0] * 4), "ceil": (bool(a.get("ceil_mode", 0)), False)}
    return {"kernel": kernel} | {k: v for k, (v, default) in given.items() if v != default}


def operation(node, shape, constants):
    """The card's op and parameters of an ONNX node; `shape` [C, H, W] of its first input, `constants` { name: array or None } what is
    no activation. Batch normalisation, Gemm and MatMul are told with their own words (affine, linear)."""
    a, kind = attributes(node), node.op_type
    constant = lambda i, default: default if len(node.input) <= i or not node.input[i] else float(constants[node.input[i]])
    plain = {"Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "HardSwish": "hard_swish"}
    activation = lambda kind, **more: {"op": "activation", "kind": kind, **more}
    match kind:
        case "Conv":
            weight = constants[node.input[1]].shape
            more = {"out": int(weight[0]), **window(a, shape, list(weight[2:]))}
            if a.get("group", 1) != 1:
                more["groups"] = a["group"]
            return {"op": "conv", **more, **({} if len(node.input) > 2 else {"bias": False})}
        case "MaxPool":
            return {"op": "max_pool", **window(a, shape, a["kernel_shape"])}
        case "AveragePool":
            fields = window(a, shape, a["kernel_shape"])
            if "dilation" in fields:
                raise Unsupported("an average pool with dilation")
            return {"op": "avg_pool", **fields, **({"include_pad": True} if a.get("count_include_pad") else {})}
        case "GlobalAveragePool": return {"op": "global_avg_pool"}
        case "Relu" | "Sigmoid" | "Tanh" | "HardSwish": return activation(plain[kind])
        case "Clip":
            low, high = (constant(1, a.get("min", -LARGEST)), constant(2, a.get("max", LARGEST)))
            return activation("relu6") if (low, high) == (0, 6) else activation("clip", min=low, max=high)
        case "LeakyRelu": return activation("leaky_relu", alpha=clean(a.get("alpha", .01)))
        case "Elu": return activation("elu", alpha=clean(a.get("alpha", 1.)))
        case "HardSigmoid": return activation("hard_sigmoid", alpha=clean(a.get("alpha", .2)), beta=clean(a.get("beta", .5)))
        case "Swish" if a.get("alpha", 1.) == 1: return activation("silu")
        case "Gelu": return activation("gelu", tanh=a.get("approximate") == "tanh")
        case "Add" | "Sum": return {"op": "add"}
        case "Mul": return {"op": "mul"}
        case "Concat": return {"op": "concat"}
        case "LRN":
            return {"op": "lrn", "size": a["size"], "alpha": clean(a.get("alpha", 1e-4)), "beta": clean(a.get("beta", .75)), "k": clean(a.get("bias", 1.))}
        case "Flatten" | "Reshape": return {"op": "flatten"}
        case "Softmax": return {"op": "softmax"}
    raise Unsupported(kind)
