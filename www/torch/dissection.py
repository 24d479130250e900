"""Network dissection: which channels fire where a concept is. Bau et al. 2017, eq. 1. Here the concept is a box that you mark."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
layer = "relu5_3"
region = "box 20 20 60 60"  # per cent: left, top, width, height
quantile = 0.005

side = 112 if net.card["input"]["any_size"] else net.side
x = net.norm(small(net.read(photo), side))
a = net.run(x, until=layer)
left, top, w, h = (float(v) for v in region.split()[1:])
at = (torch.arange(side) + .5) * 100 / side
concept = ((at >= top) & (at < top + h))[:, None] & ((at >= left) & (at < left + w))[None]
threshold = torch.quantile(a[0].flatten(1), 1 - quantile, dim=1, interpolation="nearest")
fires = sized(a, x)[0] > threshold[:, None, None]
iou = (fires & concept).sum((1, 2)) / (fires | concept).sum((1, 2)).clamp(min=1)
for k in iou.topk(8).indices:
    print(f"{layer}:{int(k)} IoU {float(iou[k]):.3f}")
result = float(iou.max())
