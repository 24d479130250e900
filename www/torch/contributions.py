"""Channel contributions: gradient times activation, which adds up to the score but for the biases. Shrikumar et al. 2016; Ancona et al. 2018."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
layer = "relu5_3"

x = net.norm(net.read(photo))
a = net.run(x, until=layer).requires_grad_()
s = net.score(a, target, layer)
product = (torch.autograd.grad(s, a)[0] * a)[0].detach()
sums = product.sum((1, 2))
for k in [*sums.topk(8).indices, *sums.topk(4, largest=False).indices.flip(0)]:
    print(f"channel {int(k)}: {float(sums[k]):+.3f}")
print("activations", float(sums.sum()), "score", float(s.detach()))
result = product.sum(0)
show(result)
