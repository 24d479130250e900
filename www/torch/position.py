"""Position: the class's probability while the photo moves to the right, pixel by pixel. After Azulay & Weiss 2019; Zhang 2019."""
from cnn_lens import *

photo = "photo.png"
target = None
shift = 32

net, x = vgg16(), read(photo)
c = int(net(norm(x)).argmax()) if target is None else target
result = []
for d in range(shift + 1):
    y = MEAN.expand_as(x).clone()
    y[..., d:] = x[..., :224 - d]
    result.append(float(net(norm(y)).softmax(1)[0, c]))
print("jitter", float(np.abs(np.diff(result)).mean()), "lowest", min(result))
print("mirrored", float(net(norm(x.flip(3))).softmax(1)[0, c]))
