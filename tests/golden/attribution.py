"""Goldens of relevance propagation, factorisation, LIME and the teaching head:  make golden   (float64)

    attribution.py WEIGHTS_DIR OUT_DIR

Relevance: zennit 0.5.1 for its own composites; the tutorial's composite (average pools, epsilon as a share of the rms), which
no library has, in plain PyTorch. The rest: numpy, and captum's and scikit-learn's formulas written out (methods.md 7.9, 7.12).
"""
import sys
import numpy as np, torch
import torch.nn.functional as F
from torch import nn
from PIL import Image
from zennit.attribution import Gradient
from zennit.composites import EpsilonAlpha2Beta1Flat, EpsilonGammaBox, EpsilonPlus, ExcitationBackprop
from generate import CFG, HERE, MEAN, STD, save, weights
from methods import keep, uniform


class Places(nn.Module):
    """[N, C, H, W] to [N, places, C]: the head's 1x1 convolution is a linear layer at each place."""
    def forward(self, a):
        return a.flatten(2).transpose(1, 2)


class Mean(nn.Module):
    """The average over places, as zennit's Norm rule for pools sees it."""
    def __init__(self):
        super().__init__(); self.pool = nn.AdaptiveAvgPool1d(1)

    def forward(self, a):
        return self.pool(a.transpose(1, 2)).squeeze(2)


def model(w):
    t = lambda k: nn.Parameter(torch.tensor(np.array(w[k], np.float32), dtype=torch.float64))
    layers, cin, i = [], 3, 0
    for v in CFG:
        if v == "M":
            layers.append(nn.MaxPool2d(2)); i += 1
            continue
        conv = nn.Conv2d(cin, v, 3, padding=1).double()
        conv.weight, conv.bias = t(f"features.{i}.weight"), t(f"features.{i}.bias")
        layers += [conv, nn.ReLU()]; cin = v; i += 2
    hidden, output = nn.Linear(512, 1280).double(), nn.Linear(1280, 1000).double()
    hidden.weight, hidden.bias = t("head.hidden.weight"), t("head.hidden.bias")
    hidden.weight = nn.Parameter(hidden.weight.reshape(1280, 512))
    output.weight, output.bias = t("head.output.weight"), t("head.output.bias")
    return nn.Sequential(*layers, Places(), hidden, nn.ReLU(), Mean(), output)


def tutorial(net, x, c, low, high, gamma=.25, share=.25):
    """Montavon et al. 2019, sec. 10.3; returns the relevance of what each layer reads."""
    acts = [x]
    with torch.no_grad():
        for layer in net:
            acts.append(layer(acts[-1]))
    r = torch.zeros_like(acts[-1]); r[0, c] = acts[-1][0, c]
    stab = lambda z: z + 1e-9 * torch.where(z >= 0, 1., -1.)
    out = {}
    for i in reversed(range(len(net))):
        layer, a = net[i], acts[i].detach().clone().requires_grad_(True)
        if isinstance(layer, (nn.ReLU,)):
            pass
        elif isinstance(layer, (Places, Mean)):
            z = layer(a)
            if isinstance(layer, Places):
                r, = torch.autograd.grad(z, a, r)
            else:
                g, = torch.autograd.grad(z, a, torch.where(r == 0, 0., r / stab(z.detach())))
                r = a.detach() * g
        elif i == 0:
            lo, hi = low.clone().requires_grad_(True), high.clone().requires_grad_(True)
            conv = lambda x, w, b: F.conv2d(x, w, b, padding=1)
            W, b = layer.weight.detach(), layer.bias.detach()
            z = conv(a, W, b) - conv(lo, W.clamp(min=0), b.clamp(min=0)) - conv(hi, W.clamp(max=0), b.clamp(max=0))
            ga, gl, gh = torch.autograd.grad(z, (a, lo, hi), torch.where(r == 0, 0., r / stab(z.detach())))
            r = (a * ga + lo * gl + hi * gh).detach()
        else:
            if isinstance(layer, nn.MaxPool2d):
                z, eps = F.avg_pool2d(a, 2), 0.
            elif isinstance(layer, nn.Linear):
                z, eps = layer(a), 1e-9
                eps *= float((z.detach() ** 2).mean().sqrt()) if i != len(net) - 1 else abs(float(z[0, c]))
            else:
                W, b = layer.weight.detach(), layer.bias.detach()
                if i <= 16:
                    z, eps = F.conv2d(a, W + gamma * W.clamp(min=0), b + gamma * b.clamp(min=0), padding=1), 0.
                else:
                    z = F.conv2d(a, W, b, padding=1); eps = share * float((z.detach() ** 2).mean().sqrt())
            zd = z.detach(); s = torch.where(zd >= 0, 1., -1.)
            g, = torch.autograd.grad(z, a, torch.where(r == 0, 0., r / (zd + (eps + 1e-9) * s)))
            r = (a * g).detach()
        out[i] = r
    return out


def lime(score, x, side=8, samples=96, width=.25, ridge=1.):
    h = x.shape[2]
    owner = (np.arange(h)[:, None] * side // h * side + np.arange(h)[None] * side // h).ravel()
    n = side * side
    flat = x[0].reshape(3, -1).numpy()
    grey = np.stack([[flat[c][owner == k].mean() for k in range(n)] for c in range(3)])
    on = np.stack([np.ones(n) if i == 0 else (uniform(i % 3, i // 3, n) < .5).astype(float) for i in range(samples)])
    y = []
    for bits in on:
        z = np.where(bits[owner][None] > 0, flat, grey[:, owner])
        y.append(score(torch.tensor(z.reshape(1, 3, h, h))))
    y = np.array(y)
    def fit(on, y):
        k = np.sqrt(np.exp(-((1 - np.sqrt(on.sum(1) / n)) / width) ** 2))
        mx, my = (k[:, None] * on).sum(0) / k.sum(), (k * y).sum() / k.sum()
        X, Y = on - mx, y - my
        w = np.linalg.solve(X.T @ (k[:, None] * X) + ridge * np.eye(n), X.T @ (k * Y))
        return w, 1 - (k * (Y - X @ w) ** 2).sum() / (k * Y ** 2).sum()
    w, r2 = fit(on, y)
    # how far the coefficients of the three seeds lie apart, each from its third of the samples
    spread = np.std([fit(on[t::3], y[t::3])[0] for t in range(3)], axis=0, ddof=1).mean()
    return w[owner], r2, spread


def nmf(a, parts=5, rounds=100, seed=0):
    """a: [C, places]"""
    scale = np.sqrt(a.mean() / parts)
    h = scale * uniform(seed, 0, parts * a.shape[0]).reshape(parts, -1)
    w = scale * uniform(seed, 1, parts * a.shape[1]).reshape(parts, -1)
    for _ in range(rounds):
        h *= (w @ a.T) / (w @ w.T @ h + 1e-12)
        w *= (h @ a) / (h @ h.T @ w + 1e-12)
    return w, h


def main(weights_dir, out):
    w = weights(weights_dir)
    net = model(w).eval()
    pixels = np.asarray(Image.open(f"{HERE}/photo224.png").convert("RGB"), np.float64)
    norm = lambda p: torch.tensor(((p / 255. - MEAN) / STD).transpose(2, 0, 1)[None])
    x, low, high = norm(pixels), norm(np.zeros_like(pixels)), norm(np.full_like(pixels, 255.))
    with torch.no_grad():
        logits = net(x)
    c = int(logits.argmax())
    seed = torch.zeros_like(logits); seed[0, c] = logits[0, c]
    out_ = {"class": np.array([c], np.float32), "logit": logits[0, c:c + 1].detach().numpy()}

    relevance = tutorial(net, x, c, low, high)
    out_["lrp.tutorial"] = keep(relevance[0].sum(1))
    out_["lrp.tutorial.layers"] = np.array([float(relevance[i].sum()) for i in range(31)])
    for name, composite in {"gamma_box": EpsilonGammaBox(low=low, high=high), "epsilon_plus": EpsilonPlus(),
                            "alpha2_beta1_flat": EpsilonAlpha2Beta1Flat(),
                            "excitation": ExcitationBackprop(zero_params=["bias"])}.items():
        with Gradient(model=net, composite=composite) as attributor:
            _, r = attributor(x.clone(), seed)
        out_[f"lrp.{name}"] = keep(r.sum(1))
        print(name, float(r.sum() / logits[0, c]))

    with torch.no_grad():
        a = net[:30](x)
        parts, _ = nmf(a[0].reshape(512, -1).numpy())
        out_["dff.places"] = parts / np.linalg.norm(parts, axis=1, keepdims=True)
        score = lambda z: float(net(z).softmax(1)[0, c])
        coefficients, r2, spread = lime(score, x)
        out_["lime"], out_["lime.r2"], out_["lime.spread"] = keep(torch.tensor(coefficients)), np.array([r2]), np.array([spread])
    save(f"{out}/attribution_224.safetensors", {k: np.asarray(v) for k, v in out_.items()})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
