"""Sanity check: does the map change when the network's weights are drawn anew, from the top down? Adebayo et al. 2018. Here: saliency."""
from cnn_lens import *

photo = "photo.png"
target = None
draws = 3
weights_seed = 42

x = norm(read(photo))
c = int(vgg16()(x).argmax()) if target is None else target
heat = lambda net: gradient(net, x, c).abs().amax(1).flatten().numpy()
ranks = lambda v: np.argsort(np.argsort(v))  # Spearman's, without ties
own, result = heat(vgg16()), []
for seed in range(weights_seed, weights_seed + draws):
    net = vgg16()
    parts = [(net.output, 2 ** 64 - 1, 0), (net.hidden[0], 2 ** 64 - 1, 1 << 40)]
    parts += [(net.features[i], i, 0) for i in reversed(range(30)) if isinstance(net.features[i], nn.Conv2d)]
    row = []
    for part, sample, first in parts:
        w = part.weight
        part.weight.data = w.std(correction=0) * normal(seed, sample, w.numel(), first).view_as(w)
        part.bias.data.zero_()
        row.append(float(np.corrcoef(ranks(own), ranks(heat(net)))[0, 1]))
    result.append(row)
result = np.mean(result, 0)
print("rank correlation, layers drawn from the top:", result.round(3))
