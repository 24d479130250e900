"""Stamps: does a bar, a frame or a word carry a class? After Lapuschkin et al. 2019 (a watermark that meant "horse"). Words: the page."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None

x = net.read(photo)
before = net(net.norm(x)).softmax(1)[0]
c = int(before.argmax()) if target is None else target
pictures = {}
for name, colour in {"red bar": (220, 30, 30), "green bar": (30, 160, 60), "blue bar": (30, 70, 210), "yellow bar": (240, 210, 40)}.items():
    pictures[name] = y = x.clone()
    y[..., :x.shape[-1] // 8] = torch.tensor(colour).view(1, 3, 1, 1) / 255
n = x.shape[-1] // 16
pictures["frame"] = F.pad(x[..., n:-n, n:-n], (n,) * 4)
result = []
for name, y in pictures.items():
    p = net(net.norm(y)).softmax(1)[0]
    rise = torch.where(p > .005, p.log() - before.log(), -torch.inf).argmax()
    result.append(float(p[c]))
    print(f"{name}: {result[-1]:.3f}; rises most: {int(rise)} ({float(before[rise]):.3f} -> {float(p[rise]):.3f})")
    show(y[0], f"{name}.png")
