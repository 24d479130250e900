"""Audit: confidence, entropy and answers by group of pictures. Folders in `gallery`, one per group. After Buolamwini & Gebru 2018."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
gallery = "gallery"

c = int(net(net.norm(net.read(photo))).argmax()) if target is None else target
result = []
for group in sorted(os.listdir(gallery)):
    p = torch.cat([net(net.norm(net.read(f"{gallery}/{group}/{f}"))).softmax(1) for f in sorted(os.listdir(f"{gallery}/{group}"))])
    entropy = -(p * p.log()).sum(1)
    result.append([len(p), float(p.amax(1).mean()), float(entropy.mean()), float(p[:, c].mean()), float((p.argmax(1) == c).float().mean())])
    print(group, "pictures {}, confidence {:.3f}, entropy {:.3f}, p of the class {:.3f}, answers it {:.2f}".format(*result[-1]))
