"""Shuffled pieces: what is left when only local texture is. After Brendel & Bethge 2019 and Luo et al. 2021."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
orders = 10
seed = 0

x = net.read(photo)
c = int(net(net.norm(x)).argmax()) if target is None else target


def shuffled(k, sample):
    order, u, n = list(range(k * k)), uniform(seed, sample, k * k), x.shape[-1] // k
    for i in reversed(range(1, k * k)):  # Fisher & Yates
        j = int(u[i] * (i + 1)); order[i], order[j] = order[j], order[i]
    pieces = x[0].unfold(1, n, n).unfold(2, n, n).reshape(3, k * k, n, n)[:, order]
    return pieces.view(3, k, k, n, n).permute(0, 1, 3, 2, 4).reshape(1, 3, n * k, n * k)


result = []
for at, k in enumerate([2, 4, 7, 14]):
    p = [float(net(net.norm(shuffled(k, at * orders + i))).softmax(1)[0, c]) for i in range(orders)]
    result.append(float(np.mean(p)))
    print(f"{k} x {k}: {np.mean(p):.3f} +- {np.std(p):.3f}")
    show(shuffled(k, at * orders)[0], f"{k}x{k}.png")
