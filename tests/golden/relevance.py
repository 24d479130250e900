"""Layer-wise relevance propagation of any card's network by zennit 0.5.1.

Both rules: activations pass relevance on, max pools give it to the largest value, averages and additions share it out by contribution
(zennit's Norm, stabilised with 1e-6). Epsilon: z + 1e-6 sign(z) below every convolution and linear layer (Bach et al. 2015, eq. 58).
ZPlus: the z+ rule for convolutions, epsilon for linear layers (Montavon et al. 2017; zennit's EpsilonPlus): what is positive of x w and of the
bias shares, that is max(x, 0) max(w, 0) + min(x, 0) min(w, 0) over their sum plus max(b, 0), stabilised with 1e-6. Biases keep their share.
"""
import numpy as np, torch
from torch import nn
from zennit.attribution import Gradient
from zennit.composites import EpsilonPlus, LayerMapComposite
from zennit.rules import Epsilon, Norm, Pass
from zennit.types import Activation, Convolution
from zennit.types import Linear as AnyLinear
from zennit.layer import Sum
from card import AvgPool

SHARED = [(Activation, Pass()), (Sum, Norm()), ((AvgPool, nn.AdaptiveAvgPool2d), Norm())]
RULES = {"epsilon": lambda: LayerMapComposite(SHARED + [(AnyLinear, Epsilon(epsilon=1e-6))]),
         "zplus": lambda: EpsilonPlus(epsilon=1e-6, stabilizer=1e-6, layer_map=[(AvgPool, Norm())])}


def relevance(net, x, index, rule):
    """Relevance [C, H, W] of the input for the logit `index`, which starts as that logit's value; and what to know about it: the share that
    arrives, and how far the same in float32 is from it, which says how well conditioned the rule is on this network."""
    def run(net, x):
        with torch.no_grad():
            seed = torch.zeros_like(net(x)); seed[0, index] = net(x)[0, index]
        with Gradient(model=net, composite=RULES[rule]()) as attributor:
            return attributor(x.clone(), seed)[1][0].numpy(), float(seed.sum())
    r, start = run(net, x)
    single, _ = run(net.float(), x.float())
    net.double()
    return r, f"arrives {r.sum() / start:.4f}, float32 differs by {np.linalg.norm(single - r) / np.linalg.norm(r):.1e}"
