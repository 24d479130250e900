"""Feature maps: what every channel of a layer answers, [channels, rows, columns]."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
layer = "relu1_1"

x = net.norm(net.read(photo))
result = net.run(x, until=layer)[0]
show(result[result.sum((1, 2)).argmax()])
