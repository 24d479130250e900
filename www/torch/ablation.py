"""Ablation: what the network says with channels switched off. Morcos et al. 2018; Bau et al. 2020."""
from cnn_lens import *

photo = "photo.png"
channels = ""  # such as "relu5_3:63, relu4_3:10"

net, x = vgg16(), norm(read(photo))
off = sorted((LAYERS.index(u.split(":")[0]), int(u.split(":")[1])) for u in channels.replace(" ", "").split(",") if u)
a, at = x, None
for layer, channel in [(LAYERS[i], k) for i, k in off]:
    a = a if layer == at else net.run(a, at, layer)
    a, at = a.clone(), layer
    a[:, channel] = 0
before, after = net(x).softmax(1)[0], net(a, at).softmax(1)[0]
shown = before.topk(5).indices
result = after[shown]
for c in shown:
    print(f"class {int(c)}: {float(before[c]):.3f} -> {float(after[c]):.3f}")
