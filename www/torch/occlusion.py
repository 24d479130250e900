"""Occlusion: how far the score falls with a window covered. Zeiler & Fergus 2014, sec. 4.2."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
score = "logit"
detail = "medium"
window = 56
stride = 28
fill = "grey"

x = net.norm(net.read(photo))
side = x.shape[-1]
share = lambda n, least: max(n * side // 224, least) if side < 112 else n  # of a small picture the same shares
passes = {"coarse": (56, 28), "medium": (32, 16), "fine": (32, 8)}
window, stride = (min(window, side), stride) if detail == "own" else (share(passes[detail][0], 2), share(passes[detail][1], 1))
if target is None:
    target = int(net(x).argmax())
blank = {"grey": torch.zeros_like(x), "black": net.norm(torch.zeros_like(x)), "white": net.norm(torch.ones_like(x))}[fill]
whole = net.score(x, target, score=score)
starts = sorted({*range(0, side - window + 1, stride), side - window})
drop, covers = torch.zeros(side, side), torch.zeros(side, side)
for top in starts:
    for left in starts:
        here, z = (slice(top, top + window), slice(left, left + window)), x.clone()
        z[0, :, *here] = blank[0, :, *here]
        drop[here] += whole - net.score(z, target, score=score)
        covers[here] += 1
result = drop / covers
show(result)
