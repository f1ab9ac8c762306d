#!/usr/bin/env python3
"""Memory and time of `stylize` on square pictures of 1 to 400 megapixels, as a table for docs/benchmarks.md.

    large_pictures.py --stylize build/release/bin/stylize --model MODEL.safetensors [--megapixels 1,4,16] [--memory 4G]

Each picture is a photo of data/photos laid side by side, in a PPM file, and is stylized into a PNG file. Without
--memory stylize chooses by itself what it may take. Peaks are of the whole process; the scratch file's size is looked
up while it runs. Needs room for 3 bytes a pixel, twice, and for the scratch file in the work folder.
"""

import argparse
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def decoded(stylize, model, photo, folder):
    """The photo's size, and its rows as bytes. stylize with a strength of 0 gives back its pixels."""
    file = folder / "tile.ppm"
    subprocess.run([stylize, "--model", model, "--input", photo, "--output", file, "--strength", "0"],
                   check=True, stdout=subprocess.DEVNULL)
    data = file.read_bytes()
    file.unlink()
    head, pixels = data.split(b"\n255\n", 1)
    width, height = map(int, head.split(b"\n")[1].split())
    return width, [pixels[y * 3 * width:(y + 1) * 3 * width] for y in range(height)]


def write_picture(file, side, tile):
    width, rows = tile
    with open(file, "wb") as out:
        out.write(b"P6\n%d %d\n255\n" % (side, side))
        for y in range(side):
            row = rows[y % len(rows)] * (side // width + 1)
            out.write(row[:3 * side])


def scratch_size(process):
    """Of the files without a name that the process holds open."""
    size = 0
    try:
        for link in os.scandir(f"/proc/{process}/fd"):
            if "scratch" in os.readlink(link.path):
                size += os.stat(link.path).st_blocks * 512
    except OSError:
        pass  # A file that was closed meanwhile, or the process ended.
    return size


def measure(command):
    """Seconds, seconds of the processors, peak resident bytes and the largest scratch file of a process."""
    begin = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
    scratch = 0
    while True:
        ended, status, usage = os.wait4(process, os.WNOHANG)
        if ended:
            break
        scratch = max(scratch, scratch_size(process))
        time.sleep(0.02)
    if status != 0:
        raise SystemExit(f"failed: {' '.join(command)}")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, scratch


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stylize", default=ROOT / "build/release/bin/stylize")
    parser.add_argument("--model", required=True)
    parser.add_argument("--photo", default=ROOT / "data/photos/brook.jpg")
    parser.add_argument("--megapixels", default="1,4,16,64,256,400")
    parser.add_argument("--precisions", default="float32,bfloat16")
    parser.add_argument("--memory", default="auto")
    parser.add_argument("--threads", default="0")
    parser.add_argument("--work", default="/tmp/impasto_large", type=pathlib.Path)
    options = parser.parse_args()

    options.work.mkdir(parents=True, exist_ok=True)
    tile = decoded(options.stylize, options.model, options.photo, options.work)
    print("| megapixels | picture | precision | --memory | seconds | s a megapixel | CPU s | peak MiB | scratch GB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for megapixels in map(int, options.megapixels.split(",")):
        side = round((megapixels * 1e6) ** 0.5)
        picture, result = options.work / "photo.ppm", options.work / "result.png"
        write_picture(picture, side, tile)
        for precision in options.precisions.split(","):
            seconds, cpu, peak, scratch = measure([
                str(options.stylize), "--model", str(options.model), "--input", str(picture),
                "--output", str(result), "--precision", precision, "--memory", options.memory,
                "--threads", options.threads])
            print(f"| {megapixels} | {side}x{side} | {precision} | {options.memory} | {seconds:.1f} "
                  f"| {seconds / megapixels:.2f} | {cpu:.1f} | {peak / 2**20:.0f} | {scratch / 1e9:.1f} |", flush=True)
        picture.unlink()
        result.unlink()


if __name__ == "__main__":
    main()
