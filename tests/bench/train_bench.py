#!/usr/bin/env python3
"""The speed of a training step, beside the step of PyTorch's own fast-neural-style example.

    python3 tests/bench/train_bench.py [--bin build/release/bin] [--rounds 3] [--steps 12] [--threads 2]
    python3 tests/bench/train_bench.py --curve 60

Both sides train the network of Johnson et al. (32-64-128 channels, 5 residual blocks) on crops of 256 pixels of the
photos in data/, 4 a step, against the original VGG16 in data/: content at relu2_2, style at relu1_2, 2_2, 3_3 and 4_3,
Adam. They take turns, each in a process of its own, so that what else the machine does meets both. A step's time is the
median over all steps but each process's first two.

--curve N tells instead whether both make the same steps: from the same weights, N steps on one batch of the same crops,
loss by loss. Needs Python with torch, numpy and pillow.
"""
import argparse
import json
import os
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIG = ROOT / "tests/bench/train_bench.json"
WARM_UP = 2


# --- the peer's step ---


def names_of_the_example():
    """Of the network's layers, as pytorch/examples calls them, in order."""
    names = [part for i in (1, 2, 3) for part in (f"conv{i}.conv2d", f"in{i}")]
    names += [f"res{i}.{part}" for i in range(1, 6) for part in ("conv1.conv2d", "in1", "conv2.conv2d", "in2")]
    return names + ["deconv1.conv2d", "in4", "deconv2.conv2d", "in5", "deconv3.conv2d"]


def peer(steps, threads, bfloat16, start):
    """Runs the example's step and prints a line of JSON a step: seconds, content, style. With `start`, a folder, from
    the weights in it and on the crops in it alone; where it has no weights yet, they are written and nothing is run."""
    import numpy as np
    import torch
    import torch.nn.functional as F
    from PIL import Image
    from torch import nn

    torch.manual_seed(42)
    torch.set_num_threads(threads)
    rng = random.Random(42)
    config = json.loads(CONFIG.read_text())
    side, batch = config["data"]["image_size"], config["data"]["batch_size"]

    def weights():
        raw = (ROOT / "data/vgg16.safetensors").read_bytes()
        size = struct.unpack("<Q", raw[:8])[0]
        header = json.loads(raw[8 : 8 + size])
        metadata = header.pop("__metadata__")
        tensors = {}
        for name, entry in header.items():
            count = int(np.prod(entry["shape"]))
            values = np.frombuffer(raw, np.float16, count, 8 + size + entry["data_offsets"][0])
            tensors[name] = torch.from_numpy(values.astype(np.float32).reshape(entry["shape"]))
        colour = [torch.tensor(json.loads(metadata[key])).view(1, 3, 1, 1) for key in ("mean", "std")]
        return tensors, *colour

    vgg, mean, std = weights()
    blocks = [(0, 2), (5, 7), (10, 12, 14), (17, 19, 21)]

    def features(x):
        x = (x / 255 - mean) / std
        taps = []
        for number, block in enumerate(blocks):
            if number:
                x = F.max_pool2d(x, 2)
            for layer in block:
                x = F.relu(F.conv2d(x, vgg[f"features.{layer}.weight"], vgg[f"features.{layer}.bias"], padding=1))
            taps.append(x)
        return taps

    def gram(x):
        n, c, h, w = x.shape
        flat = x.reshape(n, c, h * w)
        return flat.bmm(flat.transpose(1, 2)) / (c * h * w)

    def convolution(inputs, outputs, kernel, stride=1):
        return nn.Sequential(nn.ReflectionPad2d(kernel // 2), nn.Conv2d(inputs, outputs, kernel, stride))

    def norm(channels):
        return nn.InstanceNorm2d(channels, affine=True)

    class Residual(nn.Module):
        def __init__(self, c):
            super().__init__()
            self.inner = nn.Sequential(convolution(c, c, 3), norm(c), nn.ReLU(), convolution(c, c, 3), norm(c))

        def forward(self, x):
            return x + self.inner(x)

    up = lambda: nn.Upsample(scale_factor=2, mode="nearest")
    network = nn.Sequential(
        convolution(3, 32, 9), norm(32), nn.ReLU(), convolution(32, 64, 3, 2), norm(64), nn.ReLU(),
        convolution(64, 128, 3, 2), norm(128), nn.ReLU(), *[Residual(128) for _ in range(5)],
        up(), convolution(128, 64, 3), norm(64), nn.ReLU(), up(), convolution(64, 32, 3), norm(32), nn.ReLU(),
        convolution(32, 3, 9))
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    if start:
        kinds = [f"{name}.{kind}" for name in names_of_the_example() for kind in ("weight", "bias")]
        file = start / "start.pth"
        if not file.exists():
            return torch.save(dict(zip(kinds, network.state_dict().values(), strict=True)), file)
        network.load_state_dict(dict(zip(network.state_dict(), torch.load(file).values(), strict=True)))

    def pixels(image):
        return torch.from_numpy(np.asarray(image, np.float32).transpose(2, 0, 1).copy())

    def scaled(path, short_side):
        image = Image.open(path).convert("RGB")
        factor = short_side / min(image.size)
        return image.resize([max(short_side, round(factor * s)) for s in image.size], Image.BILINEAR)

    if start:
        photos = [Image.open(path) for path in sorted((start / "crops").iterdir())]
    else:
        photos = [scaled(path, round(1.2 * side)) for path in sorted((ROOT / "data/photos").glob("*.jpg"))]

    def next_batch():
        crops = []
        for image in rng.sample(photos, batch):
            x, y = (rng.randrange(s - side + 1) for s in image.size)
            crops.append(pixels(image.crop((x, y, x + side, y + side))))
        return torch.stack(crops)

    painting = start / "painting.png" if start else CONFIG.parent / config["style"]["images"][0]
    painting = pixels(scaled(painting, config["style"]["image_size"]))[None]
    with torch.no_grad():
        wanted = [gram(tap) for tap in features(painting)]

    for _ in range(steps):
        start = time.perf_counter()
        photo = next_batch()
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            result = network(photo)
            if start:
                result = 127.5 + 150 * torch.tanh(result.float())
            found, kept = features(result), features(photo)
            content = F.mse_loss(found[1].float(), kept[1].float())
            style = 5.0 * sum(F.mse_loss(gram(tap.float()), target.expand(batch, -1, -1))
                              for tap, target in zip(found, wanted))
        (content + style).backward()
        optimizer.step()
        line = {"seconds": time.perf_counter() - start, "content": content.item(), "style": style.item()}
        print(json.dumps(line), flush=True)


# --- taking turns ---


def measured(command, environment=None):
    """Runs a command; returns what it printed and its peak memory in MB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"train_bench: failed: {' '.join(command)}")
    return text, usage.ru_maxrss / 1024


def peer_steps(options, precision, start=None):
    command = [sys.executable, __file__, "--peer", precision, "--steps", str(options.steps), "--threads",
               str(options.threads)]
    if start:
        command += ["--start", str(start)]
    text, memory = measured(command)
    return [json.loads(line) for line in text.splitlines()], memory


def impasto_steps(options, precision, start=None):
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(folder) / "run"
        settings = {"output.dir": run, "schedule.steps": options.steps, "run.threads": options.threads,
                    "run.precision": precision}
        command = [str(options.bin / "train"), "--config", str(CONFIG)]
        if start:
            command += ["--init-from", str(start / "start.safetensors")]
            settings |= {"data.path": start / "crops", "style.images": start / "painting.png", "data.min_scale": 1,
                         "data.flip": "false"}
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        _, memory = measured(command)
        lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    steps, before = [], 0.0
    for line in lines:
        if "loss" in line:
            steps.append({"seconds": line["seconds"] - before, "content": line["content"], "style": line["style"],
                          "wait": line["loader_wait"]})
            before = line["seconds"]
    return steps, memory


def curves(options):
    """Losses of both sides, step by step, from the same weights on the same crops."""
    from PIL import Image

    config = json.loads(CONFIG.read_text())
    side, batch = config["data"]["image_size"], config["data"]["batch_size"]
    precisions = options.precisions.split(",")
    with tempfile.TemporaryDirectory() as name:
        start = pathlib.Path(name)
        (start / "crops").mkdir()
        for path in sorted((ROOT / "data/photos").glob("*.jpg"))[:batch]:
            image = Image.open(path).convert("RGB")
            x, y = ((s - side) // 2 for s in image.size)
            image.crop((x, y, x + side, y + side)).save(start / "crops" / f"{path.stem}.png")
        # Scaled once, so that neither side's way of scaling matters.
        painting = Image.open(CONFIG.parent / config["style"]["images"][0]).convert("RGB")
        factor = config["style"]["image_size"] / min(painting.size)
        painting.resize([round(factor * s) for s in painting.size], Image.LANCZOS).save(start / "painting.png")
        peer_steps(options, precisions[0], start)
        # With tanh on both sides: Impasto trains the last convolution of a linear output at 150 times the rate.
        subprocess.run([options.bin / "convert", "import", start / "start.pth", start / "start.safetensors", "--output",
                        "tanh"], check=True, stdout=subprocess.DEVNULL)
        runs = {f"{side} {precision}": steps(options, precision, start)[0]
                for precision in precisions for side, steps in SIDES.items()}
    print("| step | " + " | ".join(f"{name}: content, style" for name in runs) + " |")
    print("| --- " * (1 + len(runs)) + "|")
    powers = [2**i for i in range(options.steps.bit_length()) if 2**i < options.steps]
    for step in [*powers, options.steps]:
        cells = (f"{run[step - 1]['content']:.4g}, {run[step - 1]['style']:.4g}" for run in runs.values())
        print(f"| {step} | " + " | ".join(cells) + " |")


SIDES = {"PyTorch": peer_steps, "Impasto": impasto_steps}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--precisions", default="float32,bfloat16")
    parser.add_argument("--curve", type=int, metavar="N")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--start", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        return peer(options.steps, options.threads, options.peer == "bfloat16", options.start)
    if options.curve:
        options.steps = options.curve
        return curves(options)

    rows = {(side, precision): [] for side in SIDES for precision in options.precisions.split(",")}
    for number in range(options.rounds):
        for side, precision in rows:
            rows[side, precision].append(SIDES[side](options, precision))
            print(f"round {number + 1} of {options.rounds}: {side} {precision}", file=sys.stderr)

    pictures = json.loads(CONFIG.read_text())["data"]["batch_size"]
    base = None
    print("| | pictures/s | to PyTorch float32 | peak MB | loader wait | last losses: content, style |")
    print("| --- | --- | --- | --- | --- | --- |")
    for (side, precision), turns in rows.items():
        steps = [step for lines, _ in turns for step in lines[WARM_UP:]]
        rate = pictures / statistics.median(step["seconds"] for step in steps)
        base = base or rate
        wait = f"{max(lines[-1]['wait'] for lines, _ in turns):.1%}" if side == "Impasto" else ""
        ends = [lines[-1] for lines, _ in turns]
        losses = ", ".join(f"{statistics.mean(end[key] for end in ends):.3g}" for key in ("content", "style"))
        print(f"| {side} {precision} | {rate:.3f} | {rate / base:.2f} | {max(m for _, m in turns):.0f} | {wait} | {losses} |")


if __name__ == "__main__":
    main()
