"""Activation maximisation with Lucid's recipe: spectrum, decorrelated colours, shaken. Erhan et al. 2009; Olah et al. 2017."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
score = "logit"
side = 128
steps = 256
seed = 0

if target is None:
    target = int(net(net.norm(net.read(photo))).argmax())
elif isinstance(target, str):
    layer, _, unit = target.partition(":")
    node = net.nodes[layer]  # behind a ReLU many deep channels are silent at first: what it reads is taken
    target = f"{node['inputs'][0] if node['op'] == 'activation' else layer}:{unit}"


def shaken(x, sample):
    """Lucid's jitter, scaling and rotation in one bilinear sampling; grey outside."""
    u = uniform(seed, sample, 6)
    whole = lambda k, n: int(u[k] * n)
    jitter = lambda k, d: int(whole(k, d + 1) - d / 2)
    turn = whole(1, 26)
    angle, scale = np.deg2rad(turn - 10 if turn < 21 else 0), 1 + .1 * (.2 * whole(0, 11) - 1)
    c, s, half = np.cos(angle) / scale, np.sin(angle) / scale, (side - 1) / 2
    shift = [(jitter(2, 8) + jitter(3, 4)) / half, (jitter(4, 8) + jitter(5, 4)) / half]
    way = torch.tensor([[[c, -s, shift[0]], [s, c, shift[1]]]], dtype=torch.float32)
    return F.grid_sample(x - .5, F.affine_grid(way, x.shape, align_corners=True), align_corners=True) + .5


theta = noise_spectrum(seed, side).requires_grad_()
adam = torch.optim.Adam([theta], lr=0.05, maximize=True)
for step in range(steps):
    adam.zero_grad()
    net.score(net.norm(shaken(spectrum(theta), 1 + step)), target, score=score).backward()
    adam.step()
result = spectrum(theta).detach()[0]
show(result)
