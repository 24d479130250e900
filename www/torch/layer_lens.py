"""Layer lens: what a linear probe on each layer's channel means guesses. Probes: ours; Alain & Bengio 2016; nostalgebraist 2020."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None

assert "probes" in net.card.get("extras", []), "this needs linear probes that were trained for every layer"
x, lens = net.norm(net.read(photo)), tensors(parts=("extras",))
c = int(net(x).argmax()) if target is None else target
result = []
for i, layer in enumerate(net.stages):
    means = net.run(x, until=layer)[0].mean((1, 2)).numpy()
    logits = lens["lens.output.weight"] @ (lens[f"lens.{i}.weight"] @ means + lens[f"lens.{i}.bias"]) + lens["lens.output.bias"]
    result.append(1 + int((logits > logits[c]).sum()))
    print(f"{layer}: rank {result[-1]} (usually {lens['lens.ranks.bias'][i]:.0f})")
