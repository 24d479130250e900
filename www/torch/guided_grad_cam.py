"""Guided Grad-CAM: guided backpropagation where Grad-CAM is bright. Selvaraju et al. 2017, sec. 3.2."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
score = "logit"
layer = "relu5_3"

x = net.norm(net.read(photo))
a = net.run(x, until=layer).requires_grad_()
g, = torch.autograd.grad(net.score(a, target, layer, score), a)
cam = (g.mean((2, 3), keepdim=True) * a).sum(1, keepdim=True).clamp(min=0).detach()
result = (gradient(relus(net, "guided"), x, target, score) * sized(cam, x))[0]
show(result)
