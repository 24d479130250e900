"""Position: the class's probability while the photo moves to the right, pixel by pixel. After Azulay & Weiss 2019; Zhang 2019."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
shift = 32

x = net.read(photo)
c = int(net(net.norm(x)).argmax()) if target is None else target
result = []
for d in range(shift + 1):
    y = net.mean.expand_as(x).clone()
    y[..., d:] = x[..., :x.shape[-1] - d]
    result.append(float(net(net.norm(y)).softmax(1)[0, c]))
print("jitter", float(np.abs(np.diff(result)).mean()), "lowest", min(result))
print("mirrored", float(net(net.norm(x.flip(3))).softmax(1)[0, c]))
