"""Guided backpropagation: only positive gradients pass an open ReLU. Springenberg et al. 2015, sec. 3.4."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
score = "logit"
rule = "guided"

x = net.norm(net.read(photo))
result = gradient(relus(net, rule), x, target, score)[0]
show(result)
