"""Grad-CAM++: every place has a weight of its own. Chattopadhay et al. 2018, eq. 5, 10 and 19, with powers of the gradient."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
score = "logit"
layer = "relu5_3"
evidence = "for"

x = net.norm(net.read(photo))
a = net.run(x, until=layer).requires_grad_()
g, = torch.autograd.grad(net.score(a, target, layer, score), a)
g = g if evidence == "for" else -g
below = 2 * g ** 2 + a.sum((2, 3), keepdim=True) * g ** 3 + 1e-6
alpha = torch.where((g == 0) | (below <= 0), torch.zeros_like(g), g ** 2 / below)
result = ((alpha * g.clamp(min=0)).sum((2, 3), keepdim=True) * a).sum(1)[0].clamp(min=0)
show(result)
