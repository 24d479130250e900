"""Corruptions in five severities (Hendrycks & Dietterich 2019); here those of one line each. All 15: pip install imagecorruptions."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
corruption = "all_kinds"
seed = 0

x = net.read(photo)
c = int(net(net.norm(x)).argmax()) if target is None else target
mean = x.mean((2, 3), keepdim=True)
rng = lambda kind, severity: normal(seed, 8 * kind + severity, x.numel()).view_as(x)
covered = lambda share: torch.arange(x.shape[-1]) * 7 / x.shape[-1] % 1 < share
KINDS = {  # the page's name, its number there, the five levels, and what is done
    "gaussian_noise": (0, [.08, .12, .18, .26, .38], lambda v, n: x + v * n),
    "speckle_noise": (3, [.15, .2, .35, .45, .6], lambda v, n: x + x * v * n),
    "contrast": (7, [.4, .3, .2, .1, .05], lambda v, n: (x - mean) * v + mean),
    "stripes": (14, [.1, .2, .3, .4, .5], lambda v, n: torch.where(covered(v), net.mean, x)),
}
assert corruption == "all_kinds" or corruption in KINDS, "that one: imagecorruptions.corrupt(photo, severity, corruption)"
result = []
for name, (kind, levels, apply) in KINDS.items():
    if corruption in ("all_kinds", name):
        number = kind if corruption == "all_kinds" else 0
        pictures = [x] + [apply(v, rng(number, i + 1)).clamp(0, 1) for i, v in enumerate(levels)]
        result.append([float(net(net.norm(y)).softmax(1)[0, c]) for y in pictures])
        print(name, " ".join(f"{p:.3f}" for p in result[-1]))
        show(pictures[3][0], f"{name}.png")
