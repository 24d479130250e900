"""Deep feature factorisation: the layer's places in a few parts that occur together. Collins et al. 2018, sec. 3; Lee & Seung 2001."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
layer = "relu5_3"
parts = 5
rounds = 100
seed = 0

x = net.norm(net.read(photo))
a = net.run(x, until=layer)[0].clamp(min=0)
v = a.flatten(1).double().numpy()  # channels in rows, places in columns
scale = np.sqrt(v.mean() / parts)
h = scale * uniform(seed, 0, parts * v.shape[0]).reshape(parts, -1)
w = scale * uniform(seed, 1, parts * v.shape[1]).reshape(parts, -1)
for _ in range(rounds):
    h *= (w @ v.T) / (w @ w.T @ h + 1e-12)
    w *= (h @ v) / (h @ h.T @ w + 1e-12)
maps = w * np.linalg.norm(h, axis=1, keepdims=True)
result = maps.argmax(0).reshape(a.shape[1:])  # the strongest part at every place
show(result)
