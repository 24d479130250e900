"""Real graphs without their weights:  make golden

    graphs.py OUT_DIR

The light ONNX files (onnx 1.23.2, backend/test/data/light) are graphs whose weights are constants. Each is converted to a card
(graphs/NAME.json), refilled with numbers from the project's Noise (card.py, `Refill`, seed 19), and run three times: by onnxruntime on the
ONNX graph itself with the same weights, by card.py in float32 and in float64. Where the file's own 224 x 224 is not too large for that,
the unchanged ONNX graph is compared, too; at the small size its average pools over the whole map are global ones, as in the card.

graphs.safetensors has, for each: NAME.size (rows, columns of the input), NAME.logits.onnxruntime and NAME.logits (PyTorch float64), NAME.gradient
(of logit 7 with respect to the input [3, H, W]), and for some NAME.relevance.epsilon and NAME.relevance.zplus (relevance.py).
"""
import os, sys
import numpy as np, torch
from card import Network, Refill, check_noise, compare, write
from generate import save
from light import Conversion
from relevance import RULES, relevance

CLASS = 7
# file: name, a small size at which no pool runs empty (the card's), and whether the file's own size is run as well (VGG19, AlexNet and
# ZFNet have 60 to 140 million weights there)
GRAPHS = {"bvlc_alexnet": ("AlexNet", 64, False), "vgg19": ("VGG19", 32, False), "resnet50": ("ResNet50", 64, True),
          "densenet121": ("DenseNet121", 64, True), "inception_v1": ("Inception v1", 64, True), "inception_v2": ("Inception v2", 64, True),
          "squeezenet": ("SqueezeNet 1.1", 64, True), "zfnet512": ("ZFNet", 96, False)}
RELEVANCE = {"resnet50", "squeezenet"}


def main(out):
    check_noise()
    os.makedirs(f"{out}/graphs", exist_ok=True)
    goldens = {}
    for id, (name, small, own_size) in GRAPHS.items():
        conversion = Conversion(id, name, small)
        write(f"{out}/graphs/{id}.json", conversion.card)
        for size in ([224] if own_size else []) + [small]:
            refill = Refill()
            net = Network(conversion.card, refill, (size, size))
            x = refill.input(3, size, size)
            theirs = conversion.light.run(x, conversion.weights(refill.drawn))
            with torch.no_grad():
                ours = net(torch.tensor(x)).numpy().ravel()
            error = compare(f"{id} at {size}", ours, theirs, 1e-4)
            print(f"{id} at {size}: {refill.number} arrays, {sum(a.size for a in refill.drawn.values()):,} weights, logits {theirs.std():.3g}; "
                  f"card against onnxruntime {error:.1e}", flush=True)
        del refill
        net.double()
        x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        logits = net(x).ravel()
        goldens |= {f"{id}.size": np.array([small, small]), f"{id}.logits.onnxruntime": theirs, f"{id}.logits": logits.detach().numpy()}
        goldens[f"{id}.gradient"], = (g[0].numpy() for g in torch.autograd.grad(logits[CLASS], x))
        print(f"  float64 against onnxruntime {compare(id, theirs, goldens[f'{id}.logits'], 1e-4):.1e}", flush=True)
        for rule in RULES if id in RELEVANCE else ():
            r, parts = relevance(net, x.detach(), CLASS, rule)
            goldens[f"{id}.relevance.{rule}"] = r
            print(f"  relevance, {rule}: {parts}", flush=True)
    save(f"{out}/graphs.safetensors", goldens)


if __name__ == "__main__":
    main(sys.argv[1])
