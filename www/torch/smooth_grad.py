"""SmoothGrad: gradients of noisy copies, combined. Smilkov et al. 2017; squares and variance: Hooker et al. 2019, Adebayo et al. 2018."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
score = "logit"
samples = 25
noise = 0.15
combine = "mean"
seed = 0

x01 = net.read(photo)
x, sigma = net.norm(x01), noise * (x01.max() - x01.min())
if target is None:
    target = int(net(x).argmax())
gs = torch.stack([gradient(net, x + sigma * normal(seed, k, x.numel()).view_as(x) / net.std, target, score)
                  for k in range(samples)])
g = {"mean": gs.mean(0), "squares": (gs ** 2).mean(0), "variance": gs.var(0, correction=0)}[combine]
result = g.abs().amax(1)[0]
show(result)
