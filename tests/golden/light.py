"""The light ONNX files (onnx 1.23.2, backend/test/data/light: real graphs whose weights are constants) and their conversion to cards.

A batch normalisation, with the Mul and Add that some graphs put behind it, becomes part of the convolution before it or else an affine;
Dropout and Identity go, Reshape is flatten, a final Softmax is cut, and an average pool over the whole map is a global one.
"""
import os
import numpy as np, onnx, onnxruntime
from onnx import helper, numpy_helper, shape_inference
from card import Refill
from from_onnx import IDENTITY, attributes, operation

FOLDER = os.path.join(os.path.dirname(onnx.__file__), "backend/test/data/light")


class Light:
    """A light file with its constants as inputs: which are told by shape, and filled when it is run."""
    def __init__(self, id):
        self.model = onnx.load(f"{FOLDER}/light_{id}.onnx")
        graph = self.model.graph
        self.fixed = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        made = [node for node in graph.node if node.op_type == "ConstantOfShape"]
        self.shapes = {node.output[0]: tuple(int(n) for n in self.fixed[node.input[0]]) for node in made}
        shapes_only = {node.input[0] for node in made}
        self.shapes |= {name: a.shape for name, a in self.fixed.items() if a.dtype == np.float32}
        self.fixed = {name: a for name, a in self.fixed.items() if a.dtype != np.float32 and name not in shapes_only}
        nodes = [node for node in graph.node if node.op_type != "ConstantOfShape"]
        if nodes[-1].op_type == "Softmax":
            nodes.pop()
        known = {*self.shapes, *self.fixed, *shapes_only}
        self.data, = (i.name for i in graph.input if i.name not in known)
        self.output, self.nodes = nodes[-1].output[0], nodes
        read = {i for node in nodes for i in node.input}
        self.shapes = {name: shape for name, shape in self.shapes.items() if name in read}

    def graph(self, size=None):
        """The model with its weights as inputs. With a `size` of the picture, pools over the whole map are global, vectors are as long as
        they come, and Gemm's matrices of any shape."""
        nodes, fixed = [onnx.NodeProto.FromString(node.SerializeToString()) for node in self.nodes], dict(self.fixed)
        whole = self.whole_pools() if size else set()
        weights = {name: list(shape) for name, shape in self.shapes.items()}
        for node in nodes:
            if node.name in whole:
                node.op_type = "GlobalAveragePool"
                del node.attribute[:]
            elif size and node.op_type == "Reshape" and node.input[0] not in self.shapes:
                fixed[node.input[1]] = np.array([1, -1])
            elif size and node.op_type == "Gemm" and node.input[1] in weights:
                weights[node.input[1]] = ["out", f"in of {node.name}"]
        info = lambda name, shape: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        inputs = [info(self.data, [1, 3, size or 224, size or 224])] + [info(name, shape) for name, shape in weights.items()]
        graph = helper.make_graph(nodes, "light", inputs, [info(self.output, None)], [numpy_helper.from_array(a, n) for n, a in fixed.items()])
        return helper.make_model(graph, opset_imports=self.model.opset_import, ir_version=self.model.ir_version)

    def inferred(self):
        """{ name: shape } of every value at the file's own size."""
        graph = shape_inference.infer_shapes(self.graph(), strict_mode=True).graph
        shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in (*graph.value_info, *graph.output)}
        return shapes | {self.data: [1, 3, 224, 224]} | self.shapes

    def whole_pools(self):
        """Names of the average pools whose one window holds the whole map and counts nothing else."""
        shapes, found = self.inferred(), set()
        for node in self.nodes:
            if node.op_type == "AveragePool" and shapes[node.output[0]][2:] == [1, 1] and not attributes(node).get("count_include_pad"):
                a = attributes(node)
                reach = [k - before for k, before in zip(a["kernel_shape"], a.get("pads", [0] * 4))]
                if all(r >= n for r, n in zip(reach, shapes[node.input[0]][2:])):
                    found.add(node.name)
        return found

    def run(self, x, weights):
        """Logits by onnxruntime; at the file's own size if x has that."""
        size = x.shape[-1]
        proto = self.graph(None if size == 224 else size).SerializeToString()
        session = onnxruntime.InferenceSession(proto, providers=["CPUExecutionProvider"])
        return session.run(None, {self.data: x} | weights)[0].reshape(-1)


def short(name):
    """conv1 of gpu_0/conv1_w_0."""
    return name.removeprefix("gpu_0/").removesuffix("_w_0")


class Conversion:
    """A light file as a card, and where each of the card's arrays goes in the file."""
    def __init__(self, id, name, size):
        light = Light(id)
        self.light, self.nodes, self.fills = light, [], {}  # fills: the card's node to the file's (weight, bias, normalisation)
        self.value = {light.data: "input"}  # ONNX value: the card's node that has it
        self.constant = {}                  # ONNX value: the constant that it is another shape of
        self.normalised = set()             # ONNX nodes that a convolution or an affine has taken in
        shapes, whole = light.inferred(), light.whole_pools()
        readers = {}
        for node in light.nodes:
            for i in node.input:
                readers.setdefault(i, []).append(node)
        counts = {}
        for node in light.nodes:
            if node.name in self.normalised:
                continue
            x, kind = node.input[0], node.op_type
            if self.source(x) is not None:  # a constant in another shape
                self.constant[node.output[0]] = self.source(x)
                continue
            if kind in IDENTITY or kind == "Reshape" and self.nodes[-1]["op"] == "flatten":
                self.value[node.output[0]] = self.value[x]
                continue
            output = node.output[0]
            if kind in ("Conv", "Gemm"):
                weight = self.source(node.input[1])
                title = short(weight)
                if kind == "Conv":
                    constants = {weight: np.empty(light.shapes[weight], np.float32)}
                    fields = operation(node, shapes[x][1:], constants)
                    after, normalisation = readers.get(output, []), []
                    if [n.op_type for n in after] == ["BatchNormalization"]:
                        normalisation, output = self.normalisation(after[0], readers)
                        fields.pop("bias", None)
                else:
                    assert attributes(node) == {"transB": 1}, attributes(node)
                    fields, normalisation = {"op": "linear", "out": shapes[node.output[0]][1]}, []
                bias = node.input[2] if len(node.input) > 2 else None
                self.fills[title] = (weight, bias, normalisation)
            elif kind == "BatchNormalization":
                title, fields = short(node.input[1]).removesuffix("_scale_0"), {"op": "affine"}
                normalisation, output = self.normalisation(node, readers)
                self.fills[title] = (None, None, normalisation)
            else:
                fields = {"op": "global_avg_pool"} if node.name in whole else operation(node, shapes[x][1:], {})
                word = fields.get("kind") or fields["op"]
                counts[word] = counts.get(word, 0) + 1
                title = f"{word}_{counts[word]}"
            inputs = [self.value[i] for i in (node.input if fields["op"] in ("add", "mul", "concat") else node.input[:1])]
            self.nodes.append({"name": title, "op": fields.pop("op"), "inputs": inputs, **fields})
            self.value[output] = title
        pooled = {node["name"] for node in self.nodes if node["op"] == "global_avg_pool"}
        any_size = all(node["inputs"][0] in pooled for node in self.nodes if node["op"] == "flatten")
        self.card = {
            "id": id, "name": name, "licence": "Apache-2.0", "source": f"PyPI onnx 1.23.2, light_{id}.onnx (a graph without weights)",
            "input": {"channels": 3, "size": size, "any_size": any_size},
            "preprocessing": {"mean": [0., 0., 0.], "std": [1., 1., 1.], "scale": 1., "order": "rgb"},
            "labels": "imagenet", "nodes": self.nodes, "output": self.value[light.output]}

    def source(self, value):
        """The constant that a value is, or None."""
        return value if value in self.light.shapes else self.constant.get(value)

    def normalisation(self, first, readers):
        """A BatchNormalization with the Mul by a constant and the Add of one that alone follow it, and the value behind them."""
        chain = [first]
        for kind in ("Mul", "Add"):
            after = readers[chain[-1].output[0]]
            if len(after) != 1 or after[0].op_type != kind or not self.constants_of(after[0]):
                break
            chain += after
        self.normalised |= {node.name for node in chain}
        return chain, chain[-1].output[0]

    def constants_of(self, node):
        """The constant that a Mul or Add reads beside its value, through the Unsqueeze that gives it a shape."""
        for i in node.input[1:]:
            for other in self.light.nodes:
                if i in other.output and other.op_type == "Unsqueeze":
                    return other.input[0]
        return None

    def weights(self, drawn):
        """The file's constants so that it computes what the card does with the arrays `drawn`. A normalisation is undone: its numbers are
        drawn, too, except for the bias, and the convolution before it is divided by what they multiply with."""
        own, given = Refill(seed=20), {}

        def positive(name):
            own.number += 1
            return np.exp(np.float32(.2) * own.normal(own.number, int(np.prod(self.light.shapes[name])))).reshape(self.light.shapes[name])
        for title, (weight, bias, chain) in self.fills.items():
            scale, shift = drawn.get(f"{title}.scale"), drawn.get(f"{title}.shift")
            if chain:
                normal, *rest = chain
                _, s, b, mean, var = normal.input
                epsilon = np.float32(attributes(normal).get("epsilon", 1e-5))
                given[mean], given[var] = positive(mean) - 1, positive(var)
                deviation = np.sqrt(given[var] + epsilon)
                outer = self.constants_of(rest[0]) if rest else None
                if outer:
                    given[outer] = positive(outer)
                factor = given[outer] if outer else np.float32(1)
                given[s] = positive(s) if scale is None else scale * deviation / factor
                total = given[s] * factor / deviation
                target = drawn[f"{title}.bias"] if scale is None else shift
                if len(rest) > 1:
                    plus = self.constants_of(rest[1])
                    given[plus] = positive(plus) - 1
                    target = target - given[plus]
                if bias:
                    given[bias] = positive(bias) - 1
                    target = target - given[bias] * total
                given[b] = (target + given[mean] * total) / factor
                if weight:
                    given[weight] = drawn[f"{title}.weight"] / total.reshape(-1, 1, 1, 1)
            else:
                given[weight] = drawn[f"{title}.weight"]
                if bias:
                    given[bias] = drawn[f"{title}.bias"]
        # a matrix may come in another shape: Inception v1's is [1, 1, out, in]
        return {name: a.reshape(self.light.shapes[name]) if a.size == np.prod(self.light.shapes[name]) else a for name, a in given.items()}
