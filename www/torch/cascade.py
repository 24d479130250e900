"""Cascade: how much of the score each channel hands to each channel of the layer below. Bach et al. 2015, eq. 7; z+ in the convolutions."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
nodes = 8

values = net.outputs({"input": net.norm(net.read(photo))})
logits = values[net.card["output"]]
c = int(logits.argmax()) if target is None else target


def share(name, a, r):
    """z+ in the trunk's convolutions but the one that writes the logits; everywhere else in proportion to what each input gives."""
    trunk = net.nodes[name]["op"] == "conv" and not net.in_head(name) and name != net.weighted[0]
    return z_plus(net[name], a, r) if trunk else down(a, net[name](*a), r)


start = torch.zeros_like(logits); start[:, c] = logits[:, c]
r = relevances(net, values, {net.card["output"]: start}, share)
result = [float(r[layer].sum()) for layer in ["input", *net.stages]]  # the pixels, then every layer
strongest = {layer: r[layer].sum((0, 2, 3)).abs().topk(nodes).indices.tolist() for layer in net.stages}
for upper, lower in zip(net.stages[:0:-1], net.stages[-2::-1]):
    for m in strongest[upper]:
        only = torch.zeros_like(r[upper]); only[:, m] = r[upper][:, m]
        flows = relevances(net, values, {upper: only}, share, lower)[lower].sum((0, 2, 3))
        print(f"{upper}:{m} <-", ", ".join(f"{lower}:{k} {float(flows[k]):+.3f}" for k in strongest[lower][:3]))
