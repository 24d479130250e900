"""TCAV: does the class rise along a concept's direction? Kim et al. 2018, eq. 1 and 2. Three folders of pictures; ridge instead of an SVM."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
concept = "concept"
against = "against"
examples = "examples"
layer = "relu4_3"
concept_side = 112
splits = 15
seed = 0

if target is None:
    target = int(net(net.norm(net.read(photo))).argmax())
pictures = lambda folder: [net.norm(small(net.read(f"{folder}/{f}"), concept_side)) for f in sorted(os.listdir(folder))]
means = lambda folder: torch.cat([net.run(x, until=layer).mean((2, 3)) for x in pictures(folder)]).double()
own, other, slopes = means(concept), means(against), []
for x in pictures(examples):
    a = net.run(x, until=layer).requires_grad_()
    slopes.append(torch.autograd.grad(net(a, layer)[0, target], a)[0].sum((2, 3))[0])


def parted(rows, sample, first):
    """A third is held out."""
    order = uniform(seed ^ 0x5eed, sample, len(rows), first).argsort(kind="stable")
    held = int(np.floor(len(rows) * .33 + .5))
    return rows[order[held:]], rows[order[:held]]


found = []
for s in range(splits):
    (a, a_held), (b, b_held) = parted(own, 500 + s, 0), parted(other, 500 + s, 1 << 32)
    centre = (a.mean(0) + b.mean(0)) / 2
    X, y = torch.cat([a, b]) - centre, torch.cat([torch.ones(len(a)), -torch.ones(len(b))]).double()
    gram = X @ X.T
    v = X.T @ torch.linalg.solve(gram + .1 * gram.diagonal().mean() * torch.eye(len(gram)).double(), y)
    right = ((a_held - centre) @ v > 0).double().mean() + ((b_held - centre) @ v < 0).double().mean()
    found.append([float(right / 2), float((torch.stack(slopes).double() @ v > 0).double().mean())])
result = np.mean(found, 0)  # the page shows the score only if it is no chance
print("accuracy {:.3f}, TCAV {:.3f}".format(*result))
