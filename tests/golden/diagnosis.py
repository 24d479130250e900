"""Goldens of the laboratories:  make golden   (foolbox, imagecorruptions, Quantus, scikit-image, scipy; model in float64)

    diagnosis.py WEIGHTS_DIR OUT_DIR

Pictures are kept at 4096 fixed places (generate.py); random corruptions as the moments of what they change.
"""
import math, random, sys, types
import numpy as np, torch
import torch.nn.functional as F
from PIL import Image
from generate import HERE, MEAN, STD, network, save, weights
from methods import uniform

# imagecorruptions is older than its libraries: a module that moved, one that is gone, an argument that was renamed
import scipy.ndimage, skimage.filters
sys.modules["scipy.ndimage.interpolation"] = types.SimpleNamespace(map_coordinates=scipy.ndimage.map_coordinates)
sys.modules["pkg_resources"] = types.SimpleNamespace(resource_filename=lambda *a: "")
import imagecorruptions.corruptions as IC
IC.gaussian = lambda x, sigma, multichannel: skimage.filters.gaussian(x, sigma=sigma, channel_axis=-1)

import foolbox, quantus
from quantus.functions.perturb_func import noisy_linear_imputation
from skimage.metrics import structural_similarity
from skimage.feature import hog
from scipy.stats import spearmanr

EXACT = ("gaussian_blur", "defocus_blur", "brightness", "contrast", "saturate", "jpeg_compression", "pixelate")
RANDOM = ("gaussian_noise", "shot_noise", "impulse_noise", "speckle_noise")
BOX = (20, 20, 60, 60)  # per cent: left, top, width, height


def keep(a):
    a = np.asarray(a, np.float64).ravel()
    return a if a.size <= 4096 else a[(np.arange(4096, dtype=np.int64) * 1000003) % a.size]


class Model(torch.nn.Module):
    def __init__(self, w):
        super().__init__()
        self.stages, _ = network(w)
        t = lambda k: torch.tensor(np.array(w[k], np.float32), dtype=torch.float64)
        self.head = [t(f"head.{k}") for k in ("hidden.weight", "hidden.bias", "output.weight", "output.bias")]

    def forward(self, x):
        """of a normalised picture"""
        W1, b1, W2, b2 = self.head
        for stage in self.stages:
            x = stage(x)
        return F.linear(F.relu(F.conv2d(x, W1, b1)).mean((2, 3)), W2, b2)


def attacks(model, x, c, out):
    fmodel = foolbox.PyTorchModel(model.eval(), bounds=(0, 1), preprocessing=dict(mean=list(MEAN), std=list(STD), axis=-3))
    label, eps = torch.tensor([c]), 2 / 255
    fb = foolbox.attacks
    for name, attack, e in (
        ("fgsm", fb.LinfFastGradientAttack(random_start=False), eps),
        ("pgd3", fb.LinfProjectedGradientDescentAttack(steps=3, rel_stepsize=.25, random_start=False), eps),
        ("pgd", fb.LinfProjectedGradientDescentAttack(steps=10, rel_stepsize=.25, random_start=False), eps),
        ("pgd_l2_3", fb.L2ProjectedGradientDescentAttack(steps=3, rel_stepsize=.25, random_start=False), eps * math.sqrt(x.numel())),
        ("pgd_l2", fb.L2ProjectedGradientDescentAttack(steps=10, rel_stepsize=.25, random_start=False), eps * math.sqrt(x.numel())),
        ("deepfool", fb.L2DeepFoolAttack(steps=50, candidates=10, overshoot=.02, loss="logits"), None),
    ):
        _, (adv,), _ = attack(fmodel, x, label, epsilons=[e])
        with torch.no_grad():
            p = fmodel(adv).softmax(1)[0]
        out[f"attack.{name}"] = keep(adv - x)
        out[f"attack.{name}.p"] = np.array([p[c], p.max(), p.argmax(), (adv - x).norm()])
        print(name, out[f"attack.{name}.p"])


def corruptions(pixels, out):
    photo = Image.fromarray(pixels)
    for name in EXACT:
        for s in range(1, 6):
            y = np.asarray(getattr(IC, name)(photo, s), np.float64) / 255
            out[f"corruption.{name}.{s}"] = keep(y.transpose(2, 0, 1))
    for name in RANDOM:
        for s in range(1, 6):
            np.random.seed(s)
            d = np.asarray(getattr(IC, name)(photo, s)) / 255 - pixels / 255
            out[f"corruption.{name}.{s}"] = np.array([d.mean(), d.std(), np.abs(d).mean(), (d == 0).mean()])


def normalised(unit):
    return (unit - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)


def grad_cam(model, x, c):
    a = x
    for stage in model.stages[:30]:
        a = stage(a)
    a = a.detach().requires_grad_(True)
    W1, b1, W2, b2 = model.head
    F.linear(F.relu(F.conv2d(model.stages[30](a), W1, b1)).mean((2, 3)), W2, b2)[0, c].backward()
    m = (a.grad.mean((2, 3), keepdim=True) * a).sum(1, keepdim=True).clamp(min=0)
    return F.interpolate(m.detach(), size=(224, 224), mode="bilinear", align_corners=False)[0, 0].numpy()


def metrics(model, unit, c, out):
    x = normalised(unit)
    logit = lambda z: float(model(z)[0, c])
    prob = lambda z: float(model(z).softmax(1)[0, c])
    # Grad-CAM at relu5_3, enlarged: the map that is judged
    m = grad_cam(model, x, c)
    # max-sensitivity as its authors compute it (Yeh et al., get_exp_sensitivity), with the product's own noise
    worst = 0.
    for copy in range(3):
        moved = unit + .02 * (2 * torch.tensor(uniform(0, 1 + copy, unit.numel())).view_as(unit) - 1)
        worst = max(worst, np.linalg.norm(grad_cam(model, normalised(moved), c) - m) / np.linalg.norm(m))
    out["metric.max_sensitivity"] = np.array([worst])
    # completeness of integrated gradients (captum's convergence delta, relative), Gauss-Legendre, 50 steps, from black
    nodes, weight = np.polynomial.legendre.leggauss(50)
    black, total = normalised(torch.zeros_like(unit)), 0.
    for node, wk in zip((nodes + 1) / 2, weight / 2):
        z = (black + node * (x - black)).requires_grad_(True)
        model(z)[0, c].backward()
        total += wk * float((z.grad * (x - black)).sum())
    drop = logit(x) - logit(black)
    out["metric.completeness"] = np.array([abs(total - drop) / abs(drop)])
    left, top, w, h = (round(v * 2.24) for v in BOX)
    inside = lambda i, low, size: low <= (i + .5) / 2.24 < low + size
    mask = np.array([[inside(r, BOX[1], BOX[3]) and inside(k, BOX[0], BOX[2]) for k in range(224)] for r in range(224)])
    batch = lambda v: v[None, None].copy()
    out["metric.sparseness"] = quantus.Sparseness(disable_warnings=True).evaluate_batch(x_batch=None, a_batch=np.abs(batch(m)))
    out["metric.energy_inside"] = quantus.RelevanceMassAccuracy(disable_warnings=True).evaluate_batch(a_batch=batch(m), s_batch=batch(mask))
    out["metric.pointing"] = quantus.PointingGame(disable_warnings=True).evaluate_batch(a_batch=batch(m), s_batch=batch(mask)).astype(float)

    with torch.no_grad():
        order = np.argsort(-m.ravel(), kind="stable")
        zeroed = lambda z, idx, to: (lambda y: (y.view(3, -1).__setitem__((slice(None), torch.tensor(idx.copy())), to.view(3, -1)[:, torch.tensor(idx.copy())]), y)[1])(z.clone().view(3, -1)).view(1, 3, 224, 224)
        # RISE/evaluation.py: gkern and CausalMetric
        k = np.zeros((11, 11)); k[5, 5] = 1
        k = torch.tensor(scipy.ndimage.gaussian_filter(k, 5))[None, None]
        blurred = torch.cat([F.conv2d(x[:, i:i + 1], k, padding=5) for i in range(3)], 1)
        steps, per = 28, 50176 // 28
        grey = torch.zeros_like(x)
        dele = np.array([prob(zeroed(x, order[:i * per], grey)) for i in range(steps + 1)])
        ins = np.array([prob(zeroed(blurred, order[:i * per], x)) for i in range(steps + 1)])
        auc = lambda v: (v.sum() - v[0] / 2 - v[-1] / 2) / (len(v) - 1)
        out["metric.deletion"], out["metric.insertion"] = np.array([auc(dele)]), np.array([auc(ins)])
        out["curve.deletion"], out["curve.insertion"] = dele, ins

        # ROAD with Quantus's imputation, without its noise
        flat, score = x[0].numpy(), []
        for share in np.arange(.1, .91, .1):
            n = int(np.float32(share) * np.float32(50176))
            most, least = (noisy_linear_imputation(flat, idx, noise=0) for idx in (order[:n], order[-n:]))
            if n == int(np.float32(.3) * np.float32(50176)):
                out["road.imputed"] = keep(most)
            score.append((prob(torch.tensor(least)[None]) - prob(torch.tensor(most)[None])) / 2)
        out["metric.road"] = np.array([np.mean(score)])

        # sensitivity-n (Ancona et al.) and infidelity (captum, normalised), subsets as src/methods/trial.rs draws them
        whole, f32 = logit(x), np.float32
        rows, corr = np.arange(224) * 14 // 224, []
        cell = rows[:, None] * 14 + rows[None]
        sizes = [1, 2, 4, 8, 16, 32, 64, 128, 156]
        for i, size in enumerate(sizes):
            told, drop = [], []
            for t in range(20):
                u = uniform(0, 1000 + i * 20 + t, 196)
                hidden = np.isin(cell, np.argsort(-u, kind="stable")[:size]).ravel()
                told.append(m.ravel()[hidden].sum()); drop.append(whole - logit(zeroed(x, np.flatnonzero(hidden), grey)))
            corr.append(quantus.similarity_func.correlation_pearson(np.array(told), np.array(drop)))
        out["curve.sensitivity_n"], out["metric.sensitivity_n"] = np.array(corr), np.array([np.mean(corr)])
        told, drop = [], []
        for t in range(50):
            u = uniform(0, 100_000 + t, 3).astype(f32)
            side = int(f32(224) * (f32(.125) + f32(.375) * u[0]))
            y0, x0 = (int(u[j] * f32(224 - side + 1)) for j in (1, 2))
            hidden = np.zeros((224, 224), bool); hidden[y0:y0 + side, x0:x0 + side] = True
            told.append(m[hidden].sum()); drop.append(whole - logit(zeroed(x, np.flatnonzero(hidden.ravel()), grey)))
        told, drop = np.array(told), np.array(drop)
        beta = (told * drop).mean() / (told ** 2).mean()
        out["metric.infidelity"] = np.array([((beta * told - drop) ** 2).mean()])

    # likeness of two maps: the photo's first two channels
    a, b = (x[0, i].numpy() * STD[i] + MEAN[i] for i in (0, 2))
    out["alike"] = np.array([spearmanr(a.ravel(), b.ravel()).statistic, structural_similarity(a, b, data_range=1),
                             np.corrcoef(*(hog(v, 9, (16, 16), (3, 3), block_norm="L2-Hys") for v in (a, b)))[0, 1]])


def main(weights_dir, path):
    torch.manual_seed(0); random.seed(0)
    model = Model(weights(weights_dir))
    pixels = np.asarray(Image.open(f"{HERE}/photo224.png").convert("RGB"))
    unit = torch.tensor((pixels / 255.).transpose(2, 0, 1)[None])
    with torch.no_grad():
        c = int(model(normalised(unit)).argmax())
    out = {}
    corruptions(pixels, out)
    metrics(model, unit, c, out)
    attacks(model, unit, c, out)
    save(f"{path}/diagnosis_224.safetensors", {k: np.asarray(v, np.float64) for k, v in out.items()})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
