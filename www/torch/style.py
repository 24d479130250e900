"""Style transfer: one picture's content, another's texture. Gatys et al. 2016, eq. 1, 3 to 7; losses relative to their targets."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
second = "second.png"
weight = 10.0
smoothness = 1.0
side = 160
steps = 150

result = stylise(net, small(net.read(photo), side), small(net.read(second), side), weight, steps, smoothness)[0]
show(result)
