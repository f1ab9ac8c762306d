"""Writes the golden files of the neural networks' tests. Run by hand; the tests need no Python.

    python3 -m venv venv && venv/bin/pip install torch numpy pillow safetensors
    venv/bin/python tests/golden/make_golden.py

The files hold inputs and outputs only. Weights are a function of tensor name and position, given
below and once more in tests/nn/seeded_weights.h. The network of pytorch/examples runs on Python's
torch; everything else is computed by the NumPy code here in float64, which shares nothing with
libtorch.
"""

import json
import pathlib

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image
from safetensors.numpy import load_file, save_file

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent.parent / "data"


# --- weights -------------------------------------------------------------------------------------


def mix(z):
    """SplitMix64's output function on an array of uint64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(name, shape):
    """Values in [-1, 1): SplitMix64 started from the FNV-1a hash of the name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    steps = np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    state = mix(mix(np.array([seed], dtype=np.uint64)))
    unit = (mix(state + steps) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return (2 * unit - 1).reshape(shape)


def seeded(name, shape, fan_in=None):
    """Convolutions keep the size of activations; scales and variances lie around 1."""
    values = uniform(name, shape)
    if len(shape) == 4:
        values = values * np.sqrt(3.0 / (fan_in or np.prod(shape[1:])))
    elif name.endswith(("norm.weight", "norm1.weight", "norm2.weight", "running_var")):
        values = 1 + 0.5 * values
    elif name.endswith("activation.weight"):
        values = 0.25 + 0.1 * values
    else:
        values = 0.1 * values
    return values.astype(np.float32)


def seeded_picture(name, height, width):
    """Whole numbers from 0 to 255, as a picture has."""
    return np.floor(128 + 128 * uniform(name, (1, 3, height, width))).astype(np.float32)


# --- layers in NumPy, float64 --------------------------------------------------------------------


def conv(x, weight, bias=None, stride=1, groups=1):
    k = weight.shape[2]
    windows = sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    n, c, h, w = windows.shape[:4]
    out = weight.shape[0]
    windows = windows.reshape(n, groups, c // groups, h, w, k, k)
    weight = weight.astype(np.float64).reshape(groups, out // groups, c // groups, k, k)
    y = np.einsum("ngchwij,gocij->ngohw", windows, weight, optimize=True).reshape(n, out, h, w)
    return y if bias is None else y + bias.reshape(1, -1, 1, 1)


def pad(x, size, mode):
    return np.pad(x, ((0, 0), (0, 0), (size, size), (size, size)), mode=mode)


def transposed_conv(x, weight, bias=None):
    """Each pixel adds a weighted 3x3 patch at twice its place; the first row and column are cut."""
    n, _, h, w = x.shape
    y = np.zeros((n, weight.shape[1], 2 * h + 2, 2 * w + 2))
    for i in range(3):
        for j in range(3):
            y[:, :, i : i + 2 * h : 2, j : j + 2 * w : 2] += np.einsum(
                "nchw,co->nohw", x, weight[:, :, i, j].astype(np.float64)
            )
    y = y[:, :, 1 : 1 + 2 * h, 1 : 1 + 2 * w]
    return y if bias is None else y + bias.reshape(1, -1, 1, 1)


def pixel_shuffle(x):
    n, c, h, w = x.shape
    squares = x.reshape(n, c // 4, 2, 2, h, w).transpose(0, 1, 4, 2, 5, 3)
    return squares.reshape(n, c // 4, 2 * h, 2 * w)


def nearest(x):
    return x.repeat(2, axis=2).repeat(2, axis=3)


def bilinear(x):
    """Output pixel centres lie a quarter pixel from an input pixel's; edges are repeated."""
    for axis in (2, 3):
        length = x.shape[axis]
        here = np.arange(length)
        before = np.take(x, np.maximum(here - 1, 0), axis=axis)
        after = np.take(x, np.minimum(here + 1, length - 1), axis=axis)
        pair = np.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], axis=axis + 1)
        x = pair.reshape(*x.shape[:axis], 2 * length, *x.shape[axis + 1 :])
    return x


# --- the generator in NumPy ----------------------------------------------------------------------


class NumpyGenerator:
    """What docs/model_format.md says a model file means."""

    def __init__(self, config):
        self.config = config

    def conv(self, x, name, out, kernel=3, stride=1, bias=None):
        bias = self.config["norm"] == "none" if bias is None else bias
        padded = pad(x, kernel // 2, "reflect")
        channels = x.shape[1]
        if kernel == 3 and self.config["block"] == "depthwise_separable":
            depthwise = seeded(f"{name}.depthwise.weight", (channels, 1, 3, 3))
            x = conv(padded, depthwise, None, stride, groups=channels)
            pointwise = seeded(f"{name}.pointwise.weight", (out, channels, 1, 1))
            return conv(x, pointwise, seeded(f"{name}.pointwise.bias", (out,)) if bias else None)
        weight = seeded(f"{name}.weight", (out, channels, kernel, kernel))
        return conv(padded, weight, seeded(f"{name}.bias", (out,)) if bias else None, stride)

    def norm(self, x, name):
        kind, c = self.config["norm"], x.shape[1]
        if kind == "none":
            return x
        shape = (self.config["styles"], c) if kind == "conditional_instance" else (c,)
        scale = seeded(f"{name}.weight", shape).astype(np.float64)
        shift = seeded(f"{name}.bias", shape).astype(np.float64)
        if kind == "conditional_instance":
            scale, shift = (self.style_weights @ rows for rows in (scale, shift))
        if kind == "batch":
            mean = seeded(f"{name}.running_mean", (c,)).reshape(1, c, 1, 1)
            variance = seeded(f"{name}.running_var", (c,)).reshape(1, c, 1, 1)
        else:
            mean = x.mean(axis=(2, 3), keepdims=True)
            variance = ((x - mean) ** 2).mean(axis=(2, 3), keepdims=True)
        scale, shift = scale.reshape(-1, c, 1, 1), shift.reshape(-1, c, 1, 1)
        return (x - mean) / np.sqrt(variance + 1e-5) * scale + shift

    def activation(self, x, name, kind):
        if kind == "relu":
            return np.maximum(x, 0)
        if kind == "relu6":
            return np.clip(x, 0, 6)
        slope = 0.2 if kind == "leaky_relu" else seeded(f"{name}.weight", (1,))[0]
        return np.where(x > 0, x, slope * x)

    def upsample(self, x, name, out):
        kind, c = self.config["upsample"], x.shape[1]
        has_bias = self.config["norm"] == "none"
        if kind == "transposed":
            bias = seeded(f"{name}.bias", (out,)) if has_bias else None
            return transposed_conv(x, seeded(f"{name}.weight", (c, out, 3, 3)), bias)
        if kind == "pixel_shuffle":
            return pixel_shuffle(self.conv(x, name, 4 * out))
        return self.conv(nearest(x) if kind == "nearest_conv" else bilinear(x), name, out)

    def __call__(self, picture, style_weights=None):
        config, self.style_weights = self.config, style_weights
        base, act = config["base_channels"], config["encoder_activation"]
        height, width = picture.shape[2:]
        margin = config["margin"]
        around = [(margin, margin + -(side + 2 * margin) % 4) for side in (height, width)]
        x = np.pad(picture.astype(np.float64), ((0, 0), (0, 0), *around), mode="reflect")
        skips = []
        for i, (kernel, stride) in enumerate([(9, 1), (3, 2), (3, 2)]):
            name = f"encoder.{i}"
            x = self.conv(x, f"{name}.conv", base << i, kernel, stride)
            x = self.activation(self.norm(x, f"{name}.norm"), f"{name}.activation", act)
            skips.append(x)
        for i in range(config["residual_blocks"]):
            name = f"residual.{i}"
            y = self.norm(self.conv(x, f"{name}.conv1", 4 * base), f"{name}.norm1")
            y = self.activation(y, f"{name}.activation", act)
            x = x + self.norm(self.conv(y, f"{name}.conv2", 4 * base), f"{name}.norm2")
        for i, out in enumerate([2 * base, base]):
            name = f"decoder.{i}"
            x = self.norm(self.upsample(x, f"{name}.conv", out), f"{name}.norm")
            x = self.activation(x, f"{name}.activation", config["decoder_activation"])
            if config["skip_connections"]:
                x = np.concatenate([x, skips[1 - i]], axis=1)
        y = self.conv(x, "output.conv", 3, kernel=9, bias=True)
        if config["output"] == "tanh":
            y = 127.5 + 150 * np.tanh(y)
        elif config["output"] == "sigmoid":
            y = 255 / (1 + np.exp(-y))
        return y[:, :, margin : margin + height, margin : margin + width]


DEFAULTS = {
    "base_channels": 4,
    "residual_blocks": 2,
    "norm": "instance",
    "styles": 1,
    "upsample": "nearest_conv",
    "encoder_activation": "relu",
    "decoder_activation": "relu",
    "output": "tanh",
    "skip_connections": False,
    "block": "standard",
    "margin": 0,
}

VARIANTS = {
    "default": {},
    "linear": {"output": "linear"},
    "sigmoid": {"output": "sigmoid"},
    "batch": {"norm": "batch", "output": "linear"},
    "unnormalised": {"norm": "none", "output": "linear"},
    "conditional": {"norm": "conditional_instance", "styles": 3},
    "bilinear": {"upsample": "bilinear_conv"},
    "transposed": {"upsample": "transposed"},
    "transposed_unnormalised": {"upsample": "transposed", "norm": "none", "output": "linear"},
    "pixel_shuffle": {"upsample": "pixel_shuffle"},
    "pixel_shuffle_unnormalised": {"upsample": "pixel_shuffle", "norm": "none", "output": "linear"},
    "leaky_relu_and_relu6": {"encoder_activation": "leaky_relu", "decoder_activation": "relu6"},
    "prelu": {"encoder_activation": "prelu", "decoder_activation": "prelu"},
    "skip": {"skip_connections": True},
    "depthwise": {"block": "depthwise_separable"},
    "depthwise_unnormalised": {"block": "depthwise_separable", "norm": "none", "output": "linear"},
    "margin": {"margin": 8},
    "everything": {
        "norm": "conditional_instance",
        "styles": 2,
        "upsample": "bilinear_conv",
        "encoder_activation": "prelu",
        "decoder_activation": "leaky_relu",
        "output": "sigmoid",
        "skip_connections": True,
        "block": "depthwise_separable",
        "margin": 3,
    },
}


def write_variants():
    tensors, configs = {}, {}
    for name, changes in VARIANTS.items():
        config = DEFAULTS | changes
        picture = seeded_picture(name, 18, 23)
        weights = None
        if config["norm"] == "conditional_instance":
            weights = np.linspace(0.1, 1.2, config["styles"], dtype=np.float32).reshape(1, -1)
            tensors[f"{name}.style_weights"] = weights
        tensors[f"{name}.input"] = picture
        tensors[f"{name}.output"] = NumpyGenerator(config)(picture, weights).astype(np.float32)
        configs[name] = json.dumps(config)
        low, high = tensors[f"{name}.output"].min(), tensors[f"{name}.output"].max()
        print(f"  {name}: {low:.1f} to {high:.1f}")
    save_file(tensors, HERE / "generator_variants.safetensors", metadata=configs)


# --- the network of pytorch/examples, on torch ---------------------------------------------------


class ExamplesConv(torch.nn.Module):
    def __init__(self, cin, cout, kernel, stride=1, upsample=1):
        super().__init__()
        self.upsample, self.pad = upsample, torch.nn.ReflectionPad2d(kernel // 2)
        self.conv2d = torch.nn.Conv2d(cin, cout, kernel, stride)

    def forward(self, x):
        if self.upsample > 1:
            x = torch.nn.functional.interpolate(x, mode="nearest", scale_factor=self.upsample)
        return self.conv2d(self.pad(x))


class ExamplesBlock(torch.nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1, self.in1 = ExamplesConv(c, c, 3), torch.nn.InstanceNorm2d(c, affine=True)
        self.conv2, self.in2 = ExamplesConv(c, c, 3), torch.nn.InstanceNorm2d(c, affine=True)

    def forward(self, x):
        return x + self.in2(self.conv2(torch.relu(self.in1(self.conv1(x)))))


class ExamplesNetwork(torch.nn.Module):
    """The layers, sizes and parameter names of pytorch/examples' fast_neural_style."""

    def __init__(self):
        super().__init__()
        layers = {"conv1": (3, 32, 9), "conv2": (32, 64, 3, 2), "conv3": (64, 128, 3, 2)}
        layers |= {"deconv1": (128, 64, 3, 1, 2), "deconv2": (64, 32, 3, 1, 2)}
        layers |= {"deconv3": (32, 3, 9)}
        for name, options in layers.items():
            self.add_module(name, ExamplesConv(*options))
        for i, channels in enumerate([32, 64, 128, 64, 32], start=1):
            self.add_module(f"in{i}", torch.nn.InstanceNorm2d(channels, affine=True))
        for i in range(1, 6):
            self.add_module(f"res{i}", ExamplesBlock(128))

    def forward(self, x):
        for i in (1, 2, 3):
            x = torch.relu(getattr(self, f"in{i}")(getattr(self, f"conv{i}")(x)))
        for i in range(1, 6):
            x = getattr(self, f"res{i}")(x)
        for i, norm in ((1, self.in4), (2, self.in5)):
            x = torch.relu(norm(getattr(self, f"deconv{i}")(x)))
        return self.deconv3(x)


def write_examples():
    network = ExamplesNetwork().eval()
    state = {}
    for name, tensor in network.state_dict().items():
        values = seeded(name, tuple(tensor.shape))
        if ".in" in f".{name}" and name.endswith(".weight"):
            values = values * 5 + 1  # scales around 1: `seeded` knows only our names for norms
        elif name == "deconv3.conv2d.weight":
            values = values * 60  # so that the picture spans 0 to 255
        elif name == "deconv3.conv2d.bias":
            values = values + 127
        state[name] = torch.from_numpy(values.astype(np.float32))
    network.load_state_dict(state)
    picture = seeded_picture("examples", 40, 48)
    with torch.no_grad():
        output = network(torch.from_numpy(picture)).numpy()
    print(f"  examples: {output.min():.1f} to {output.max():.1f}")
    save_file({"input": picture, "output": output}, HERE / "examples_network.safetensors")


# --- VGG in NumPy --------------------------------------------------------------------------------

VGG = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
IMAGENET = (np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225]))


def pool(x, average):
    n, c, h, w = x.shape
    squares = x[:, :, : h // 2 * 2, : w // 2 * 2].reshape(n, c, h // 2, 2, w // 2, 2)
    return squares.mean(axis=(3, 5)) if average else squares.max(axis=(3, 5))


def vgg_taps(architecture, tensor, picture, mean, std, average=False):
    """Every value by name, thinned out to at most 256 numbers: every s-th in row-major order."""
    x = (picture.astype(np.float64) / 255 - mean.reshape(1, 3, 1, 1)) / std.reshape(1, 3, 1, 1)
    taps, position = {}, 0
    for block, (count, channels) in enumerate(zip(VGG[architecture], (64, 128, 256, 512, 512)), 1):
        if block > 1:
            x = pool(x, average)
        for i in range(1, count + 1):
            weight = tensor(f"features.{position}.weight", (channels, x.shape[1], 3, 3))
            bias = tensor(f"features.{position}.bias", (channels,))
            x = conv(pad(x, 1, "constant"), weight, bias.astype(np.float64))
            taps[f"conv{block}_{i}"] = x
            x = np.maximum(x, 0)
            taps[f"relu{block}_{i}"] = x
            position += 2
        position += 1
    return {
        name: value.ravel()[:: -(-value.size // 256)].astype(np.float32)
        for name, value in taps.items()
    }


def write_vgg():
    def seeded_vgg(name, shape):
        # He et al.'s variance, so that the ReLUs do not thin the signal out layer by layer.
        gain = np.float32(np.sqrt(2.0)) if len(shape) == 4 else np.float32(1)
        return seeded(name, shape) * gain

    for architecture in VGG:
        picture = seeded_picture(architecture, 33, 37)
        tensors = {"input": picture}
        for pooling in ("max", "average"):
            average = pooling == "average"
            taps = vgg_taps(architecture, seeded_vgg, picture, *IMAGENET, average)
            tensors |= {f"{pooling}.{name}": values for name, values in taps.items()}
        save_file(tensors, HERE / f"{architecture}_seeded.safetensors")

    # The original weights on a real photo.
    weights = load_file(DATA / "vgg16.safetensors")
    photo = Image.open(DATA / "examples" / "cat.jpg").convert("RGB").crop((200, 120, 264, 168))
    planes = np.asarray(photo, dtype=np.float32).transpose(2, 0, 1)[None]
    picture = np.ascontiguousarray(planes)  # save_file writes memory as it lies
    mean, std = np.array([123.68, 116.779, 103.939]) / 255, np.full(3, 1 / 255)
    original = lambda name, shape: weights[name].astype(np.float32)
    taps = vgg_taps("vgg16", original, picture, mean, std)
    save_file({"input": picture} | taps, HERE / "vgg16_photo.safetensors")
    for name, value in taps.items():
        print(f"  {name}: root mean square {np.sqrt((value.astype(np.float64) ** 2).mean()):.2f}")


if __name__ == "__main__":
    write_variants()
    write_examples()
    write_vgg()
