"""Class activation map. Zhou et al. 2016, eq. 2. Its mean is the logit less the class's bias."""
from cnn_lens import *

photo = "photo.png"
target = None

net, x = vgg16(), norm(read(photo))
c = int(net(x).argmax()) if target is None else target
result = torch.einsum("k,khw->hw", net.output.weight[c], net.hidden(net.run(x))[0])
show(result)
