"""Guided backpropagation: only positive gradients pass an open ReLU. Springenberg et al. 2015, sec. 3.4."""
from cnn_lens import *

photo = "photo.png"
target = None
score = "logit"
rule = "guided"

net, x = relus(vgg16(), rule), norm(read(photo))
result = gradient(net, x, target, score)[0]
show(result)
