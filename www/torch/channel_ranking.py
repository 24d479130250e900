"""Channels by what the class loses without them, those with the largest gradient times activation tried first. Morcos et al. 2018; Zhou et al. 2018."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
layer = "relu5_3"
tried = 64

x = net.norm(net.read(photo))
before = net(x)[0]
c = int(before.argmax()) if target is None else target
a = net.run(x, until=layer).requires_grad_()
share = (torch.autograd.grad(net(a, layer)[0, c], a)[0] * a).sum((0, 2, 3))
drops = {}
for k in share.topk(tried).indices.tolist():
    b = a.detach().clone(); b[:, k] = 0
    drops[k] = float(before[c] - net(b, layer)[0, c])
ranked = sorted(drops, key=drops.get, reverse=True)
result = [drops[k] for k in ranked[:16]]
for k in ranked[:16]:
    print(f"{layer}:{k} {drops[k]:+.3f}")
