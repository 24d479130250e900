"""Layer-wise relevance propagation with the tutorial's rules: z^B at the pixels, gamma, then epsilon. Montavon et al. 2019, sec. 10.3."""
from cnn_lens import *

photo = "photo.png"
target = None
gamma = 0.25
epsilon = 0.25

net, x = vgg16(), norm(read(photo))
steps = [*net.features, *net.hidden]
acts = [x]
for step in steps:
    acts.append(step(acts[-1]))
means = acts[-1].mean((2, 3))
logits = net.output(means)
c = int(logits.argmax()) if target is None else target
a = means.clone().requires_grad_()
r = torch.zeros_like(logits); r[0, c] = logits[0, c]
r = down(a, net.output(a), r, 1e-9 * float(logits[0, c].abs()))
a = acts[-1].clone().requires_grad_()
r = down(a, a.mean((2, 3)), r)
for i in reversed(range(len(steps))):
    step, a = steps[i], acts[i].clone().requires_grad_()
    if isinstance(step, nn.ReLU):
        continue
    if isinstance(step, nn.MaxPool2d):
        r = down(a, F.avg_pool2d(a, 2), r)
    elif i == 0:  # z^B: pixels lie between black and white
        w, b = step.weight, step.bias
        low, high = (norm(torch.full_like(x, v)).requires_grad_() for v in (0., 1.))
        z = step(a) - F.conv2d(low, w.clamp(min=0), b.clamp(min=0), padding=1) - F.conv2d(high, w.clamp(max=0), b.clamp(max=0), padding=1)
        z0 = z.detach(); s = torch.where(r == 0, 0., r / (z0 + 1e-9 * torch.where(z0 >= 0, 1., -1.)))
        r = sum(v * g for v, g in zip((a, low, high), torch.autograd.grad(z, (a, low, high), s))).detach()
    elif i <= 16:  # blocks 1 to 3
        w, b = step.weight, step.bias
        r = down(a, F.conv2d(a, w + gamma * w.clamp(min=0), b + gamma * b.clamp(min=0), padding=1), r)
    else:
        z = step(a)
        share = epsilon if i < 31 else 1e-9
        r = down(a, z, r, share * float((z.detach() ** 2).mean().sqrt()))
result = r.sum(1)[0]
print("conserved", float(result.sum() / logits[0, c]))
show(result)
