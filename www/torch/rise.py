"""RISE: the mean of random masks, weighed with what the class keeps behind each. Petsiuk et al. 2018, eq. 6."""
from cnn_lens import *

photo = "photo.png"
target = None
masks = 1000
keep = 0.5
stop = "agreed"
seed = 0

net, x = vgg16(), norm(read(photo))
if target is None:
    target = int(net(x).argmax())
halves, done, until = torch.zeros(2, 224, 224), 0, min(256, masks) if stop == "agreed" else masks
while done < masks and not (done and torch.corrcoef(halves.flatten(1))[0, 1] >= .95):
    for k in range(done, until):
        u = uniform(seed, k, 51)
        coins = torch.tensor((u[:49] < keep).astype(np.float32)).view(1, 1, 7, 7)
        left, above = int(u[49] * 32), int(u[50] * 32)
        mask = sized(coins, 256)[0, 0, above:above + 224, left:left + 224]
        halves[k % 2] += net.score(x * mask, target, score="probability") * mask
    done, until = until, min(4 * until, masks)
total = halves.sum(0) / (done * keep)
result = total - total.mean()
show(result)
