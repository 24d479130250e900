"""The layer lens's probes:  make lens   (PyTorch and the head's labelled photos; ten minutes)

    lens.py HEAD_FOLDER WEIGHTS_DIR OUT.npz

For each of the 13 ReLUs: ridge regression from the channels' means to the logits of this network's own head, over five crops of
200 photos; together reduced to 128 directions of the logits. `ranks`: the median rank of the network's class on photos held out
(ten folds). No label is used: a probe is asked what the network will say, not what is right.
"""
import glob, sys
import numpy as np, torch
from PIL import Image
sys.path.insert(0, "tests/golden")
from generate import CFG, MEAN, STD, network, weights

DIRECTIONS, RIDGE, FOLDS, CROPS = 128, 30., 10, 5


def crops(file, rng):
    picture = Image.open(file).convert("RGB")
    for k in range(CROPS):
        side = 256 if k == 0 else int(rng.integers(224, 320))
        scale = side / min(picture.size)
        p = picture.resize([max(224, round(n * scale)) for n in picture.size], Image.BILINEAR)
        dx, dy = p.size[0] - 224, p.size[1] - 224
        x, y = (dx // 2, dy // 2) if k == 0 else (int(rng.integers(0, dx + 1)), int(rng.integers(0, dy + 1)))
        a = (np.asarray(p.crop((x, y, x + 224, y + 224)), np.float32) / 255 - MEAN) / STD
        yield (a[:, ::-1] if k % 2 else a).transpose(2, 0, 1)


def features(folder, w):
    stages, head = network(w, torch.float32)
    relus = [i for i, s in enumerate(stages) if s is torch.nn.functional.relu]
    rng, x, y, photo = np.random.default_rng(0), [], [], []
    for n, file in enumerate(sorted(glob.glob(f"{folder}/dataset/test_jpg/*"))):
        a, means = torch.tensor(np.stack(list(crops(file, rng))).astype(np.float32)), []
        with torch.no_grad():
            for i, stage in enumerate(stages):
                a = stage(a)
                if i in relus:
                    means.append(a.mean((2, 3)).numpy())
            y.append(head(a)[1].numpy())
        x.append(np.concatenate(means, 1)); photo += [n] * CROPS
    return np.concatenate(x), np.concatenate(y), np.array(photo)


def fit(x, y):
    """[channels, classes] and biases."""
    mean, std, middle = x.mean(0), x.std(0) + 1e-6, y.mean(0)
    z = (x - mean) / std
    w = np.linalg.solve(z.T @ z + RIDGE * np.eye(z.shape[1]), z.T @ (y - middle)) / std[:, None]
    return w, middle - mean @ w


def directions(y):
    return np.linalg.svd(y - y.mean(0), full_matrices=False)[2][:DIRECTIONS]


def main(head, weights_dir, out):
    x, y, photo = features(head, weights(weights_dir))
    channels = [c for c in CFG if c != "M"]
    ends = np.cumsum([0] + channels)
    arrays, ranks = {}, []
    v, middle = directions(y), y.mean(0)
    for layer in range(13):
        z = x[:, ends[layer]:ends[layer + 1]].astype(np.float64)
        held = []
        for fold in range(FOLDS):
            test = photo % FOLDS == fold
            w, b = fit(z[~test], y[~test]); u, m = directions(y[~test]), y[~test].mean(0)
            told = (z[test] @ w + b - m) @ u.T @ u + m
            first = np.arange(test.sum()) % CROPS == 0
            held += [(t > t[k]).sum() + 1 for t, k in zip(told[first], y[test][first].argmax(1))]
        ranks.append(float(np.median(held)))
        w, b = fit(z, y)
        arrays[f"lens.{layer}.weight"], arrays[f"lens.{layer}.bias"] = (w @ v.T).T, (b - middle) @ v.T
        print(f"layer {layer + 1}: median rank {ranks[-1]} on photos held out")
    arrays.update({"lens.output.weight": v.T, "lens.output.bias": middle, "lens.ranks.bias": np.array(ranks)})
    np.savez_compressed(out, **{k: a.astype(np.float16 if k.endswith("weight") else np.float32) for k, a in arrays.items()})


if __name__ == "__main__":
    main(*sys.argv[1:4])
