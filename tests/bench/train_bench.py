#!/usr/bin/env python3
"""The speed of a training step, beside the step of PyTorch's own fast-neural-style example.

    python3 tests/bench/train_bench.py [--train build/release/bin/train] [--rounds 3] [--steps 12] [--threads 2]

Both sides train the network of Johnson et al. (32-64-128 channels, 5 residual blocks) on crops of 256 pixels of the
photos in data/, 4 a step, against the original VGG16 in data/: content at relu2_2, style at relu1_2, 2_2, 3_3 and 4_3,
Adam. They take turns, each in a process of its own, so that what else the machine does meets both. A step's time is the
median over all steps but each process's first two. Needs Python with torch, numpy and pillow.
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


def peer(steps, threads, bfloat16):
    """Runs the example's step and prints a line of JSON a step: seconds, content, style."""
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

    def pixels(image):
        return torch.from_numpy(np.asarray(image, np.float32).transpose(2, 0, 1).copy())

    photos = []
    for path in sorted((ROOT / "data/photos").glob("*.jpg")):
        image = Image.open(path).convert("RGB")
        factor = 1.2 * side / min(image.size)
        photos.append(image.resize([max(side, round(factor * s)) for s in image.size], Image.BILINEAR))

    def next_batch():
        crops = []
        for image in rng.sample(photos, batch):
            x, y = (rng.randrange(s - side + 1) for s in image.size)
            crops.append(pixels(image.crop((x, y, x + side, y + side))))
        return torch.stack(crops)

    painting = Image.open(ROOT / "data/styles/hokusai_great_wave_1831.jpg").convert("RGB")
    factor = config["style"]["image_size"] / min(painting.size)
    painting = pixels(painting.resize([round(factor * s) for s in painting.size], Image.BILINEAR))[None]
    with torch.no_grad():
        wanted = [gram(tap) for tap in features(painting)]

    for _ in range(steps):
        start = time.perf_counter()
        photo = next_batch()
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            result = network(photo)
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


def peer_steps(options, precision):
    command = [sys.executable, __file__, "--peer", precision, "--steps", str(options.steps), "--threads",
               str(options.threads)]
    text, memory = measured(command)
    return [json.loads(line) for line in text.splitlines()], memory


def impasto_steps(options, precision):
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(folder) / "run"
        settings = {"output.dir": run, "schedule.steps": options.steps, "run.threads": options.threads,
                    "run.precision": precision}
        command = [options.train, "--config", str(CONFIG)]
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", default=str(ROOT / "build/release/bin/train"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--precisions", default="float32,bfloat16")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        return peer(options.steps, options.threads, options.peer == "bfloat16")

    sides = {"PyTorch": peer_steps, "Impasto": impasto_steps}
    rows = {(side, precision): [] for side in sides for precision in options.precisions.split(",")}
    for number in range(options.rounds):
        for side, precision in rows:
            rows[side, precision].append(sides[side](options, precision))
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
