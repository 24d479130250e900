"""DeepDream: more of what a layer sees, octave by octave. Mordvintsev et al. 2015."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
layer = "relu5_1"
side = 224
octaves = 4
scale = 1.4
steps = 10
rate = 1.5  # grey levels
seed = 0

base = net.read(photo)
base = base if side == net.side else small(base, side)
added, done = None, 0
sizes = [round(side / scale ** k) for k in reversed(range(octaves)) if side / scale ** k >= 32]
for size in sizes if net.card["input"]["any_size"] else [side]:
    low = sized(base, size)
    x = low if added is None else low + sized(added, size)
    for step in range(steps):
        u = uniform(seed + done - step, 1 + step, 6)
        right, down = (sum(int(int(u[k] * (d + 1)) - d / 2) for k, d in pair) for pair in (((2, 32), (3, 32)), ((4, 32), (5, 32))))
        x = x.detach().requires_grad_()
        net.run(net.norm(x.roll((-down, -right), (2, 3))), until=layer).square().mean().backward()
        x = (x + rate / 255 * x.grad / (x.grad.abs().mean() + 1e-12)).clamp(0, 1)
        done += 1
    added = x.detach() - low
result = (base + sized(added, side)).clamp(0, 1)[0]
show(result)
