"""Cascade: how much of the score each channel hands to each channel of the layer below. Bach et al. 2015, eq. 7; z+ in the convolutions."""
from cnn_lens import *

photo = "photo.png"
target = None
nodes = 8

net, x = vgg16(), norm(read(photo))
acts = [x]
for step in net.features:
    acts.append(step(acts[-1]))
hidden = net.hidden(acts[-1])
logits = net.output(hidden.mean((2, 3)))
c = int(logits.argmax()) if target is None else target


def below(i, r):
    """What step i's input gets of its output's relevance."""
    step, a = net.features[i], acts[i].clone().requires_grad_()
    if isinstance(step, nn.Conv2d):
        w = step.weight
        z = F.conv2d(a.clamp(min=0), w.clamp(min=0), step.bias.clamp(min=0), padding=1) + F.conv2d(a.clamp(max=0), w.clamp(max=0), padding=1)
        return down(a, z, r)
    return down(a, step(a), r) if isinstance(step, nn.MaxPool2d) else r


r = torch.zeros_like(logits); r[0, c] = logits[0, c]
a = hidden.clone().requires_grad_()
r = down(a, net.output(a.mean((2, 3))), r)
a = acts[-1].clone().requires_grad_()
r = down(a, net.hidden[0](a), r)
relevances = {}
for i in reversed(range(31)):
    if isinstance(net.features[i], nn.ReLU):
        relevances[LAYERS[i]] = r
    r = below(i, r)
result = [float(r.sum())] + [float(relevances[layer].sum()) for layer in RELUS]  # the pixels, then every layer
strongest = {layer: relevances[layer].sum((0, 2, 3)).abs().topk(nodes).indices.tolist() for layer in RELUS}
for upper, lower in zip(RELUS[:0:-1], RELUS[-2::-1]):
    for m in strongest[upper]:
        only = torch.zeros_like(relevances[upper]); only[:, m] = relevances[upper][:, m]
        for i in range(LAYERS.index(upper), LAYERS.index(lower), -1):
            only = below(i, only)
        flows = only.sum((0, 2, 3))
        print(f"{upper}:{m} <-", ", ".join(f"{lower}:{k} {float(flows[k]):+.3f}" for k in strongest[lower][:3]))
