"""Goldens of the methods:  make golden   (PyTorch autograd in float64; where a library deviates from the paper, the paper)

    methods.py WEIGHTS_DIR OUT_DIR

Class: the most probable one. Maps are kept whole up to 4096 values, else 2048 at fixed places (generate.py).
"""
import sys
import numpy as np, torch
import torch.nn.functional as F
from PIL import Image
from generate import HERE, MEAN, STD, network, save, weights
from cnn_lens import uniform

torch.manual_seed(0)
SIGMA = torch.tensor(STD, dtype=torch.float64).view(1, 3, 1, 1)


class Rule(torch.autograd.Function):
    """A ReLU with another backward pass."""
    @staticmethod
    def forward(ctx, z, rule):
        ctx.save_for_backward(z); ctx.rule = rule
        return z.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        z, = ctx.saved_tensors
        g = g * (z > 0) if ctx.rule != "deconvnet" else g
        return (g.clamp(min=0) if ctx.rule != "gradient" else g), None


def keep(a):
    a = a.detach().numpy().ravel()
    return a if a.size <= 4096 else a[(np.arange(2048, dtype=np.int64) * 1000003) % a.size]


def normal(seed, sample, n):
    u = uniform(seed, sample, 2 * n)
    return np.sqrt(-2 * np.log(u[::2])) * np.cos(2 * np.pi * u[1::2])


def main(weights_dir, out):
    w = weights(weights_dir)
    stages, _ = network(w)
    t = lambda k: torch.tensor(np.array(w[k], np.float32), dtype=torch.float64)
    W1, b1, W2, b2 = (t(f"head.{k}") for k in ("hidden.weight", "hidden.bias", "output.weight", "output.bias"))
    pixels = np.asarray(Image.open(f"{HERE}/photo224.png").convert("RGB"), np.float64)
    x = torch.tensor(((pixels / 255. - MEAN) / STD).transpose(2, 0, 1)[None])
    blank = lambda v: ((v - torch.tensor(MEAN, dtype=torch.float64).view(1, 3, 1, 1)) / SIGMA).expand_as(x)

    def run(x, rule="gradient", first=0, last=30, kept=()):
        a, out = x, {}
        for i in range(first, last + 1):
            a = Rule.apply(a, rule) if stages[i] is F.relu else stages[i](a)
            if i in kept:
                out[i] = a
        return (a, out) if kept else a

    def logits(x, rule="gradient"):
        h = Rule.apply(F.conv2d(run(x, rule), W1, b1), rule)
        return F.linear(h.mean((2, 3)), W2, b2)

    def gradient(x, rule="gradient", probability=False):
        x = x.clone().requires_grad_(True)
        s = logits(x, rule)
        (s.softmax(1) if probability else s)[0, c].backward()
        return x.grad

    with torch.no_grad():
        c = int(logits(x).argmax())
    g = gradient(x)
    out_ = {"class": np.array([c], np.float32), "saliency.max": keep(g.abs().amax(1)), "saliency.sum": keep(g.abs().sum(1)),
            "saliency.times_input": keep((g * x).sum(1)), "saliency.probability": keep(gradient(x, probability=True).abs().amax(1)),
            "guided_backprop.guided": keep(gradient(x, "guided")), "guided_backprop.deconvnet": keep(gradient(x, "deconvnet"))}

    nodes, w_ = np.polynomial.legendre.leggauss(50)
    nodes, w_ = (nodes + 1) / 2, w_ / 2
    path = sum(wk * gradient(blank(0.) + a * (x - blank(0.))) for a, wk in zip(nodes, w_))
    out_["integrated_gradients"] = keep(((x - blank(0.)) * path).sum(1))

    sigma = .15 * (pixels.max() - pixels.min()) / 255
    noisy = [x + sigma * torch.tensor(normal(0, k, x.numel())).view_as(x) / SIGMA for k in range(4)]
    gs = torch.stack([gradient(n) for n in noisy])
    out_["smooth_grad.mean"] = keep(gs.mean(0).abs().amax(1))
    out_["smooth_grad.squares"] = keep((gs ** 2).mean(0).amax(1))
    out_["smooth_grad.variance"] = keep(gs.var(0, correction=0).amax(1))

    for name, layer in (("relu5_3", 29), ("relu4_3", 22)):
        a = run(x, last=layer).detach().requires_grad_(True)
        h = F.relu(F.conv2d(run(a, first=layer + 1), W1, b1))
        F.linear(h.mean((2, 3)), W2, b2)[0, c].backward()
        d, whole = a.grad, a.sum((2, 3), keepdim=True)
        below = 2 * d ** 2 + whole * d ** 3 + 1e-6
        alpha = torch.where((d == 0) | (below <= 0), torch.zeros_like(d), d ** 2 / below)
        maps = {"grad_cam": d.mean((2, 3), keepdim=True) * a, "xgrad_cam": (d * a).sum((2, 3), keepdim=True) / (whole + 1e-7) * a,
                "grad_cam_pp": (alpha * d.clamp(min=0)).sum((2, 3), keepdim=True) * a, "hires_cam": d * a, "layer_cam": d.clamp(min=0) * a}
        for kind, m in maps.items():
            out_[f"{kind}.{name}"] = keep(m.sum(1).clamp(min=0))

    for name, layer in (("relu5_3", 29), ("relu3_3", 15)):
        with torch.no_grad():
            a = run(x, last=layer)
        k = int(a.sum((2, 3)).argmax())
        seed = torch.zeros_like(a); at = int(a[0, k].argmax())
        seed[0, k].view(-1)[at] = a[0, k].view(-1)[at]
        y = x.clone().requires_grad_(True)
        run(y, "deconvnet", last=layer).backward(seed)
        out_[f"deconvnet.{name}"] = keep(y.grad)

    with torch.no_grad():
        a = run(x, last=29)
        grey = logits(torch.zeros_like(x)).softmax(1)[0, c]
        m = torch.zeros_like(a[:, 0])
        for k in a[0].std((1, 2), correction=0).topk(8).indices:
            u = (a[:, k] - a[:, k].min()) / (a[:, k].max() - a[:, k].min())
            mask = F.interpolate(u[None], size=(224, 224), mode="bilinear", align_corners=False)
            m += (logits(x * mask).softmax(1)[0, c] - grey) * a[:, k]
        out_["score_cam"] = keep(m.clamp(min=0))
        s, m = logits(x)[0, c], torch.zeros_like(a[:, 0])
        for k in range(512):
            z = a.clone(); z[:, k] = 0
            h = F.relu(F.conv2d(run(z, first=30), W1, b1))
            m += (s - F.linear(h.mean((2, 3)), W2, b2)[0, c]) / s * a[:, k]
        out_["ablation_cam"] = keep(m.clamp(min=0))
        total = torch.zeros(224, 224, dtype=torch.float64)
        for k in range(16):
            u = uniform(0, k, 51)
            coins = torch.tensor((u[:49] < .5).astype(np.float64)).view(1, 1, 7, 7)
            large = F.interpolate(coins, size=(256, 256), mode="bilinear", align_corners=False)[0, 0]
            left, above = int(u[49] * 32), int(u[50] * 32)
            mask = large[above:above + 224, left:left + 224]
            total += logits(x * mask).softmax(1)[0, c] * mask / (16 * .5)
        out_["rise"] = keep(total - total.mean())
        s = logits(x)[0, c]
        total, covers = torch.zeros(224, 224, dtype=torch.float64), torch.zeros(224, 224, dtype=torch.float64)
        for top in range(0, 169, 28):
            for left in range(0, 169, 28):
                z = x.clone(); z[..., top:top + 56, left:left + 56] = 0
                total[top:top + 56, left:left + 56] += s - logits(z)[0, c]
                covers[top:top + 56, left:left + 56] += 1
        out_["occlusion"] = keep(total / covers)
    save(f"{out}/methods_224.safetensors", {k: np.asarray(v) for k, v in out_.items()})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
