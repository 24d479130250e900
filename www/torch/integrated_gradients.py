"""Integrated gradients: from a blank picture to the photo. Sundararajan et al. 2017, eq. 1, by Gauss and Legendre's rule."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
score = "logit"
baseline = "black"
steps = 50

x01 = net.read(photo)
x, blank = net.norm(x01), net.norm(torch.full_like(x01, {"black": 0., "white": 1., "grey": 0.}[baseline]))
if baseline == "grey":
    blank = torch.zeros_like(x)  # the training set's mean
if target is None:
    target = int(net(x).argmax())
nodes, shares = np.polynomial.legendre.leggauss(steps)
path = sum(float(w) / 2 * gradient(net, blank + float(a + 1) / 2 * (x - blank), target, score) for a, w in zip(nodes, shares))
result = ((x - blank) * path).sum(1)[0]
print("sum", float(result.sum()), "difference", float(net.score(x, target, score=score) - net.score(blank, target, score=score)))
show(result)
