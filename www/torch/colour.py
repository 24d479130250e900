"""How much hangs on colour: greyscale, turned hues, exchanged channels, saturation."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None

x = net.read(photo)
c = int(net(net.norm(x)).argmax()) if target is None else target


def hsv(x):
    r, g, b = x[0]
    most, d = x[0].amax(0), x[0].amax(0) - x[0].amin(0)
    sixth = torch.where(b == most, 4 + (r - g) / d, torch.where(g == most, 2 + (b - r) / d, (g - b) / d))
    return torch.where(d == 0, 0., sixth / 6 % 1), torch.where(d == 0, 0., d / most), most


def rgb(h, s, v):
    f = lambda n: v - v * s * torch.minimum(k := (n + h * 6) % 6, 4 - k).clamp(0, 1)
    return torch.stack([f(5), f(3), f(1)])[None]


h, s, v = hsv(x)
grey = (x * torch.tensor([.299, .587, .114]).view(1, 3, 1, 1)).sum(1, keepdim=True).expand_as(x)
pictures = {"photo": x, "greyscale": grey}
pictures |= {f"hue {30 * k}": rgb((h + k / 12) % 1, s, v) for k in range(1, 12)}
pictures |= {name: x[:, ["RGB".index(k) for k in name]] for name in ("RBG", "GRB", "GBR", "BRG", "BGR")}
pictures |= {f"saturation x{n}": rgb(h, (s * n).clamp(0, 1), v) for n in (.5, 1.5, 2)}
result = []
for name, y in pictures.items():
    result.append(float(net(net.norm(y)).softmax(1)[0, c]))
    print(f"{name}: {result[-1]:.3f}")
print("colour dependence", 1 - result[1] / result[0])
