"""HiResCAM: gradient times activation, place by place. Draelos & Carin 2020, eq. 5."""
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
result = (g * a).sum(1)[0].clamp(min=0)
show(result)
