"""Deletion and insertion: the probability while a map's best pixels go, and while they come. Petsiuk et al. 2018. Here: Grad-CAM's map."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
curve_steps = 28

x = net.norm(net.read(photo))
c = int(net(x).argmax()) if target is None else target
last = net.stages[-1]
a = net.run(x, until=last).requires_grad_()
g, = torch.autograd.grad(net(a, last)[0, c], a)
heat = sized((g.mean((2, 3), keepdim=True) * a).sum(1, keepdim=True).clamp(min=0).detach(), x)[0, 0]
order = heat.flatten().argsort(descending=True, stable=True)
# the veil of the authors' code: 11 taps of scipy.ndimage.gaussian_filter, mirrored at both ends
d = np.arange(-20, 21); tap = np.exp(-d ** 2 / 50)
at = np.array([m if m < 11 else 21 - m for m in (5 + d) % 22])
line = torch.tensor([tap[at == i].sum() for i in range(11)] / tap.sum(), dtype=torch.float32)
veil = F.conv2d(F.conv2d(x, line.view(1, 1, 11, 1).expand(3, 1, 11, 1), padding=(5, 0), groups=3),
                line.view(1, 1, 1, 11).expand(3, 1, 1, 11), padding=(0, 5), groups=3)
per, result = -(-order.numel() // curve_steps), []
for start, end in ((x, torch.zeros_like(x)), (veil, x)):
    p = []
    for i in range(curve_steps + 1):
        y = start.flatten(2).clone()
        y[..., order[:i * per]] = end.flatten(2)[..., order[:i * per]]
        p.append(float(net(y.view_as(x)).softmax(1)[0, c]))
    result.append(np.trapezoid(p) / curve_steps)
print("deletion {:.4f}, insertion {:.4f}".format(*result))
