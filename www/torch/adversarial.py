"""Adversarial attack. Goodfellow et al. 2015 (FGSM); Madry et al. 2018, eq. 2 (PGD). DeepFool: foolbox.attacks.L2DeepFoolAttack."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None
attack = "pgd"  # pgd, fgsm, pgd_l2
aim = "away"
epsilon = 2.0  # grey levels; pgd_l2: root mean square
attack_steps = 10
step_size = 0.25
random_start = "shifted"
seed = 0

assert attack != "deepfool", "that one: foolbox.attacks.L2DeepFoolAttack"
x = net.read(photo)
own = int(net(net.norm(x)).argmax())
c = own if target is None else target
aim = aim if c == own else "towards"  # what the network does not answer can only be made its answer
l2 = attack == "pgd_l2"
size = epsilon / 255 * (x.numel() ** .5 if l2 else 1)


def project(y):
    d = y - x
    d = d * min(1, size / max(float(d.norm()), 1e-12)) if l2 else d.clamp(-size, size)
    return (x + d).clamp(0, 1)


y = x
if attack != "fgsm" and random_start == "shifted":
    if l2:
        d = normal(seed, 0, x.numel()).view_as(x)
        y = project(x + d * size * float(uniform(seed, 0, 1, 2 ** 64 - 1)[0]) / d.norm())
    else:
        y = project(x + size * (2 * torch.tensor(uniform(seed, 0, x.numel()), dtype=torch.float32).view_as(x) - 1))
for _ in range(1 if attack == "fgsm" else attack_steps):
    y = y.detach().requires_grad_()
    net(net.norm(y)).log_softmax(1)[0, c].backward()
    g = y.grad if aim == "towards" else -y.grad
    step = size * (1 if attack == "fgsm" else step_size)
    y = project(y + step * (g / g.norm() if l2 else g.sign()))
y = y.detach()
result = y[0]
before, after = net(net.norm(x)).softmax(1)[0], net(net.norm(y)).softmax(1)[0]
print(f"class {c}: {float(before[c]):.3f} -> {float(after[c]):.3f}; now {int(after.argmax())} ({float(after.max()):.3f})")
show(result)
