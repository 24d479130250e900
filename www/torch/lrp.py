"""Layer-wise relevance propagation with the tutorial's rules: z^B at the pixels, gamma, then epsilon. Montavon et al. 2019, sec. 10.3."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
gamma = 0.25
epsilon = 0.25

x = net.norm(net.read(photo))
values = net.outputs({"input": x})
logits = values[net.card["output"]]
c = int(logits.argmax()) if target is None else target
low, high = (net.norm(torch.full_like(x, v)).requires_grad_() for v in (0., 1.))  # black and white


def share(name, a, r):
    """A layer's rule: what its inputs get of its relevance."""
    node, layer = net.nodes[name], net[name]
    if node["op"] == "max_pool":
        return down(a, AvgPool(node)(*a), r)
    if node["op"] != "conv" or net.in_head(name) or name == net.weighted[0]:  # the last one writes the logits
        return down(a, layer(*a), r)
    if node["inputs"] == ["input"]:  # z^B: pixels lie between black and white
        z = layer(*a) - reweighed(layer, low, lambda w: w.clamp(min=0)) - reweighed(layer, high, lambda w: w.clamp(max=0))
        return [sum(down([*a, low, high], z, r))]
    if net.block(name) < 3:  # until the picture was halved three times
        return down(a, reweighed(layer, *a, lambda w: w + gamma * w.clamp(min=0)), r)
    z = layer(*a)
    return down(a, z, r, epsilon * float(z.detach().square().mean().sqrt()))


start = torch.zeros_like(logits); start[:, c] = logits[:, c]
r = relevances(net, values, {net.card["output"]: start}, share)["input"]
result = r.sum(1)[0]
print("conserved", float(result.sum() / start.sum()))
show(result)
