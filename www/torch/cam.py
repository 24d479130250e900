"""Class activation map. Zhou et al. 2016, eq. 2. Its mean is the logit less the class's bias."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None

x = net.norm(net.read(photo))
c = int(net(x).argmax()) if target is None else target
assert net.averaged, "this needs a head that is a global average and nothing but linear layers"
a = net.run(x, until=net.averaged).requires_grad_()
w = torch.autograd.grad(net(a, net.averaged)[0, c], a)[0].sum((2, 3), keepdim=True)  # the class's weights
result = (w * a.detach()).sum(1)[0]
show(result)
