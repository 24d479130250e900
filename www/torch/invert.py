"""Inversion: a picture that the layer takes for the photo. Mahendran & Vedaldi 2015, eq. 1; spectrum: Olah et al. 2017."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
layer = "relu4_3"
side = 128
steps = 100
starts = 0  # 0: four where the picture was halved four times, else one; after 40 steps the best goes on
seed = 0

x = small(net.read(photo), side)
code = net.run(net.norm(x), until=layer)
block = net.block(layer)  # how often the picture was halved
error = lambda picture: (net.run(net.norm(picture), until=layer) - code).square().sum() / code.square().sum()
climbs = []
for k in range(starts or (4 if block == 4 else 1)):
    theta = noise_spectrum(seed + k, side).requires_grad_()
    climbs.append((theta, torch.optim.Adam([theta], lr=0.05, betas=(0.9, 0.95))))
for step in range(steps):
    if step == min(40, steps - 1):
        climbs = [min(climbs, key=lambda c: float(error(spectrum(c[0].detach()))))]
    for theta, adam in climbs:
        adam.zero_grad()
        picture = spectrum(theta)
        (error(picture) + (10 * .95 ** step if block >= 3 else 0) * roughness(picture)).backward()
        adam.step()
result = spectrum(climbs[0][0]).detach()[0]
print("relative error", float(error(result[None])), "pixels", float(torch.corrcoef(torch.stack([result.flatten(), x.flatten()]))[0, 1]))
show(result)
