#!/usr/bin/env python3
"""What `stylize --temporal` does to flicker and to the style, as a table for docs/benchmarks.md.

    video_bench.py --model MODEL.safetensors --painting PAINTING CLIP [CLIP ...]
        [--set temporal_output=0.6 --set ...]  further variants, each of them a row

Each clip is stylized frame by frame, and again with --temporal. Of both it measures

* the warping error of Lai et al. 2018, "Learning Blind Video Temporal Consistency", section 4.2: the mean over all pairs
  of frames, and over the pixels that both show, of the squared difference (colours from 0 to 1, summed over channels)
  between a frame and the one before it, carried along with the optical flow of the clip. What is hidden is told as in
  Ruder et al. 2016, "Artistic Style Transfer for Videos", section 4.2: by flow forth and back, and motion borders. The
  flow is not the filter's own: dense inverse search down to the finest scale; Farneback's method for a second opinion.
  Between the last frame of a shot and the first of the next there is nothing to carry: such pairs are left out;
* the content and the style loss that the model was trained with, on every --every-th frame.

Needs numpy, opencv-python-headless, safetensors and torch (`peers.py` makes an environment with them).
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import cv2
import numpy as np
import safetensors
import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Index of the convolution that each tap comes after, in torchvision's names; None is a pooling.
VGG16 = [0, 2, None, 5, 7, None, 10, 12, 14, None, 17, 19, 21, None, 24, 26, 28]
TAPS = {0: "relu1_1", 2: "relu1_2", 5: "relu2_1", 7: "relu2_2", 10: "relu3_1", 12: "relu3_2", 14: "relu3_3",
        17: "relu4_1", 19: "relu4_2", 21: "relu4_3", 24: "relu5_1", 26: "relu5_2", 28: "relu5_3"}


def read_rgb(file):
    return cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)


class Loss:
    """Content and style loss of a frame, as the model's training has them."""

    def __init__(self, model, network, painting):
        with safetensors.safe_open(model, "pt") as file:
            trained = file.metadata()
        config = json.loads(trained["training.config"])
        self.scales = json.loads(trained["training.loss_network_scales"])
        self.content, self.style = config["loss"]["content"], config["loss"]["style"]
        with safetensors.safe_open(network, "pt") as file:
            known = file.metadata()
            self.weights = {name: file.get_tensor(name).float() for name in file.keys()}
        self.mean, self.std = (torch.tensor(np.broadcast_to(json.loads(known[name]), 3).copy()).view(1, 3, 1, 1).float()
                               for name in ("mean", "std"))
        picture = read_rgb(painting)
        scale = config["style"]["image_size"] / min(picture.shape[:2])
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        features = self.features(picture)
        self.grams = {tap: self.gram(features[tap]) for tap in self.style}

    @torch.no_grad()
    def features(self, picture):
        x = (torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255 - self.mean) / self.std
        wanted, found = set(self.content) | set(self.style), {}
        for layer in VGG16:
            if layer is None:
                x = torch.nn.functional.max_pool2d(x, 2)
                continue
            name = f"features.{layer}."
            x = torch.nn.functional.conv2d(x, self.weights[name + "weight"], self.weights[name + "bias"], padding=1).relu()
            if TAPS[layer] in wanted:
                found[TAPS[layer]] = x[0] / self.scales[TAPS[layer]]
            if len(found) == len(wanted):
                return found

    @staticmethod
    def gram(features):
        flat = features.flatten(1)
        return flat @ flat.T / flat.numel()

    def __call__(self, result, photo_features):
        features = self.features(result)
        content = sum(weight * (features[tap] - photo_features[tap]).square().mean() for tap, weight in self.content.items())
        style = sum(weight * (self.gram(features[tap]) - self.grams[tap]).square().mean() for tap, weight in self.style.items())
        return np.array([content.item(), style.item()])


def finest_flow(before, after):
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setFinestScale(0)
    return search.calc(before, after, None)


def farneback_flow(before, after):
    return cv2.calcOpticalFlowFarneback(before, after, None, 0.5, 5, 21, 5, 7, 1.5, cv2.OPTFLOW_FARNEBACK_GAUSSIAN)


CUT = 40  # Mean difference of grey levels, 0 to 255, from which two frames are of different shots.
FLOWS = {"dense inverse search": finest_flow, "Farneback": farneback_flow}


def carried(picture, flow):
    height, width = flow.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return cv2.remap(picture, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def visible(backward, forward):
    height, width = backward.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    there = np.stack([x + backward[..., 0], y + backward[..., 1]], -1)
    inside = ((there >= 0) & (there <= [width - 1, height - 1])).all(-1)
    back = carried(forward, backward)
    square = lambda v: (v ** 2).sum(-1)
    returns = square(backward + back) <= 0.01 * (square(backward) + square(back)) + 0.5
    borders = sum(square(np.stack(np.gradient(backward[..., i]), -1)) for i in (0, 1))
    return inside & returns & (borders <= 0.01 * square(backward) + 0.002)


def measure(clip, folders, loss, every):
    """For each folder of frames: the warping errors by flow, then content and style loss."""
    names = sorted(file.name for file in clip.iterdir())
    errors = {flow: {folder: [] for folder in folders} for flow in FLOWS}
    losses = {folder: [] for folder in folders}
    earlier = None
    for number, name in enumerate(names):
        photo = read_rgb(clip / name)
        results = {folder: read_rgb(folder / name) for folder in folders}
        grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
        if earlier is not None and np.abs(grey.astype(np.float32) - earlier[0]).mean() < CUT:
            for flow, method in FLOWS.items():
                backward, forward = method(grey, earlier[0]), method(earlier[0], grey)
                seen = visible(backward, forward)
                for folder, result in results.items():
                    difference = (result.astype(np.float32) - carried(earlier[1][folder].astype(np.float32), backward)) / 255
                    errors[flow][folder].append((difference ** 2).sum(-1)[seen].mean())
        earlier = grey, results
        if number % every == every // 2:
            features = loss.features(photo)
            for folder, result in results.items():
                losses[folder].append(loss(result, features))
    return {folder: [np.mean(errors[flow][folder]) for flow in FLOWS] + list(np.mean(losses[folder], 0)) for folder in folders}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stylize", default=ROOT / "build/release/bin/stylize", help="the program stylize")
    parser.add_argument("--model", required=True)
    parser.add_argument("--painting", required=True, help="the painting that the model was trained on")
    parser.add_argument("--network", default=ROOT / "data/vgg16.safetensors", help="the loss network it was trained with")
    parser.add_argument("--every", type=int, default=10, help="of how many frames one is scored")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE,...", help="a further row")
    parser.add_argument("clips", nargs="+")
    args = parser.parse_args()

    loss = Loss(args.model, args.network, args.painting)
    rows = {"frame by frame": [], "--temporal": ["--temporal"]}
    for variant in args.set:
        rows[variant] = ["--temporal"] + [word for setting in variant.split(",") for word in ("--set", setting)]
    print("| clip | | warping error | | by Farneback | | content loss | | style loss | |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for clip in args.clips:
        with tempfile.TemporaryDirectory() as work:
            folders = {"clip": pathlib.Path(work) / "clip"}
            folders |= {row: pathlib.Path(work) / f"row {number}" for number, row in enumerate(rows)}
            for row, folder in folders.items():
                options = ["--strength", "0"] if row == "clip" else rows[row]
                subprocess.run([args.stylize, "--model", args.model, "--input", clip, "--frames", "--output", folder,
                                "--png-compression", "0", *options], check=True, capture_output=True)
            numbers = measure(folders.pop("clip"), list(folders.values()), loss, args.every)
            plain = numbers[folders["frame by frame"]]
            for row, folder in folders.items():
                cells = [pathlib.Path(clip).name, row]
                for index, (value, base) in enumerate(zip(numbers[folder], plain)):
                    change = f"{value / base:.2f}" if index < len(FLOWS) else f"{100 * (value / base - 1):+.1f} %"
                    cells += [f"{value:.3g}", change]
                print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
