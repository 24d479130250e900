"""What each layer forgets: the photo inverted from every layer. Mahendran & Vedaldi 2015, fig. 6; Dosovitskiy & Brox 2016."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
side = 96
steps = 60
seed = 0

x, result = small(net.read(photo), side), []
for layer in net.stages:
    code = net.run(net.norm(x), until=layer)
    error = lambda picture: (net.run(net.norm(picture), until=layer) - code).square().sum() / code.square().sum()
    theta = noise_spectrum(seed, side).requires_grad_()
    adam = torch.optim.Adam([theta], lr=0.05, betas=(0.9, 0.95))
    for step in range(steps):
        adam.zero_grad()
        picture = spectrum(theta)
        (error(picture) + (10 * .95 ** step if net.block(layer) >= 3 else 0) * roughness(picture)).backward()
        adam.step()
    picture = spectrum(theta).detach()
    result.append(float(error(picture)))
    print(f"{layer}: error {result[-1]:.4f}, pixels {float(torch.corrcoef(torch.stack([picture.flatten(), x.flatten()]))[0, 1]):.2f}")
    show(picture[0], layer.replace("/", "_") + ".png")
