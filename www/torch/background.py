"""Object or background: what the class keeps without one or the other. After Xiao et al. 2021; the object is where the map is bright."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
seed = 0

x = net.read(photo)
c = int(net(net.norm(x)).argmax()) if target is None else target
assert net.averaged, "this needs a head that is a global average and nothing but linear layers: the object is where its map is bright"
a = net.run(net.norm(x), until=net.averaged).requires_grad_()
w = torch.autograd.grad(net(a, net.averaged)[0, c], a)[0].sum((2, 3), keepdim=True)
cam = sized((w * a.detach()).sum(1, keepdim=True), x)[0, 0]
inside = cam > 0.4 * cam.max()
grey, noise = net.mean.expand_as(x), torch.tensor(uniform(seed, 0, x.numel()), dtype=torch.float32).view_as(x)
line = torch.exp(-0.5 * (torch.arange(-48, 49) / 12.) ** 2)
line = (line / line.sum()).view(1, 1, -1, 1).expand(3, 1, -1, 1)
blurred = F.conv2d(F.pad(x, (0, 0, 48, 48), "replicate"), line, groups=3)
blurred = F.conv2d(F.pad(blurred, (48, 48, 0, 0), "replicate"), line.transpose(2, 3), groups=3)
pictures = {"photo": x, "object on grey": torch.where(inside, x, grey), "object on noise": torch.where(inside, x, noise),
            "background blurred": torch.where(inside, x, blurred), "object grey": torch.where(inside, grey, x)}
result = []
for name, y in pictures.items():
    result.append(float(net(net.norm(y)).softmax(1)[0, c]))
    print(f"{name}: {result[-1]:.3f}")
    show(y[0], f"{name}.png")
