"""Coarse and fine: the class's probability with only the low or only the high frequencies. After Wang et al. 2020; Yin et al. 2019."""
from cnn_lens import *

net = network("vgg16")
photo = "photo.png"
target = None

x = net.read(photo)
c = int(net(net.norm(x)).argmax()) if target is None else target
whole = torch.fft.fft2(x)
k = torch.fft.fftfreq(x.shape[-1]) * x.shape[-1]
periods = k[:, None].hypot(k[None])  # across the picture
low = lambda cut: torch.fft.ifft2(whole * (periods < cut)).real.clamp(0, 1)
high = lambda cut: (torch.fft.ifft2(whole * (periods >= cut)).real + .5).clamp(0, 1)
result = []
for name, keep in (("low pass", low), ("high pass", high)):
    for cut in [2, 4, 8, 16, 24, 32, 56, 84]:
        result.append(float(net(net.norm(keep(cut))).softmax(1)[0, c]))
        print(f"{name} {cut}: {result[-1]:.3f}")
