"""Deconvnet: one activation of the layer projected back to the pixels. Zeiler & Fergus 2014, sec. 2.1."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
layer = "relu5_3"
channel = "strongest"
units = "strongest"

relus(net, "deconvnet")
x = net.norm(net.read(photo)).requires_grad_()
a = net.run(x, until=layer)
assert units in ("strongest", "channel"), "nine places, a chosen place, and the class: the page"
k = int(a.sum((2, 3)).argmax()) if channel == "strongest" else channel
above = torch.zeros_like(a)
if units == "channel":
    above[0, k] = a[0, k]
else:  # its strongest place
    at = int(a[0, k].argmax()); above[0, k].view(-1)[at] = a[0, k].reshape(-1)[at]
result = torch.autograd.grad(a, x, above)[0][0]
show(result)
