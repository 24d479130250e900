"""Goldens of the ops, one node each:  make golden

    nodes.py OUT_DIR

ONNX's own node cases (onnx 1.23.2, onnx.backend.test.case.node) as far as a card can say them, and cases of our own for what those leave
out (groups, dilation, uneven padding, an even window of channels), computed by onnxruntime (an even window of
channels by onnx's reference). Each is checked against card.py before it is
written: nodes.json has the nodes as a card would say them, their inputs named x0, x1, ...; nodes.safetensors has `NAME.x0` ...
[C, H, W], `NAME.weight` and the like, `NAME.y` [C, H, W], and `NAME.gradient0` ... of half the sum of y's squares with respect to each input
(PyTorch float64; no case has an input at a kink, except where y is 0 and so the gradient, too).

A value with fewer dimensions is seen as [C, H, W] where the op works value by value or along channels; of a batch the first is kept.
"""
import json, sys, warnings
import numpy as np, onnxruntime, torch
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from card import Refill, module
from from_onnx import Unsupported, attributes, operation
from generate import save

ELEMENTWISE = {"Relu", "Clip", "LeakyRelu", "Elu", "Sigmoid", "Swish", "HardSigmoid", "HardSwish", "Tanh", "Gelu", "Add", "Sum", "Mul"}
ALONG_CHANNELS = {"Concat", "Softmax", "Flatten"}
DENSE = {"Gemm", "MatMul"}
WINDOWS = {"Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "LRN", "BatchNormalization"}


# its expected output is written with four digits, so no tolerance of ours can hold
ROUNDED = {"averagepool_2d_ceil_last_window_starts_on_pad"}


def planes(kind, node, value):
    """A node's input or output as [C, H, W], or None."""
    rank = value.ndim
    if rank == 4:
        return value[0]
    if kind in ELEMENTWISE and rank in (1, 3):
        return value.reshape(*value.shape, *[1] * (3 - rank))
    if kind in ALONG_CHANNELS:
        axis = attributes(node).get("axis", 1 if kind == "Flatten" else -1) % rank
        if rank == 3 and axis == 0:
            return value
        if rank == 2 and axis == 1:
            return value[0].reshape(-1, 1, 1)
    return None


def dense(node, values):
    """Gemm and MatMul as a linear layer that the first row goes through: (fields, row [C, 1, 1], arrays)."""
    a = attributes(node)
    rows = values[0].T if a.get("transA") else values[0]
    weight = (values[1] if a.get("transB") else values[1].T) * np.float32(a.get("alpha", 1.))
    arrays = {"weight": weight}
    if len(values) > 2:
        arrays["bias"] = np.broadcast_to(values[2], (len(rows), len(weight)))[0] * np.float32(a.get("beta", 1.))
    return {"op": "linear", "out": len(weight), **({} if "bias" in arrays else {"bias": False})}, rows[0].reshape(-1, 1, 1), arrays


def translate(node, values, output):
    """(the card's node, inputs [C, H, W], arrays, output [C, H, W])."""
    kind, given = node.op_type, dict(zip([name for name in node.input if name], values))
    if any(v.dtype != np.float32 for v in (*values, output)):
        raise Unsupported("not float32")
    if kind in DENSE:
        if any(v.ndim != 2 for v in values[:2]):
            raise Unsupported("not a matrix")
        fields, x, arrays = dense(node, values)
        return fields, [x], arrays, output[0].reshape(-1, 1, 1)
    if kind == "BatchNormalization":
        a = attributes(node)
        if a.get("training_mode"):
            raise Unsupported("training")
        x, scale, bias, mean, var = values
        scale = scale / np.sqrt(var + np.float32(a.get("epsilon", 1e-5)))
        return {"op": "affine"}, [x[0]], {"scale": scale, "shift": bias - mean * scale}, output[0]
    if kind == "Flatten":
        if attributes(node).get("axis", 1) != 1:
            raise Unsupported("an axis that is not the channels'")
        return {"op": "flatten"}, [values[0][0]], {}, output[0].reshape(-1, 1, 1)
    count = 1 if kind in ("Conv", "Clip") else len(values)
    inputs = [planes(kind, node, v) for v in values[:count]]
    y = planes(kind, node, output)
    if y is None or any(x is None for x in inputs) or (kind in ("Sum", "Concat") and count < 2):
        raise Unsupported("its shapes")
    over_places = kind == "Mul" and values[0].ndim == 4 and inputs[1].shape == (len(inputs[0]), 1, 1)
    if kind in ("Add", "Sum", "Mul") and len({v.shape for v in values}) > 1 and not over_places:
        raise Unsupported("broadcasting")
    fields = operation(node, inputs[0].shape, given)
    arrays = dict(zip(["weight", "bias"], values[1:])) if kind == "Conv" else {}
    return fields, inputs, arrays, y


def onnx_cases():
    from onnx.backend.test.case.node import collect_testcases
    warnings.filterwarnings("ignore")
    for case in collect_testcases(None):
        nodes = case.model.graph.node
        name = case.name.removeprefix("test_")
        if len(nodes) != 1 or nodes[0].op_type not in ELEMENTWISE | ALONG_CHANNELS | DENSE | WINDOWS or name in ROUNDED:
            continue
        (inputs, outputs), node = case.data_sets[0], nodes[0]
        if len(outputs) == 1:
            yield name, node, [np.asarray(v) for v in inputs], np.asarray(outputs[0])


def own_cases():
    """What ONNX's cases leave out: name, operator, its inputs (a shape to fill, or a number), attributes."""
    def conv(name, x, out, kernel, groups=1, bias=True, **attributes):
        shapes = [(1, *x), (out, x[0] // groups, *kernel)] + ([(out,)] if bias else [])
        return f"own_conv_{name}", "Conv", shapes, {"kernel_shape": kernel, "group": groups, **attributes}
    pool = lambda name, kind, x, **attributes: (f"own_{name}", kind, [(1, *x)], attributes)
    cases = [
        conv("grouped", (4, 7, 6), 6, [3, 3], groups=2, pads=[1, 1, 1, 1]),
        conv("depthwise", (5, 8, 7), 5, [3, 3], groups=5, pads=[1, 1, 1, 1], strides=[2, 2]),
        conv("depthwise_multiplied", (3, 6, 6), 6, [3, 3], groups=3, pads=[1, 1, 1, 1]),
        conv("dilated", (2, 9, 9), 3, [3, 3], dilations=[2, 2], pads=[2, 2, 2, 2]),
        conv("dilated_strided", (2, 11, 10), 3, [3, 2], dilations=[2, 3], strides=[2, 1], pads=[1, 0, 2, 3]),
        conv("four_pads", (2, 5, 6), 3, [3, 3], strides=[2, 2], pads=[0, 1, 2, 3], bias=False),
        conv("row", (3, 5, 9), 4, [1, 7], pads=[0, 3, 0, 3]),
        conv("column", (3, 9, 5), 4, [7, 1], pads=[3, 0, 3, 0]),
        conv("1x1", (6, 4, 5), 7, [1, 1]),
        conv("1x1_strided", (6, 5, 7), 4, [1, 1], strides=[2, 2]),
        conv("3x3", (5, 8, 8), 6, [3, 3], pads=[1, 1, 1, 1]),
        conv("11x11", (3, 19, 23), 4, [11, 11], strides=[4, 4]),
        pool("maxpool_four_pads", "MaxPool", (3, 7, 6), kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1]),
        pool("maxpool_ceil_padded", "MaxPool", (2, 8, 9), kernel_shape=[3, 2], strides=[3, 2], pads=[1, 0, 1, 0], ceil_mode=1),
        pool("maxpool_dilated_strided", "MaxPool", (2, 9, 8), kernel_shape=[2, 3], strides=[2, 1], dilations=[3, 2]),
        pool("averagepool_four_pads", "AveragePool", (3, 7, 6), kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1]),
        pool("averagepool_four_pads_counted", "AveragePool", (3, 7, 6), kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 0, 1], count_include_pad=1),
        pool("averagepool_ceil_padded", "AveragePool", (2, 8, 8), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1),
        # seven pictures: onnx's reference fills as many channels as there are pictures
        ("own_lrn_even", "LRN", [(7, 7, 3, 4)], dict(size=4, alpha=.5, beta=.75, bias=1.5)),
        pool("lrn_wide", "LRN", (4, 3, 3), size=9, alpha=.9, beta=.6, bias=1.),
        pool("relu", "Relu", (3, 5, 7)),
        ("own_relu6", "Clip", [(1, 3, 5, 7), 0., 6.], {}),
        pool("hardsigmoid", "HardSigmoid", (2, 3, 4), alpha=.3, beta=.4),
        pool("softmax", "Softmax", (9, 1, 1), axis=1),
        ("own_mul_places", "Mul", [(1, 4, 3, 5), (1, 4, 1, 1)], {}),
        ("own_add_three", "Sum", [(1, 3, 4, 5)] * 3, {}),
        ("own_concat_three", "Concat", [(1, 2, 3, 4), (1, 1, 3, 4), (1, 5, 3, 4)], {"axis": 1}),
        ("own_linear", "Gemm", [(1, 13), (7, 13), (7,)], {"transB": 1}),
    ]
    refill = Refill()
    for name, kind, shapes, attributes in cases:
        values = []
        for shape in shapes:
            if isinstance(shape, float):
                values.append(np.array(shape, np.float32))
            else:
                values.append(3 * refill.normal(refill.number, int(np.prod(shape))).reshape(shape)); refill.number += 1
        names = [f"v{i}" for i in range(len(values))]
        node = helper.make_node(kind, names, ["y"], **attributes)
        graph = helper.make_graph([node], name, [helper.make_tensor_value_info(n, TensorProto.FLOAT, v.shape) for n, v in zip(names, values)],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
        proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
        if attributes.get("size", 1) % 2 == 0:  # onnxruntime refuses an even window of channels
            evaluator = ReferenceEvaluator(proto)
        else:
            evaluator = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
        yield name, node, values, evaluator.run(None, dict(zip(names, values)))[0]


def main(out):
    cases, arrays, refused = [], {}, {}
    for name, node, values, output in (*onnx_cases(), *own_cases()):
        try:
            fields, inputs, parameters, y = translate(node, values, output)
        except Unsupported as why:
            refused.setdefault(str(why), []).append(name)
            continue
        fields = {"name": name, "inputs": [f"x{i}" for i in range(len(inputs))], **fields}
        step = module(fields, [x.shape for x in inputs], lambda key, shape: parameters[key.rpartition(".")[2]].reshape(shape)).double()
        at = [torch.tensor(x[None], dtype=torch.float64, requires_grad=True) for x in inputs]
        output = step(*at)
        gradients = torch.autograd.grad((output ** 2).sum() / 2, at)
        ours = output[0].detach().numpy()
        assert ours.shape == y.shape and np.abs(ours - y).max() <= 1e-5 * max(1, np.abs(y).max()), f"{name}: {np.abs(ours - y).max()}"
        cases.append(fields)
        given = {f"x{i}": x for i, x in enumerate(inputs)} | {f"gradient{i}": g[0].numpy() for i, g in enumerate(gradients)}
        arrays |= {f"{name}.{key}": a for key, a in (given | parameters | {"y": y}).items()}
    with open(f"{out}/nodes.json", "w") as file:
        file.write("[\n" + ",\n".join("  " + json.dumps(case) for case in cases) + "\n]\n")
    save(f"{out}/nodes.safetensors", arrays)
    print(f"{len(cases)} cases")
    for why, names in refused.items():
        print(f"left out, {why}: {', '.join(names)}")


if __name__ == "__main__":
    main(sys.argv[1])
