"""Adversarial patch: a square that turns the decision wherever it lies. Brown et al. 2017, eq. 1."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
aim = "away"
patch_side = 48
patch_steps = 40
seed = 0

x, n = net.read(photo), min(patch_side, net.side // 2) if net.side < 112 else patch_side
room = x.shape[-1] - n
own = int(net(net.norm(x)).argmax())
c = own if target is None else target
aim = aim if c == own else "towards"  # what the network does not answer can only be made its answer
place = lambda i: [int(v * room) for v in uniform(seed, 1 + i, 2)]


def laid(patch, i):
    top, left = place(i)
    sides = (left, room - left, top, room - top)
    return F.pad(patch, sides) + x * (1 - F.pad(torch.ones_like(patch), sides))


patch = torch.tensor(uniform(seed, 0, 3 * n * n), dtype=torch.float32).view(1, 3, n, n)
for step in range(patch_steps):
    patch = patch.detach().requires_grad_()
    for i in range(2):
        net(net.norm(laid(patch, 2 * step + i))).log_softmax(1)[0, c].backward()
    patch = (patch + 0.06 * (patch.grad.sign() if aim == "towards" else -patch.grad.sign())).clamp(0, 1)
result = patch.detach()[0]
tops = [int(net(net.norm(laid(patch, 2 * patch_steps + i))).argmax()) for i in range(16)]
print("wins at", sum((t == c) == (aim == "towards") for t in tops), "of 16 other places")
show(result)
show(laid(result[None], 2 * patch_steps)[0], "with_patch.png")
