"""Saliency: the gradient of the score at every pixel. Simonyan et al. 2014, sec. 3."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
score = "logit"
reduce = "max"

x = net.norm(net.read(photo))
g = gradient(net, x, target, score)
result = {"max": g.abs().amax(1), "sum": g.abs().sum(1), "times_input": (g * x).sum(1)}[reduce][0]
show(result)
