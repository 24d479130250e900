"""Sanity check: does the map change when the network's weights are drawn anew, from the top down? Adebayo et al. 2018. Here: saliency."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
draws = 3
weights_seed = 42

x = net.norm(net.read(photo))
c = int(net(x).argmax()) if target is None else target
heat = lambda net: gradient(net, x, c).abs().amax(1).flatten().numpy()


def ranks(v):
    """Spearman's: equal values share the mean of their ranks."""
    _, at, count = np.unique(v, return_inverse=True, return_counts=True)
    return (count.cumsum() - count / 2)[at]


own, result = heat(net), []
for seed in range(weights_seed, weights_seed + draws):
    drawn, row = deepcopy(net), []
    for k, name in enumerate(net.weighted):
        stream, first = (2 ** 64 - 1, k << 40) if net.in_head(name) else (net.index[name], 0)
        for v in drawn[name].parameters():
            v.data = v.std(correction=0) * normal(seed, stream, v.numel(), first).view_as(v) if v.ndim > 1 else torch.zeros_like(v)
        row.append(float(np.corrcoef(ranks(own), ranks(heat(drawn)))[0, 1]))
    result.append(row)
result = np.mean(result, 0)
print("rank correlation, layers drawn from the top:", result.round(3))
