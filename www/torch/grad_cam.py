"""Grad-CAM: channels weighed with their mean gradient. Selvaraju et al. 2017, eq. 1 and 2."""
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
result = (g.mean((2, 3), keepdim=True) * a).sum(1)[0].clamp(min=0)
show(result)
