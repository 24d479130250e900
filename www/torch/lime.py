"""LIME: a linear model of the probability over segments switched on and off. Ribeiro et al. 2016, eq. 1 and alg. 1."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
shape = "slic"
segments = 60
samples = 1000
width = 0.25
ridge = 1.0
seed = 0

x = net.norm(net.read(photo))
if target is None:
    target = int(net(x).argmax())
if shape == "slic":  # pip install scikit-image; the page's own superpixels differ from these at their edges
    from skimage.segmentation import slic
    owner = slic(net.read(photo)[0].permute(1, 2, 0).numpy(), segments, compactness=10, start_label=0).ravel()
else:
    side, rows = max(2, round(segments ** .5)), np.arange(net.side)
    owner = (rows[:, None] * side // net.side * side + rows[None] * side // net.side).ravel()
n, flat = owner.max() + 1, x[0].reshape(3, -1).numpy()
grey = np.stack([[flat[c][owner == k].mean() for k in range(n)] for c in range(3)]).astype(np.float32)
on = np.stack([np.ones(n) if i == 0 else uniform(seed + i % 3, i // 3, n) < .5 for i in range(samples)]).astype(float)
pictures = (torch.tensor(np.where(bits[owner] > 0, flat, grey[:, owner])).view_as(x) for bits in on)
y = np.array([float(net.score(z, target, score="probability")) for z in pictures])
k = np.sqrt(np.exp(-((1 - np.sqrt(on.sum(1) / n)) / width) ** 2))  # nearer samples weigh more
X, Y = on - (k[:, None] * on).sum(0) / k.sum(), y - (k * y).sum() / k.sum()
coefficients = np.linalg.solve(X.T @ (k[:, None] * X) + ridge * np.eye(n), X.T @ (k * Y))
result = coefficients[owner].reshape(x.shape[2:])
show(result)
