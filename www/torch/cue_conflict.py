"""Shape or texture: the photo in another picture's style. Geirhos et al. 2019, sec. 2; here the two pictures' classes are compared."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
second = "second.png"
side = 160
style_steps = 40

x, texture = small(net.read(photo), side), small(net.read(second), side)
shape_class, texture_class = int(net(net.norm(x)).argmax()), int(net(net.norm(texture)).argmax())
result = []
for weight in [.3, 1., 3., 10., 100.]:
    y = stylise(net, x, texture, weight, style_steps)
    p = net(net.norm(y)).softmax(1)[0]
    result.append(float(p[shape_class] / (p[shape_class] + p[texture_class])))
    print(f"weight {weight}: share of the shape {result[-1]:.3f}, answer {int(p.argmax())}")
    show(y[0], f"weight_{weight}.png")
