"""Ablation-CAM: channels weighed with what the score loses without them. Desai & Ramaswamy 2020, eq. 3 and 4."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
layer = "relu5_3"

x = net.norm(net.read(photo))
a = net.run(x, until=layer)
c = int(net(x).argmax()) if target is None else target
whole, without = net(a, layer)[0, c], []
for k in range(a.shape[1]):
    b = a.clone(); b[:, k] = 0
    without.append(net(b, layer)[0, c])
lost = (whole - torch.stack(without)) / whole.abs()
result = torch.einsum("k,khw->hw", lost, a[0]).clamp(min=0)
show(result)
