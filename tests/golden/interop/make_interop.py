"""Writes small networks in the forms that other programs save them in, and what they make of a picture.

    python3 -m venv venv && venv/bin/pip install torch numpy safetensors onnx
    venv/bin/python tests/golden/interop/make_interop.py

Run by hand; the tests need no Python. The networks have the layers, names and pixel scales of the
programs that they are named after, with two channels in place of 32 and seeded weights. The
pictures in expected.safetensors are in RGB from 0 to 255 whatever a network calls pixels itself.
examples_old.model names its storages by addresses, and so differs from run to run.
"""

import pathlib

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import save_file
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
MEAN = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)


# --- pytorch/examples, fast_neural_style ----------------------------------------------------------


class ConvLayer(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1, upsample=None):
        super().__init__()
        self.upsample = nn.Upsample(scale_factor=upsample) if upsample else None
        self.reflection_pad = nn.ReflectionPad2d(kernel // 2)
        self.conv2d = nn.Conv2d(inputs, outputs, kernel, stride)

    def forward(self, x):
        if self.upsample is not None:
            x = self.upsample(x)
        return self.conv2d(self.reflection_pad(x))


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = ConvLayer(channels, channels, 3)
        self.in1 = nn.InstanceNorm2d(channels, affine=True)
        self.conv2 = ConvLayer(channels, channels, 3)
        self.in2 = nn.InstanceNorm2d(channels, affine=True)

    def forward(self, x):
        return x + self.in2(self.conv2(torch.relu(self.in1(self.conv1(x)))))


class Examples(nn.Module):
    def __init__(self, base=2, blocks=5):
        super().__init__()
        self.blocks = blocks
        sizes = [(3, base, 9, 1), (base, 2 * base, 3, 2), (2 * base, 4 * base, 3, 2)]
        for i, (inputs, outputs, kernel, stride) in enumerate(sizes, 1):
            setattr(self, f"conv{i}", ConvLayer(inputs, outputs, kernel, stride))
            setattr(self, f"in{i}", nn.InstanceNorm2d(outputs, affine=True))
        for i in range(1, blocks + 1):
            setattr(self, f"res{i}", ResidualBlock(4 * base))
        self.deconv1 = ConvLayer(4 * base, 2 * base, 3, upsample=2)
        self.in4 = nn.InstanceNorm2d(2 * base, affine=True)
        self.deconv2 = ConvLayer(2 * base, base, 3, upsample=2)
        self.in5 = nn.InstanceNorm2d(base, affine=True)
        self.deconv3 = ConvLayer(base, 3, 9)

    def last(self):
        return self.deconv3.conv2d

    def forward(self, x):
        for i in (1, 2, 3):
            x = torch.relu(getattr(self, f"in{i}")(getattr(self, f"conv{i}")(x)))
        for i in range(1, self.blocks + 1):
            x = getattr(self, f"res{i}")(x)
        x = torch.relu(self.in4(self.deconv1(x)))
        x = torch.relu(self.in5(self.deconv2(x)))
        return self.deconv3(x)


# --- eriklindernoren/Fast-Neural-Style-Transfer ---------------------------------------------------


class ConvBlock(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1, upsample=False, normalize=True, relu=True):
        super().__init__()
        self.upsample = upsample
        self.block = nn.Sequential(
            nn.ReflectionPad2d(kernel // 2), nn.Conv2d(inputs, outputs, kernel, stride)
        )
        self.norm = nn.InstanceNorm2d(outputs, affine=True) if normalize else None
        self.relu = relu

    def forward(self, x):
        if self.upsample:
            x = nn.functional.interpolate(x, scale_factor=2)
        x = self.block(x)
        if self.norm is not None:
            x = self.norm(x)
        return torch.relu(x) if self.relu else x


class BlockOfConvBlocks(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.block = nn.Sequential(
            ConvBlock(channels, channels, 3), ConvBlock(channels, channels, 3, relu=False)
        )

    def forward(self, x):
        return self.block(x) + x


class Sequential(nn.Module):
    def __init__(self, base=2, blocks=2):
        super().__init__()
        self.model = nn.Sequential(
            ConvBlock(3, base, 9),
            ConvBlock(base, 2 * base, 3, stride=2),
            ConvBlock(2 * base, 4 * base, 3, stride=2),
            *[BlockOfConvBlocks(4 * base) for _ in range(blocks)],
            ConvBlock(4 * base, 2 * base, 3, upsample=True),
            ConvBlock(2 * base, base, 3, upsample=True),
            ConvBlock(base, 3, 9, normalize=False, relu=False),
        )

    def last(self):
        return self.model[-1].block[1]

    def forward(self, x):
        return self.model(x)


def with_named_blocks(state, blocks):
    """model.0 ... as conv1 ..., res1 ..., deconv1 ..."""
    names = [f"conv{i}" for i in (1, 2, 3)] + [f"res{i + 1}" for i in range(blocks)]
    names += [f"deconv{i}" for i in (1, 2, 3)]
    renamed = {}
    for key, value in state.items():
        _, number, rest = key.split(".", 2)
        renamed[f"{names[int(number)]}.{rest}"] = value
    return renamed


# --- rrmina/fast-neural-style-pytorch -------------------------------------------------------------


def norm_layer(kind, channels):
    return nn.BatchNorm2d(channels) if kind == "batch" else nn.InstanceNorm2d(channels, affine=True)


class PlainConvLayer(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, norm):
        super().__init__()
        self.reflection_pad = nn.ReflectionPad2d(kernel // 2)
        self.conv_layer = nn.Conv2d(inputs, outputs, kernel, stride)
        if norm is not None:
            self.norm_layer = norm_layer(norm, outputs)

    def forward(self, x):
        x = self.conv_layer(self.reflection_pad(x))
        return self.norm_layer(x) if hasattr(self, "norm_layer") else x


class ResidualLayer(nn.Module):
    def __init__(self, channels, norm):
        super().__init__()
        self.conv1 = PlainConvLayer(channels, channels, 3, 1, norm)
        self.relu = nn.ReLU()
        self.conv2 = PlainConvLayer(channels, channels, 3, 1, norm)

    def forward(self, x):
        return self.conv2(self.relu(self.conv1(x))) + x


class DeconvLayer(nn.Module):
    def __init__(self, inputs, outputs, norm):
        super().__init__()
        self.conv_transpose = nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, 1)
        self.norm_layer = norm_layer(norm, outputs)

    def forward(self, x):
        return self.norm_layer(self.conv_transpose(x))


class ThreeBlocks(nn.Module):
    def __init__(self, base=2, blocks=2, norm="instance"):
        super().__init__()
        self.ConvBlock = nn.Sequential(
            PlainConvLayer(3, base, 9, 1, norm),
            nn.ReLU(),
            PlainConvLayer(base, 2 * base, 3, 2, norm),
            nn.ReLU(),
            PlainConvLayer(2 * base, 4 * base, 3, 2, norm),
            nn.ReLU(),
        )
        self.ResidualBlock = nn.Sequential(*[ResidualLayer(4 * base, norm) for _ in range(blocks)])
        self.DeconvBlock = nn.Sequential(
            DeconvLayer(4 * base, 2 * base, norm),
            nn.ReLU(),
            DeconvLayer(2 * base, base, norm),
            nn.ReLU(),
            PlainConvLayer(base, 3, 9, 1, None),
        )

    def last(self):
        return self.DeconvBlock[4].conv_layer

    def forward(self, x):
        return self.DeconvBlock(self.ResidualBlock(self.ConvBlock(x)))


# --- weights, files, pictures ---------------------------------------------------------------------


def seeded(network, seed, low=0.0, high=255.0):
    """Scales, shifts and statistics that matter, and pictures that lie between low and high."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in list(network.named_parameters()) + list(network.named_buffers()):
            if not tensor.is_floating_point():
                continue
            noise = torch.rand(tensor.shape, generator=generator) * 2 - 1
            if tensor.dim() == 4:
                tensor.copy_(noise * (3 / tensor[0].numel()) ** 0.5)
            else:
                scale_like = name.endswith("running_var") or (
                    name.endswith("weight") and tensor.dim() == 1
                )
                tensor.copy_(noise * 0.4 + (1.0 if scale_like else 0.0))
        last = network.last()
        last.weight *= (high - low) / 8
        last.bias.copy_(last.bias * (high - low) / 8 + (high + low) / 2)
    return network.eval()


def computed_factors(model):
    """Factors of Upsample as F.interpolate was exported in 2019: sides after divided by before."""
    nodes = []
    for node in model.graph.node:
        if node.op_type == "Constant" and any(
            n.op_type == "Upsample" and node.output[0] in n.input for n in model.graph.node
        ):
            continue
        if node.op_type == "Upsample":
            x, name = node.input[0], node.output[0] + "_"

            def add(op, inputs, result, **attributes):
                nodes.append(onnx.helper.make_node(op, inputs, [name + result], **attributes))
                return name + result

            def constant(result, value):
                return add("Constant", [], result, value=numpy_helper.from_array(value))

            sides = []
            for axis in (2, 3):
                index = constant(f"axis{axis}", np.array(axis))
                side = add("Gather", [add("Shape", [x], f"shape{axis}"), index], f"side{axis}", axis=0)
                side = add("Cast", [side], f"float{axis}", to=1)
                side = add("Mul", [side, constant(f"two{axis}", np.float32(2))], f"twice{axis}")
                side = add("Floor", [add("Cast", [side], f"cast{axis}", to=1)], f"floor{axis}")
                sides.append(add("Unsqueeze", [side], f"sides{axis}", axes=[0]))
            after = add("Cast", [add("Concat", sides, "after", axis=0)], "after_float", to=1)
            before = add("Slice", [add("Shape", [x], "shape")], "before", axes=[0], starts=[2], ends=[4])
            before = add("Cast", [before], "before_float", to=1)
            factors = add("Div", [after, before], "factors")
            ones = constant("ones", np.ones(2, np.float32))
            node.input[1] = add("Concat", [ones, factors], "scales", axis=0)
        nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def zoo_form(network, picture, opset):
    """What the ONNX model zoo holds: weights among the inputs, and an old Upsample."""
    path = HERE / f"zoo_{opset}.onnx"
    torch.onnx.export(
        network,
        picture,
        path,
        opset_version=9,
        dynamo=False,
        input_names=["input1"],
        output_names=["output1"],
        keep_initializers_as_inputs=True,
    )
    model = onnx.load(path)
    if opset == 8:  # Upsample's factors were attributes, and names were numbers.
        constants = {n.output[0]: n for n in model.graph.node if n.op_type == "Constant"}
        for node in model.graph.node:
            if node.op_type == "Upsample":
                scales = numpy_helper.to_array(constants[node.input[1]].attribute[0].t)
                node.attribute.append(onnx.helper.make_attribute("scales", scales.tolist()))
                del node.input[1]
        kept = [n for n in model.graph.node if n.op_type != "Constant"]
        del model.graph.node[:]
        model.graph.node.extend(kept)
        numbers = {t.name: str(i) for i, t in enumerate(model.graph.initializer, 1)}
        for named in list(model.graph.initializer) + list(model.graph.input):
            named.name = numbers.get(named.name, named.name)
        for node in model.graph.node:
            node.name = ""
            node.input[:] = [numbers.get(name, name) for name in node.input]
        model.opset_import[0].version = 8
        model.ir_version = 3
    else:
        computed_factors(model)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    torch.manual_seed(0)
    picture = torch.floor(torch.rand(1, 3, 16, 16) * 256)
    expected = {"picture": picture}

    examples = seeded(Examples(), 1)
    torch.save(examples.state_dict(), HERE / "examples.pth")
    expected["examples"] = examples(picture)
    old = examples.state_dict()
    for name, tensor in list(old.items()):
        if tensor.dim() == 1 and "in" in name.split(".")[-2] and name.endswith("weight"):
            stem = name.removesuffix("weight")
            old[stem + "running_mean"] = torch.full_like(tensor, 7.0)
            old[stem + "running_var"] = torch.full_like(tensor, 9.0)
    torch.save(old, HERE / "examples_old.model", _use_new_zipfile_serialization=False)

    sequential = seeded(Sequential(), 2, low=-2.0, high=2.0).to(memory_format=torch.channels_last)
    torch.save(sequential.state_dict(), HERE / "sequential.pth")
    normalized = sequential((picture / 255 - MEAN) / STD)
    expected["sequential"] = (normalized * STD + MEAN) * 255
    named = with_named_blocks(sequential.state_dict(), 2)
    torch.save(named, HERE / "named_blocks.pth")

    three_blocks = seeded(ThreeBlocks(), 3)
    parallel = nn.DataParallel(three_blocks)
    checkpoint = {"epoch": 3, "loss": 0.25, "state_dict": parallel.state_dict()}
    torch.save(checkpoint, HERE / "three_blocks.pth")
    expected["three_blocks"] = three_blocks(picture.flip(1)).flip(1)

    batch = seeded(ThreeBlocks(blocks=1, norm="batch"), 4).train()
    for module in batch.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.9
    batch(picture.flip(1) * 0.5)  # leaves statistics behind
    batch.eval()
    torch.save(batch.state_dict(), HERE / "three_blocks_batch.pth", pickle_protocol=4)
    expected["three_blocks_batch"] = batch(picture.flip(1)).flip(1)

    zoo = seeded(Examples(blocks=2), 5)
    for opset in (8, 9):
        zoo_form(zoo, picture, opset)
    expected["zoo"] = zoo(picture)

    save_file({k: v.detach().contiguous() for k, v in expected.items()}, HERE / "expected.safetensors")
    for name, values in expected.items():
        print(f"{name}: {values.min():.1f} to {values.max():.1f}")


if __name__ == "__main__":
    main()
