"""RISE: the mean of random masks, weighed with what the class keeps behind each. Petsiuk et al. 2018, eq. 6."""
from cnn_lens import *

photo = "photo.png"
target = None
masks = 1000
keep = 0.5
seed = 0

net, x = vgg16(), norm(read(photo))
if target is None:
    target = int(net(x).argmax())
total = torch.zeros(224, 224)
for k in range(masks):
    u = uniform(seed, k, 51)
    coins = torch.tensor((u[:49] < keep).astype(np.float32)).view(1, 1, 7, 7)
    left, above = int(u[49] * 32), int(u[50] * 32)
    mask = sized(coins, 256)[0, 0, above:above + 224, left:left + 224]
    total += net.score(x * mask, target, score="probability") * mask / (masks * keep)
result = total - total.mean()
show(result)
