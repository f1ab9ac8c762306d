"""How training scales over processes of this host: pictures per second for several numbers of processes, each with
one thread and its own two pictures a batch, beside one process with as many threads; and how much of the gradients'
way is hidden behind the backward pass, on a loopback that is slowed down.

    python3 tests/bench/scaling_bench.py [--processes 1,2,4] [--rounds 3] [--steps 10] [--rate 500mbit]

Needs build/release. --rate needs root (a network namespace of its own, tc). Rounds alternate; each figure is the
median over all steps of all rounds but the first two of each run.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRAIN = ROOT / "build/release/bin/train"
LAUNCH = ROOT / "apps/launch/impasto-launch.sh"
WARM_UP = 2


def step_seconds(steps, processes, threads, batch, precision, bucket=1.0, rate=None):
    """Seconds of each step but the first ones."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["sh", str(LAUNCH), "--processes", str(processes), str(TRAIN), "--config", str(ROOT / "configs/train.json")]
        settings = {
            "output.dir": folder + "/run",
            "data.path": ROOT / "data/photos",
            "data.batch_size": batch,
            "data.workers": 1,
            "schedule.steps": steps + WARM_UP,
            "schedule.warmup_steps": 0,
            "run.device": "cpu",
            "run.precision": precision,
            "run.threads": threads,
            "run.log_every": 1,
            "run.sample_every": 0,
            "run.checkpoint_every": 0,
            "run.evaluate_every": 0,
            "distributed.bucket_size": bucket,
        }
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        if rate:
            limit = f"ip link set lo up && tc qdisc add dev lo root tbf rate {rate} burst 128kb latency 200ms"
            command = ["unshare", "--net", "sh", "-c", limit + ' && exec "$@"', "sh", *command]
        subprocess.run(command, check=True, capture_output=True)
        with open(folder + "/run/metrics.jsonl") as lines:
            seconds = [line["seconds"] for line in map(json.loads, lines) if "loss" in line]
    return [b - a for a, b in zip(seconds[WARM_UP - 1 :], seconds[WARM_UP:])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", default="1,2,4")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--rate", help="of the loopback, as tc writes it: also measure what is hidden")
    arguments = parser.parse_args()

    cases = {f"{n} process{'es' if n > 1 else ''}": (n, 1, 2 * n) for n in map(int, arguments.processes.split(","))}
    cases["1 process, 2 threads"] = (1, 2, 4)
    times = {name: [] for name in cases}
    for _ in range(arguments.rounds):
        for name, (processes, threads, batch) in cases.items():
            times[name] += step_seconds(arguments.steps, processes, threads, batch, arguments.precision)
    alone = None
    print(f"{'':24}{'s a step':>10}{'pictures/s':>12}{'of one':>9}")
    for name, (_, _, batch) in cases.items():
        seconds = statistics.median(times[name])
        alone = alone or batch / seconds
        print(f"{name:24}{seconds:10.3f}{batch / seconds:12.2f}{batch / seconds / alone:9.2f}")

    if not arguments.rate:
        return
    cases = {
        "loopback": {},
        f"{arguments.rate}, one bucket": {"bucket": 64, "rate": arguments.rate},
        f"{arguments.rate}, buckets of 1 MiB": {"rate": arguments.rate},
    }
    times = {name: [] for name in cases}
    for _ in range(arguments.rounds):
        for name, options in cases.items():
            times[name] += step_seconds(arguments.steps, 2, 1, 4, arguments.precision, **options)
    base, plain, hidden = (statistics.median(values) for values in times.values())
    print()
    for name, values in times.items():
        print(f"{name:24}{statistics.median(values):10.3f} s a step")
    if plain > base:
        print(f"of {plain - base:.3f} s on the way, {100 * (plain - hidden) / (plain - base):.0f} % are hidden")


main()
