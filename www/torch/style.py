"""Style transfer: one picture's content, another's texture. Gatys et al. 2016, eq. 1, 3 to 7; losses relative to their targets."""
from cnn_lens import *

photo = "photo.png"
second = "second.png"
weight = 10.0
smoothness = 1.0
side = 160
steps = 150

net = vgg16()
result = stylise(net, small(read(photo), side), small(read(second), side), weight, steps, smoothness)[0]
show(result)
