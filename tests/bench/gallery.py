#!/usr/bin/env python3
"""Scores the models of the gallery, makes their pictures, and writes docs/gallery.md between its marks.

    python3 tests/bench/gallery.py --runs RUNS --photos DIR [--models data/models] [--evaluations 25,50]
                                   [--cache DIR | --scores DIR]

RUNS holds the output folder of each training (`configs/gallery/NAME.json` writes it to runs/gallery/NAME), DIR the photos
that it saw. Those that it held out are scored with `evaluate` at 256 pixels beside L-BFGS, which takes most of the time;
--cache keeps what that came to. --scores takes what `evaluate` has written elsewhere, such as on a machine with a GPU, as
KEY.json and KEY.svg; KEY is the model's name, with several styles MODEL_STYLE. Needs nothing but Python and the programs.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import tempfile

import curves

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTOS = ["chenonceau", "cat", "coffee"]
BEGIN, END = "<!-- gallery.py writes from here -->\n", "<!-- to here -->\n"


def config_of(run):
    return json.loads((run / "config.json").read_text())


def held_out(photos, every, folder):
    """Links to every N-th photo, from the first, as `data.hold_out` takes them."""
    folder.mkdir(exist_ok=True)
    for path in sorted(photos.iterdir())[::every]:
        link = folder / path.name
        if not link.exists():
            link.symlink_to(path)
    return folder


def lines_of(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def curve_of(run):
    """Held-out losses at every interval; a run that was stopped and resumed has some between."""
    every = config_of(run)["run"]["evaluate_every"]
    return [(line["step"], line["validation"]["loss"]) for line in lines_of(run)
            if "validation" in line and line["step"] % every == 0]


def evaluate(options, model, painting, photos, scores, plot, style):
    if options.scores:
        shutil.copyfile(options.scores / plot.name, plot)
        return json.loads((options.scores / plot.with_suffix(".json").name).read_text())
    command = [options.bin / "evaluate", "--model", model, "--style", painting, "--photos", photos, "--image-size",
               "256", "--lbfgs", options.evaluations, "--json", scores, "--plot", plot, "--loss-network",
               ROOT / "data/vgg16.safetensors", "--threads", str(options.threads), "--style-name", style]
    if options.cache:
        command += ["--cache", options.cache]
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    return json.loads(scores.read_text())


def stylize(options, model, style, key, folder):
    names = []
    for photo in PHOTOS:
        names.append(f"{key}_{photo}.jpg")
        subprocess.run([str(part) for part in (
            options.bin / "stylize", "--model", model, "--style", style, "--input",
            ROOT / f"data/examples/{photo}.jpg", "--output", folder / names[-1], "--max-side", "480", "--set",
            "jpeg_quality=88")], check=True, stdout=subprocess.DEVNULL)
    return names


def minutes(run):
    return [line["seconds"] for line in lines_of(run) if "seconds" in line][-1] / 60


def as_good_as(scores, most):
    good = scores["mean"]["as_good_as"]
    return f"{good:.0f}" if good is not None else f"more than {most}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--runs", type=pathlib.Path, default=ROOT / "runs/gallery")
    parser.add_argument("--photos", type=pathlib.Path, default=ROOT / "data/photos")
    parser.add_argument("--models", type=pathlib.Path, default=ROOT / "data/models")
    parser.add_argument("--evaluations", default="25,50")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--cache", type=pathlib.Path)
    parser.add_argument("--scores", type=pathlib.Path)
    options = parser.parse_args()

    evaluations = options.evaluations.split(",")
    images = ROOT / "docs/images/gallery"
    images.mkdir(parents=True, exist_ok=True)
    table, pictures, losses = [], [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for model in sorted(options.models.glob("*.safetensors")):
            run = options.runs / model.stem
            config = config_of(run)
            losses[model.stem] = curve_of(run)
            photos = held_out(options.photos, config["data"]["hold_out"], folder / "held_out")
            for style, painting in zip(config["style"]["names"], config["style"]["images"]):
                painting = ROOT / "data/styles" / pathlib.Path(painting).name
                many = len(config["style"]["names"]) > 1
                key = f"{model.stem}_{style}" if many else model.stem
                scores = evaluate(options, model, painting, photos, folder / "scores.json", images / f"{key}.svg",
                                  style)
                mean = scores["mean"]["model"]
                totals = [scores["mean"]["lbfgs"][n]["total"] for n in evaluations]
                table.append([f"[{key}](images/gallery/{key}.svg)", losses[model.stem][-1][0], config["data"]["seed"],
                              f"{minutes(run):.0f} min", f"{mean['content']:.3f}", f"{mean['style']:.3f}",
                              f"{mean['total']:.3f}", *(f"{total:.3f}" for total in totals), as_good_as(scores, evaluations[-1]),
                              f"{model.stat().st_size / 1e6:.1f} MB"])
                cells = [f"![{painting.stem}](../data/styles/{painting.name})"]
                cells += [f"![{key}](images/gallery/{file})" for file in stylize(options, model, style, key, images)]
                pictures.append([f"**{key}**", *cells])
                print(" ".join(map(str, table[-1])), flush=True)
    curves.plot(losses, images / "curves.svg", "steps", "held-out loss")

    head = ["model", "steps", "seed", "time", "content", "style", "total", *(f"L-BFGS {n}" for n in evaluations),
            "as good as", "size"]
    row = lambda cells: "| " + " | ".join(map(str, cells)) + " |\n"
    text = row(head) + row(["---"] * len(head)) + "".join(map(row, table))
    text += "\n![Held-out loss over steps](images/gallery/curves.svg)\n\n"
    text += row(["", "painting", *PHOTOS]) + row(["---"] * 5) + "".join(map(row, pictures))
    page = ROOT / "docs/gallery.md"
    before, rest = page.read_text().split(BEGIN)
    page.write_text(before + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1])


if __name__ == "__main__":
    main()
