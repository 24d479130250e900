"""Goldens of SqueezeNet 1.1 as it is shipped:  make golden   (PyTorch and zennit in float64, on the CPU)

    squeezenet.py WEIGHTS_DIR OUT_DIR     WEIGHTS_DIR: the folder weights/squeezenet

On photo224.png (generate.py says what it is). For every node: NODE.norm is the number of its values and the sum of their squares, NODE.sample
64 of them at fixed places (k * 1000003 mod n). Then logits, class (the largest), cam (that class's map before the average, whose mean is
the logit), and at the input the gradient of its logit and its relevance (relevance.py), each with 2048 values at fixed places and .norm.
"""
import json, sys
import numpy as np, torch
from PIL import Image
from card import HERE, Network, compare, packed, tensors
from generate import sample, save
from light import Conversion
from relevance import RULES, relevance


def normalised(card, pixels):
    """[1, 3, H, W] as the card's network reads it, of pixels [H, W, 3] in 0..255, red first."""
    p = card["preprocessing"]
    values = pixels[..., ::-1] if p["order"] == "bgr" else pixels
    x = (values / 255 * p["scale"] - np.array(p["mean"])) / np.array(p["std"])
    return torch.tensor(np.ascontiguousarray(x.transpose(2, 0, 1)[None]))


def norm(a):
    return np.array([a.numel(), float((a.detach() ** 2).sum())])


def main(weights, out):
    card = json.load(open(f"{weights}/card.json"))
    net = Network(card, packed(weights)).double()
    x = normalised(card, np.asarray(Image.open(f"{HERE}/photo224.png").convert("RGB"), np.float64)).requires_grad_()
    outputs, goldens = net.outputs(x), {}
    for node in card["nodes"]:
        value = outputs[node["name"]]
        goldens[f"{node['name']}.norm"], goldens[f"{node['name']}.sample"] = norm(value), sample(value)[:64]
    logits = outputs[card["output"]].ravel()
    best = int(logits.argmax())
    goldens |= {"logits": logits.detach().numpy(), "class": np.array([best]), "cam": outputs["relu_conv10"][0, best].detach().numpy()}
    # ONNX's own graph of SqueezeNet 1.1 with these weights says the same
    conversion = Conversion("squeezenet", card["name"], 224)
    theirs = conversion.light.run(x.detach().float().numpy(), conversion.weights(tensors(weights)))
    print(f"card against onnxruntime {compare('SqueezeNet', theirs, goldens['logits'], 1e-4):.1e}")
    at_input = {"gradient": torch.autograd.grad(logits[best], x)[0]}
    single = x.detach().float().requires_grad_()
    less, = torch.autograd.grad(net.float()(single)[0, best], single)
    net.double()
    differs = compare("gradient in float32", less.numpy(), at_input["gradient"].numpy(), 1e-4)
    print(f"class {best}, logit {logits[best].item():.4f}; gradient: float32 differs by {differs:.1e}")
    for rule in RULES:
        r, told = relevance(net, x.detach(), best, rule)
        at_input[f"relevance.{rule}"] = torch.tensor(r)
        print(f"relevance, {rule}: {told}")
    for name, a in at_input.items():
        goldens[name], goldens[f"{name}.norm"] = sample(a), norm(a)
    save(f"{out}/squeezenet.safetensors", goldens)


if __name__ == "__main__":
    main(*sys.argv[1:])
