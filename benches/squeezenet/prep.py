"""What the peers of the SqueezeNet benchmark are given:  python prep.py WEIGHTS OUT

OUT/model.onnx (logits of one picture, and nothing else), OUT/graph.json and OUT/weights.bin (the same network for tfjs: kernels as
[rows, columns, in, out], float32), OUT/x.bin (a normalised picture, [3, 224, 224]), OUT/logits.bin, OUT/gradient.bin (of the most
probable class's logit, PyTorch in float64). The arrays are the ones that the page ships, unpacked.
"""
import json, os, sys
import numpy as np, onnx, torch, torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{ROOT}/www/torch")
sys.dont_write_bytecode = True
from cnn_lens import read, tensors

folder, out = sys.argv[1:3]
card, arrays = json.load(open(f"{folder}/card.json")), tensors(folder)
os.makedirs(out, exist_ok=True)
SIZE, nodes = card["input"]["size"], card["nodes"]

# onnx
made = [numpy_helper.from_array(a, name) for name, a in arrays.items()]
both = lambda node, key, default: list(node.get(key, default))
steps = []
for n in nodes:
    op, name, reads = n["op"], n["name"], list(n["inputs"])
    window = lambda: dict(kernel_shape=n["kernel"], strides=both(n, "stride", [1, 1]), pads=both(n, "pad", [0] * 4))
    kind, extra, more = {
        "conv": lambda: ("Conv", dict(window(), group=n.get("groups", 1)), [f"{name}.weight", f"{name}.bias"]),
        "activation": lambda: ("Relu", {}, []),
        "max_pool": lambda: ("MaxPool", dict(window(), ceil_mode=int(n.get("ceil", False))), []),
        "concat": lambda: ("Concat", dict(axis=1), []),
        "global_avg_pool": lambda: ("GlobalAveragePool", {}, []),
    }[op]()
    assert op != "activation" or n["kind"] == "relu"
    steps.append(helper.make_node(kind, reads + more, [name], **extra))
value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
graph = helper.make_graph(steps, card["id"], [value("input", [1, 3, SIZE, SIZE])], [value(card["output"], [1, 1000, 1, 1])], made)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), f"{out}/model.onnx")

# tfjs
flat, at, places = [], 0, {}
for name, a in arrays.items():
    a = a.transpose(2, 3, 1, 0) if a.ndim == 4 else a
    places[name] = dict(at=at, shape=list(a.shape))
    flat.append(np.ascontiguousarray(a, "<f4").ravel())
    at += a.size
np.concatenate(flat).tofile(f"{out}/weights.bin")

# the picture, the answer and its gradient
pre = card["preprocessing"]
x = read(f"{ROOT}/www/examples/cat.jpg", SIZE).double() * pre["scale"]
x = x.flip(1) if pre["order"] == "bgr" else x
per = lambda key: torch.tensor(pre[key], dtype=torch.float64).view(1, -1, 1, 1)
x = ((x - per("mean")) / per("std")).float()
w = {name: torch.from_numpy(a.copy()).double() for name, a in arrays.items()}


def run(x):
    values = {"input": x}
    for n in nodes:
        name, reads = n["name"], [values[i] for i in n["inputs"]]
        if n["op"] == "conv":
            top, left, *_ = n.get("pad", [0] * 4)
            y = F.conv2d(reads[0], w[f"{name}.weight"], w[f"{name}.bias"], n.get("stride", [1, 1]), (top, left))
        elif n["op"] == "max_pool":
            y = F.max_pool2d(reads[0], n["kernel"], n["stride"], ceil_mode=n.get("ceil", False))
        else:
            y = {"activation": lambda: reads[0].relu(), "concat": lambda: torch.cat(reads, 1),
                 "global_avg_pool": lambda: reads[0].mean((2, 3), keepdim=True)}[n["op"]]()
        values[name] = y
    return values[card["output"]].flatten()


x64 = x.double().requires_grad_()
logits = run(x64)
best = int(logits.argmax())
(gradient,) = torch.autograd.grad(logits[best], x64)
for name, a in dict(x=x, logits=logits, gradient=gradient).items():
    a.detach().numpy().astype("<f4").tofile(f"{out}/{name}.bin")
json.dump(dict(size=SIZE, nodes=nodes, output=card["output"], order=card["preprocessing"]["order"], arrays=places, channel=best), open(f"{out}/graph.json", "w"))
print(f"{out}: class {best}, logit {logits[best].item():.3f}")
