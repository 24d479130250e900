"""The small files of reader/tests/files, and what their own runtimes make of them (cases.json). Every network reads the same numbers: value
`i` of [C, H, W] is (7919 i mod 2003) / 1000 - 1.

    reader_small.py FOLDER

Each network is tiny, with seeded random weights: torch.save's zip and older format, safetensors, ONNX from torch's exporter and (channels
last, as TensorFlow's converter writes it) by hand, Keras's .keras and .h5, and a TensorFlow.js layers model made from the latter.
"""
import json, os, sys
os.environ.setdefault("KERAS_BACKEND", "torch")
import numpy as np, torch
import torch.nn.functional as F
from safetensors.torch import save_file as save_torch
from torch import nn

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from reader import lively, nhwc


class Chain(nn.Module):
    """A tutorial's network: 28 x 28 grey pixels."""
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.fc1, self.fc2 = nn.Conv2d(1, 2, 5), nn.Conv2d(2, 3, 5), nn.Linear(3 * 16, 6), nn.Linear(6, 3)

    def forward(self, x):
        for conv in (self.conv1, self.conv2): x = F.max_pool2d(F.relu(conv(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout)) if stride > 1 else None

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.downsample(x) if self.downsample else x))


class Residual(nn.Module):
    """ResNet-10 of torchvision's names, a few channels wide."""
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 7, 2, 3, bias=False), nn.BatchNorm2d(4)
        widths = [4, 4, 6, 6, 8]
        for i in range(1, 5): setattr(self, f"layer{i}", nn.Sequential(Block(widths[i - 1], widths[i], 1 if i == 1 else 2)))
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for i in range(1, 5): x = getattr(self, f"layer{i}")(x)
        return self.fc(x.mean((2, 3)))


class Mixed(nn.Module):
    """What exporters write in several operations: squeeze-and-excitation, hard swish, padding of its own, a flatten, one output."""
    def __init__(self):
        super().__init__()
        self.a, self.bn = nn.Conv2d(3, 6, 3, 2, 1, bias=False), nn.BatchNorm2d(6)
        self.depth, self.s1, self.s2 = nn.Conv2d(6, 6, (3, 5), padding=(1, 2), groups=6), nn.Conv2d(6, 2, 1), nn.Conv2d(2, 6, 1)
        self.c, self.pre = nn.Conv2d(12, 4, 3), nn.BatchNorm2d(12)
        self.fc = nn.Linear(4 * 4 * 4, 1)

    def forward(self, x):
        x = F.hardswish(self.bn(self.a(x)))
        y = F.silu(self.depth(x))
        y = y * F.hardsigmoid(self.s2(F.relu(self.s1(F.adaptive_avg_pool2d(y, 1)))))
        x = F.relu6(self.pre(torch.cat([x, y], 1)))
        x = F.max_pool2d(self.c(F.pad(x, (1, 0, 0, 1))), 3, 2, ceil_mode=True)
        x = F.avg_pool2d(x, 2, padding=1, stride=1, count_include_pad=False)
        return torch.sigmoid(self.fc(x.flatten(1)))


def channels_last_onnx(path):
    """A graph as TensorFlow's converter writes it: NHWC in and out of every convolution, a bias by Add, shapes computed."""
    import onnx
    from onnx import TensorProto, helper as h, numpy_helper as n
    rng = np.random.default_rng(4)
    f = lambda name, *shape: n.from_array((rng.normal(size=shape) * (2 / max(np.prod(shape[1:]), 2)) ** .5).astype(np.float32), name)
    i = lambda name, *values: n.from_array(np.array(values, np.int64), name)
    w = [f("w1", 4, 3, 3, 3), f("b1", 4), f("s1", 1, 1, 1, 4), f("w2", 6, 4, 3, 3), f("w3", 6 * 4 * 4, 5), f("b3", 5), i("zero", 0), i("one", 1), i("left", -1), i("axes", 0)]
    node = lambda op, inputs, output, **a: h.make_node(op, inputs, [output], name=f"node_{output}", **a)
    nodes = [
        node("Transpose", ["x"], "x1", perm=[0, 3, 1, 2]), node("Conv", ["x1", "w1"], "c1", auto_pad="SAME_UPPER", strides=[2, 2]),
        node("Transpose", ["c1"], "c1l", perm=[0, 2, 3, 1]), node("Add", ["c1l", "b1"], "a1"), node("Mul", ["s1", "a1"], "m1"), node("Relu", ["m1"], "r1"),
        node("Transpose", ["r1"], "r1f", perm=[0, 3, 1, 2]), node("Conv", ["r1f", "w2"], "c2", pads=[1, 1, 1, 1]), node("Clip", ["c2", "low", "high"], "k2"),
        node("MaxPool", ["k2"], "p2", kernel_shape=[2, 2], strides=[2, 2]), node("Transpose", ["p2"], "p2l", perm=[0, 2, 3, 1]),
        node("Shape", ["p2l"], "shape"), node("Gather", ["shape", "zero"], "batch"), node("Concat", ["batch", "left"], "target", axis=0),
        node("Reshape", ["p2l", "target"], "flat"), node("MatMul", ["flat", "w3"], "d"), node("Add", ["d", "b3"], "logits"), node("Softmax", ["logits"], "probabilities", axis=-1)]
    w += [n.from_array(np.float32(0), "low"), n.from_array(np.float32(6), "high")]
    info = lambda name, shape: h.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = h.make_graph(nodes, "tf", [info("x", ["batch", 16, 16, 3])], [info("probabilities", ["batch", 5])], w)
    onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8), path)
    whole = h.make_graph(nodes[:-1], "tf", [info("x", [1, 16, 16, 3])], [info("logits", [1, 5])], w)
    return h.make_model(whole, opset_imports=[h.make_opsetid("", 17)], ir_version=8)


def shapes(path):
    """Names and shapes of the state dicts of architectures that are recognised, 7 classes each, and how many weights each has: `# name count`,
    then `tensor 64 3 7 7`."""
    import gzip, timm, torchvision
    tv = torchvision.models
    lines = []
    with torch.device("meta"):
        for name in ("alexnet", "squeezenet1_0", "squeezenet1_1", "vgg11", "vgg13_bn", "vgg19", "resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2", "mobilenet_v2", "mobilenet_v2_half", "efficientnet_lite0", "densenet121", "densenet169"):
            half = name.endswith("_half")
            model = timm.create_model(name, num_classes=7) if "lite" in name else getattr(tv, name.removesuffix("_half"))(num_classes=7, **({"width_mult": .5} if half else {}))
            lines.append(f"# {name} {sum(p.numel() for p in model.parameters())}")
            lines += [" ".join([k, *map(str, v.shape)]) for k, v in model.state_dict().items()]
    with gzip.GzipFile(path, "wb", mtime=0) as file: file.write(("\n".join(lines) + "\n").encode())


def checkpoints(folder, case, run, chain):
    """What training scripts put around a network's tensors, and pickles that are none of torch.save's."""
    import argparse, pickle
    weights = chain.state_dict()
    optimiser = torch.optim.Adam(chain.parameters()); chain(torch.zeros(1, 1, 28, 28)).sum().backward(); optimiser.step()
    chain.load_state_dict(weights := {k: v.clone() for k, v in weights.items()})
    under = lambda prefix: {prefix + k: v for k, v in weights.items()}
    class Weights(dict): pass
    Weights.__qualname__ = "Weights"; globals()["Weights"] = Weights
    old = {"_use_new_zipfile_serialization": False}
    plain = lambda path: open(f"{folder}/{path}", "wb")
    numbers = {"best": np.float64(.93), "confusion": np.arange(9.).reshape(3, 3), "args": argparse.Namespace(lr=np.float32(1e-3)), "history": [[1, .5], [2, .25]]}
    torch.save({"model": weights, "optimizer": optimiser.state_dict(), "epoch": 3, **numbers}, f"{folder}/among_numbers.pth", **old)
    averaged = {**under("module._orig_mod."), "n_averaged": torch.tensor(3)}
    torch.save({"model_ema": averaged, "epoch": 2}, f"{folder}/averaged.pth", **old)
    torch.save({"state_dict": {**under("net."), "loss.weight": torch.ones(3), "mean": torch.zeros(1, 1, 1, 1)}, "epoch": 1}, f"{folder}/beside.ckpt", **old)
    turned = {k: v.t().contiguous().t() if v.dim() == 2 else torch.cat([v + 1, v])[len(v):] for k, v in weights.items()}
    torch.save(Weights(turned), f"{folder}/turned.pth", **old)
    with plain("tensors.pkl") as file: pickle.dump(weights, file)
    with plain("arrays.pkl") as file: pickle.dump({k: np.asfortranarray(v.numpy()) for k, v in weights.items()}, file, protocol=2)
    for file in ("among_numbers.pth", "averaged.pth", "beside.ckpt", "turned.pth", "tensors.pkl", "arrays.pkl"):
        case(file, [file], (1, 28, 28), run(chain))


def cats_and_dogs(folder, case):
    """Keras networks as tutorials of two classes make them: augmentation, scaling and a model that was trained before, all inside, one sigmoid
    at the end; and the same operators as Keras 2 keeps them, for which no Keras that still makes them is to be had."""
    import h5py, keras
    from keras import layers as L
    keras.utils.set_random_seed(8)
    rng = np.random.default_rng(8)
    def moved(model):
        for v in model.weights:
            if "seed" not in v.path: v.assign(np.abs(rng.normal(1, .2, v.shape)) if "variance" in v.path else np.asarray(v.value.detach()) + rng.normal(0, .1, v.shape))
        return model
    def two(model):
        def run(x):
            model.layers[-1].activation = keras.activations.linear
            z = np.asarray(model(nhwc(x), training=False).detach(), np.float64).flatten()
            return np.concatenate([-z / 2, z / 2])
        return run
    augmentation = lambda: keras.Sequential([L.RandomFlip("horizontal"), L.RandomRotation(.1), L.RandomZoom(.1)], name="augmentation")
    first = moved(keras.Sequential([
        L.Input((20, 20, 3)), augmentation(), L.Rescaling(1 / 255), L.Conv2D(3, 3, padding="same", activation="relu"), L.MaxPooling2D(),
        L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(), L.Dropout(.2), L.Flatten(), L.Dense(4, activation="relu"), L.Dense(1, activation="sigmoid")]))
    i = keras.Input((20, 20, 3)); x = L.ZeroPadding2D(((0, 1), (0, 1)))(i)
    x = L.Conv2D(4, 3, strides=2, use_bias=False)(x); x = L.BatchNormalization()(x); y = L.ReLU(6.)(x)
    x = L.DepthwiseConv2D(3, padding="same", use_bias=False)(y); x = L.BatchNormalization()(x); x = L.ReLU(6.)(x)
    x = L.Conv2D(4, 1, use_bias=False)(x); x = L.BatchNormalization()(x)
    base = keras.Model(i, L.Add()([x, y]), name="mobilenetv2_small")
    i = keras.Input((20, 20, 3)); x = augmentation()(i); x = x / 127.5 - 1.; x = base(x, training=False); x = L.GlobalAveragePooling2D()(x)
    second = moved(keras.Model(i, L.Dense(1, activation="sigmoid")(L.Dropout(.2)(x))))
    third = moved(keras.Sequential([L.Input((20, 20, 3)), keras.Sequential([base, L.GlobalAveragePooling2D()], name="inner"), keras.Sequential([L.Dense(5, activation="relu"), L.Dense(2, activation="softmax", use_bias=False)], name="head")]))
    for name, model in (("cats_tutorial", first), ("cats_transfer", second), ("cats_nested", third)):
        for end in ("keras", "h5"): model.save(f"{folder}/{name}.{end}")
        run = two(model)
        if model is third:
            run = lambda x: (setattr(third.layers[-1].layers[-1], "activation", keras.activations.linear), np.asarray(third(nhwc(x), training=False).detach()))[1]
        for end in ("keras", "h5"): case(f"{name}.{end}", [f"{name}.{end}"], (3, 20, 20), run)

    layer = lambda name, kind, inputs, **config: {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": inputs}
    whole = {"start": None, "stop": None, "step": None}
    layers = [
        layer("in", "InputLayer", [], batch_input_shape=[None, 12, 12, 3]),
        layer("tf.__operators__.getitem", "SlicingOpLambda", [["in", 0, 0, {"slice_spec": [{"class_name": "__ellipsis__"}, {**whole, "step": -1}]}]], function="__operators__.getitem"),
        layer("tf.nn.bias_add", "TFOpLambda", [["tf.__operators__.getitem", 0, 0, {"bias": [-.5, .25, .125], "data_format": "channels_last"}]], function="nn.bias_add"),
        layer("c", "Conv2D", [[["tf.nn.bias_add", 0, 0, {}]]], strides=[1, 1], padding="valid", activation="linear"),
        layer("tf.nn.relu6", "TFOpLambda", [["c", 0, 0, {"name": None}]], function="nn.relu6"),
        layer("tf.math.subtract", "TFOpLambda", [["_CONSTANT_VALUE", -1, 1., {"y": ["c", 0, 0], "name": None}]], function="math.subtract"),
        layer("tf.math.multiply", "TFOpLambda", [["tf.nn.relu6", 0, 0, {"y": ["tf.math.subtract", 0, 0], "name": None}]], function="math.multiply"),
        layer("tf.math.truediv", "TFOpLambda", [["tf.math.multiply", 0, 0, {"y": 3., "name": None}]], function="math.truediv"),
        layer("g", "GlobalAveragePooling2D", [[["tf.math.truediv", 0, 0, {}]]]),
        layer("d", "Dense", [[["g", 0, 0, {}]]], activation="softmax")]
    model = {"class_name": "Functional", "config": {"name": "m", "layers": layers, "input_layers": [["in", 0, 0]], "output_layers": [["d", 0, 0]]}}
    w = {"c/c/kernel:0": rng.normal(size=(3, 3, 3, 4)) / 5, "c/c/bias:0": rng.normal(size=4), "d/d/kernel:0": rng.normal(size=(4, 2)), "d/d/bias:0": rng.normal(size=2)}
    with h5py.File(f"{folder}/operators.h5", "w", libver="latest") as file:
        file.attrs["keras_version"], file.attrs["model_config"] = "2.13.1", json.dumps(model)
        for name, array in w.items(): file.create_dataset(f"model_weights/{name}", data=array.astype(np.float32))
    def operators(x):
        kernel, bias, dense, last = (torch.tensor(a).double() for a in w.values())
        x = torch.tensor(x).double().flip(1) + torch.tensor([-.5, .25, .125]).double().view(1, 3, 1, 1)
        c = F.conv2d(x, kernel.permute(3, 2, 0, 1), bias)
        return ((F.relu6(c) * (1 - c) / 3).mean((2, 3)) @ dense + last).numpy()
    case("operators.h5", ["operators.h5"], (3, 12, 12), operators)


def main(folder):
    shapes(f"{folder}/shapes.txt.gz")
    import keras, onnxruntime
    from keras import layers as L
    cases = []
    rng = np.random.default_rng(11)

    def case(name, files, shape, run):
        x = ((np.arange(np.prod(shape), dtype=np.int64) * 7919 % 2003) / 1000 - 1).astype(np.float32).reshape(1, *shape)
        cases.append({"name": name, "files": files, "shape": shape, "logits": [float(v) for v in np.asarray(run(x), np.float32).flatten()]})

    def torch_run(model):
        return lambda x: model(torch.tensor(x)).detach().numpy()

    chain = lively(Chain())
    torch.save(chain.state_dict(), f"{folder}/chain.pth")
    torch.save(chain.state_dict(), f"{folder}/chain_legacy.pth", _use_new_zipfile_serialization=False)
    save_torch({k: v.half() for k, v in chain.state_dict().items()}, f"{folder}/chain_half.safetensors")
    for p in chain.parameters(): p.data = p.data.half().float()
    case("chain_half", ["chain_half.safetensors"], (1, 28, 28), torch_run(chain))
    chain = lively(Chain())
    case("chain", ["chain.pth"], (1, 28, 28), torch_run(chain))
    case("chain_legacy", ["chain_legacy.pth"], (1, 28, 28), torch_run(chain))

    net = lively(Residual())
    torch.save({"epoch": 1, "state_dict": {f"model.{k}": v for k, v in net.state_dict().items()}, "optimizer_states": [{"exp_avg": torch.ones(2, 2)}]}, f"{folder}/lightning.ckpt")
    case("lightning", ["lightning.ckpt", "labels.txt"], (3, 224, 224), torch_run(net))
    with open(f"{folder}/labels.txt", "w") as file: file.write("\n".join(["ant", "bee", "cat", "dog", "eel"]) + "\n")

    mixed = lively(Mixed())
    torch.onnx.export(mixed, torch.zeros(1, 3, 16, 16), f"{folder}/mixed.onnx", dynamo=False)
    session = onnxruntime.InferenceSession(f"{folder}/mixed.onnx")
    logit = lambda p: np.log(p / (1 - p)).astype(np.float64)
    def two(x):
        z = logit(session.run(None, {session.get_inputs()[0].name: x})[0].astype(np.float64)).flatten()
        return np.concatenate([-z / 2, z / 2])
    case("mixed", ["mixed.onnx"], (3, 16, 16), two)

    whole = onnxruntime.InferenceSession(channels_last_onnx(f"{folder}/channels_last.onnx").SerializeToString())
    case("channels_last", ["channels_last.onnx"], (3, 16, 16), lambda x: whole.run(None, {"x": nhwc(x)})[0])

    keras.utils.set_random_seed(3)
    base = keras.Sequential([L.Input((24, 24, 3)), L.Conv2D(4, 3, name="first"), L.BatchNormalization(), L.Conv2D(6, 3, activation="relu")], name="base")
    x = i = keras.Input((24, 24, 3))
    x = L.Rescaling(1 / 127.5, offset=-1)(x); x = base(x)
    y = L.SeparableConv2D(6, 3, padding="same", activation="silu")(x); x = L.Add()([x, y])
    x = L.ZeroPadding2D(((1, 0), (2, 1)))(x); x = L.DepthwiseConv2D(3, strides=2, depth_multiplier=2)(x); x = L.BatchNormalization(scale=False)(x); x = L.ReLU(6.)(x)
    x = L.MaxPooling2D(3, 2, padding="same")(x); x = L.Concatenate()([x, L.Conv2D(3, 1, activation="hard_sigmoid")(x)])
    g = L.GlobalAveragePooling2D()(x); g = L.Reshape((1, 1, 15))(g); g = L.Dense(15, activation="sigmoid")(g); x = L.Multiply()([x, g])
    x = L.AveragePooling2D(2, padding="same")(x); x = L.Flatten()(x); x = L.BatchNormalization()(x); x = L.Dropout(.5)(x); x = L.Dense(5, activation="leaky_relu")(x)
    x = L.Dense(4, name="out", activation="softmax")(x)
    model = keras.Model(i, x)
    model.set_weights([np.abs(a) + .2 * np.abs(rng.normal(size=a.shape)) if "var" in v.path else a + .1 * rng.normal(size=a.shape) for a, v in zip(model.get_weights(), model.weights)])
    model.save(f"{folder}/functional.keras"); model.save(f"{folder}/functional.h5")
    small = keras.Sequential([L.Input((12, 12, 3)), L.Conv2D(2, 3, activation="relu"), L.MaxPooling2D(), L.Flatten(), L.Dense(3, activation="softmax")], name="small")
    small.save(f"{folder}/sequential.h5"); small.save(f"{folder}/sequential.keras")
    topology = {"keras_version": "3.15.1", "backend": "tensorflow", "model_config": {"class_name": "Sequential", "config": small.get_config()}}
    weights = [{"name": "/".join(v.path.split("/")[-2:]), "shape": list(v.shape), "dtype": "float32"} for v in small.weights]
    data = b"".join(np.asarray(v.value.detach(), np.float32).tobytes() for v in small.weights)
    with open(f"{folder}/model.json", "w") as file:
        json.dump({"format": "layers-model", "modelTopology": topology, "weightsManifest": [{"paths": ["group1-shard1of2.bin", "group1-shard2of2.bin"], "weights": weights}]}, file, default=lambda o: None)
    for k, part in enumerate((data[:301], data[301:])):
        with open(f"{folder}/group1-shard{k + 1}of2.bin", "wb") as file: file.write(part)
    def keras_run(m):
        m.layers[-1].activation = keras.activations.linear
        return lambda x: np.asarray(m(nhwc(x), training=False).detach())
    run = keras_run(model)
    case("keras", ["functional.keras"], (3, 24, 24), run)
    case("keras_h5", ["functional.h5"], (3, 24, 24), run)
    run = keras_run(small)
    case("sequential", ["sequential.keras"], (3, 12, 12), run)
    case("sequential_h5", ["sequential.h5"], (3, 12, 12), run)
    case("tfjs", ["model.json", "group1-shard1of2.bin", "group1-shard2of2.bin"], (3, 12, 12), run)
    checkpoints(folder, case, torch_run, lively(Chain()))
    cats_and_dogs(folder, case)
    with open(f"{folder}/cases.json", "w") as file:
        file.write("[\n" + ",\n".join("  " + json.dumps(c) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
