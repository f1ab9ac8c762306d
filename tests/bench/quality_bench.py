#!/usr/bin/env python3
"""Time to quality: training with the default settings beside the recipe of PyTorch's fast-neural-style example.

    python3 tests/bench/quality_bench.py [--photos DIR] [--steps 700] [--seeds 42 43 44] [--precisions float32 bfloat16]

Trains the great wave with Johnson et al.'s loss weights on the original VGG16 (content 1.0 at relu3_3, style 5.0 at
relu1_2, 2_2, 3_3 and 4_3, no total variation), every tenth photo held out, and scores the held-out photos' middle
squares at 256 pixels with `evaluate`. The example's recipe is 500 steps of batch 4 at 256 pixels in float32; its time is
500 times the median of some of its steps, measured before and after each training so that what else the machine does
meets both sides. `--set KEY=VALUE` changes a setting of the training, to try what it is worth; `--curve N` scores every
N steps too, on crops of the training's own size. Prints a table, and with --json writes the figures to a file, with
--plot the curves over the seconds of training. Needs Python with torch, numpy and pillow.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import curves
import train_bench

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAINTING = ROOT / "data/styles/hokusai_great_wave_1831.jpg"
PEER_STEPS = 500
HOLD_OUT = 10
LOSS = {"loss.normalise_features": "false", "loss.padding": "zero", "loss.content": '{"relu3_3": 1.0}', "loss.style_weight": "5",
        "loss.tv_weight": "0"}


def held_out(photos, folder):
    """Links to every tenth photo, from the first, as `data.hold_out` takes them."""
    folder.mkdir()
    for path in sorted(photos.iterdir())[::HOLD_OUT]:
        (folder / path.name).symlink_to(path)
    return folder


def peer_step(options):
    """Seconds of a step of the example's, the median of a few."""
    command = [sys.executable, train_bench.__file__, "--peer", "float32", "--steps", "6", "--threads",
               str(options.threads)]
    text, _ = train_bench.measured(command)
    steps = [json.loads(line)["seconds"] for line in text.splitlines()]
    return statistics.median(steps[train_bench.WARM_UP:])


def train(options, precision, seed, folder):
    """Returns the seconds of the whole process, the held-out scores, and the curve."""
    run = folder / f"{precision}_{seed}"
    settings = {**LOSS, "style.images": PAINTING, "data.path": options.photos, "data.hold_out": HOLD_OUT,
                "data.seed": seed, "schedule.steps": options.steps, "run.precision": precision,
                "run.threads": options.threads, "run.device": "cpu", "run.sample_every": 0, "run.checkpoint_every": 0,
                "run.evaluate_every": options.curve, "run.log_every": options.curve or 50, "output.dir": run}
    command = [options.bin / "train", "--config", ROOT / "configs/train.json"]
    for setting in [f"{key}={value}" for key, value in settings.items()] + options.set:
        command += ["--set", setting]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    scores = run / "scores.json"
    subprocess.run([options.bin / "evaluate", "--model", run / "model.safetensors", "--photos", folder / "held_out",
                    "--style", PAINTING, "--loss-network", ROOT / "data/vgg16.safetensors", "--image-size", "256",
                    "--lbfgs", "none", "--threads", str(options.threads), "--json", scores],
                   check=True, stdout=subprocess.DEVNULL)
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    clock = {line["step"]: line["seconds"] for line in lines if "seconds" in line}
    curve = [{"step": line["step"], "seconds": clock[line["step"]], **line["validation"]} for line in lines
             if "validation" in line]
    return seconds, json.loads(scores.read_text())["mean"]["model"], curve


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--photos", type=pathlib.Path, default=ROOT / "data/photos")
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44])
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--curve", type=int, default=0)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--plot", type=pathlib.Path)
    options = parser.parse_args()
    options.photos = options.photos.resolve()

    rows = []
    print("| | seed | content | style | seconds | the example's 500 steps | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        held_out(options.photos, folder / "held_out")
        before = peer_step(options)
        for seed in options.seeds:
            for precision in options.precisions:
                seconds, scores, curve = train(options, precision, seed, folder)
                after = peer_step(options)
                example = PEER_STEPS * (before + after) / 2
                before = after
                rows.append({"precision": precision, "seed": seed, "steps": options.steps, "seconds": seconds,
                             "example_seconds": example, "scores": scores, "curve": curve})
                print(f"| {precision} | {seed} | {scores['content']:.3g} | {scores['style']:.3g} | {seconds:.0f} | "
                      f"{example:.0f} | {example / seconds:.1f} |", flush=True)
    if options.plot:
        plots = {f"{row['precision']}, seed {row['seed']}": [(point["seconds"], point["loss"]) for point in row["curve"]]
                 for row in rows}
        curves.plot(plots, options.plot, "seconds", "held-out loss")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
