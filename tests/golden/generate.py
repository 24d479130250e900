"""Regenerate the golden files:  make golden   (PyTorch in float64, on the CPU)

    generate.py WEIGHTS OUT_DIR     WEIGHTS: float32 source.safetensors, or the folder `weights/` (then dequantised here)

The photo is photo224.png (scikit-image's `chelsea`, CC0, centre 300 square resized to 224). Per stage we keep the number of
values, their sum of squares, and 2048 of them at fixed places (k * 1000003 mod n); whole tensors would be 60 MB.
"""
import json, os, sys
import numpy as np, torch
import torch.nn.functional as F
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../../www/torch")
sys.dont_write_bytecode = True
from cnn_lens import DTYPES, safetensors, tensors

CFG = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]
MEAN, STD = [.485, .456, .406], [.229, .224, .225]


def weights(path):
    if os.path.isfile(path):
        return safetensors(open(path, "rb").read())
    return tensors(path, ("shards", "extras"))


def pool(x):
    """PyTorch's own, the first of equal values; equal but for float64's last digits is equal (flat areas have such windows)."""
    at = F.max_pool2d(x.detach().round(decimals=9), 2, return_indices=True)[1]
    return x.flatten(2).gather(2, at.flatten(2)).view(at.shape)


def network(w, dtype=torch.float64):
    t = lambda k: torch.tensor(np.array(w[k], np.float32), dtype=dtype)
    stages, i = [], 0
    for c in CFG:
        if c == "M":
            stages.append(pool); i += 1
        else:
            stages.append(lambda x, W=t(f"features.{i}.weight"), b=t(f"features.{i}.bias"): F.conv2d(x, W, b, padding=1))
            stages.append(F.relu); i += 2

    def head(a, W1=t("head.hidden.weight"), b1=t("head.hidden.bias"), W2=t("head.output.weight"), b2=t("head.output.bias")):
        h = F.relu(F.conv2d(a, W1, b1))
        return h, F.linear(h.mean((2, 3)), W2, b2)
    return stages, head


def header(arrays):
    """What stands before the arrays' bytes in a safetensors file."""
    head, off = {}, 0
    for k, a in arrays.items():
        dtype = next(name for name, kind in DTYPES.items() if np.dtype(kind) == a.dtype)
        head[k] = dict(dtype=dtype, shape=list(a.shape), data_offsets=[off, off + a.nbytes]); off += a.nbytes
    text = json.dumps(head).encode(); text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def save(path, arrays):
    arrays = {k: np.asarray(a, "<f4") for k, a in arrays.items()}
    with open(path, "wb") as f:
        f.write(header(arrays))
        for a in arrays.values():
            f.write(a.tobytes())
    print(path, len(arrays), sum(a.nbytes for a in arrays.values()))


def sample(a):
    a = a.detach().numpy().ravel()
    return a[(np.arange(min(2048, a.size), dtype=np.int64) * 1000003) % a.size]


def golden(w, pixels, out):
    stages, head = network(w)
    x = torch.tensor(((pixels / 255. - MEAN) / STD).transpose(2, 0, 1)[None]).requires_grad_(True)
    g, a = {}, x
    for i, s in enumerate(stages):
        a = s(a)
        g[f"stage.{i}"] = sample(a)
        g[f"norm.{i}"] = np.array([a.numel(), float((a ** 2).sum())])
        if i == 29:
            relu5_3 = a
    hidden, logits = head(a)
    g["logits"] = logits[0].detach().numpy()
    c = int(logits.argmax())
    W2 = torch.tensor(np.array(w["head.output.weight"]), dtype=torch.float64)
    g["cam"] = torch.einsum("k,khw->hw", W2[c], hidden[0]).detach().numpy()
    for name, v in (("gradient.logit", logits[0, c]), ("gradient.channel63", relu5_3[0, 63].mean())):
        d, = torch.autograd.grad(v, x, retain_graph=True)
        g[name] = sample(d); g[name + ".norm"] = np.array([d.numel(), float((d ** 2).sum())])
    save(out, g)


def flat(side):
    """Three colours without noise: all four values of most pooling windows are equal, and the first one has the gradient."""
    a = np.full((side, side, 3), 200.)
    a[8:30, 12:40], a[36:56, 30:58] = [180., 60., 40.], [30., 80., 160.]
    return a


if __name__ == "__main__":
    path, out = sys.argv[1:3]
    w = weights(path)
    photo = Image.open(f"{HERE}/photo224.png").convert("RGB")
    suffix = "float" if os.path.isfile(path) else "packed"
    golden(w, np.asarray(photo, np.float64), f"{out}/vgg16_224_{suffix}.safetensors")
    golden(w, np.asarray(photo.crop((80, 60, 144, 124)), np.float64), f"{out}/vgg16_64_{suffix}.safetensors")
    if suffix == "packed":
        golden(w, flat(64), f"{out}/vgg16_64_flat.safetensors")
