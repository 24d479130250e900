"""RISE: the mean of random masks, weighed with what the class keeps behind each. Petsiuk et al. 2018, eq. 6."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
masks = 1000
keep = 0.5
stop = "agreed"
seed = 0

x = net.norm(net.read(photo))
if target is None:
    target = int(net(x).argmax())
side, cell = x.shape[-1], -(-x.shape[-1] // 7)  # a mask of 7 by 7 cells, and one more to be shifted by
halves, done, until = torch.zeros(2, *x.shape[2:]), 0, min(256, masks) if stop == "agreed" else masks
while done < masks and not (done and torch.corrcoef(halves.flatten(1))[0, 1] >= .95):
    for k in range(done, until):
        u = uniform(seed, k, 51)
        coins = torch.tensor((u[:49] < keep).astype(np.float32)).view(1, 1, 7, 7)
        left, above = int(u[49] * cell), int(u[50] * cell)
        mask = sized(coins, 8 * cell)[0, 0, above:above + side, left:left + side]
        halves[k % 2] += net.score(x * mask, target, score="probability") * mask
    done, until = until, min(4 * until, masks)
total = halves.sum(0) / (done * keep)
result = total - total.mean()
show(result)
