"""Ablation: what the network says with channels switched off. Morcos et al. 2018; Bau et al. 2020."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
channels = ""  # such as "relu5_3:63, relu4_3:10"

x = net.norm(net.read(photo))
before = net(x).softmax(1)[0]
for layer, channel in (unit.split(":") for unit in channels.replace(" ", "").split(",") if unit):
    net[layer].register_forward_hook(lambda module, below, a, k=int(channel): a * (torch.arange(a.shape[1]) != k).view(-1, 1, 1))
after = net(x).softmax(1)[0]
shown = before.topk(5).indices
result = after[shown]
for c in shown:
    print(f"class {int(c)}: {float(before[c]):.3f} -> {float(after[c]):.3f}")
