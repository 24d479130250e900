"""Feature maps: what every channel of a layer answers, [channels, rows, columns]."""
from cnn_lens import *

photo = "photo.png"
layer = "relu1_1"

net, x = vgg16(), norm(read(photo))
result = net.run(x, until=layer)[0]
show(result[result.sum((1, 2)).argmax()])
