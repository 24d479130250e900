"""Score-CAM: channels weighed with what the class gains when only their places are seen. Wang et al. 2020, alg. 1."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
layer = "relu5_3"
channels = 64
weights = "rise"

x = net.norm(net.read(photo))
a = net.run(x, until=layer)[0]
if target is None:
    target = int(net(x).argmax())
p = lambda x: float(net.score(x, target, score="probability"))
tried = a.std((1, 2), correction=0).topk(channels).indices
masks = [(a[k] - a[k].min()) / (a[k].max() - a[k].min()).clamp(min=1e-12) for k in tried]
rise = torch.tensor([p(x * sized(m[None, None], x)) for m in masks]) - p(torch.zeros_like(x))
rise = rise.softmax(0) if weights == "softmax" else rise
result = torch.einsum("k,khw->hw", rise, a[tried]).clamp(min=0)
show(result)
