#!/usr/bin/env python3
"""Impasto's engine against other runtimes on the same network, weights, pictures and threads.

    peers.py --bench build/release/bin/engine_bench --stylize build/release/bin/stylize --model MODEL.safetensors

Starts every runtime as a process of its own and lets them take turns, so that whatever else the machine does meets
all of them. A row's time is the least of its turns, and its memory the process's peak. Then measures whole processes,
from their start to a written picture. Results are merged into results.json of the work folder: a run may be of some
rows only (--sizes, --threads, --precisions, --runtimes, --parts). Of all results that are there, writes the tables
into docs/benchmarks.md, between its markers, and the plot beside it; --report does that alone.

The peers live in a virtual environment of their own, which is made and filled when it lacks one of them.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import platform
import struct
import subprocess
import sys
import time
import venv

PACKAGES = ["numpy", "onnx", "onnxruntime", "openvino", "torch", "opencv-python-headless", "pillow"]
MODULES = ["numpy", "onnx", "onnxruntime", "openvino", "torch", "cv2", "PIL"]
# Runtime, and the distributions that a program with it has to bring.
RUNTIMES = {
    "impasto": [],
    "onnxruntime": ["onnxruntime", "numpy"],
    "openvino": ["openvino", "numpy"],
    "torch": ["torch"],
    "torch.compile": ["torch"],
    "opencv": ["opencv-python-headless", "numpy"],
}
SIZES = ["256x256", "512x512", "1024x1024", "2048x2048", "1920x1080"]
START_SIZE = (512, 512)
# Runs a program and prints its milliseconds and peak kilobytes. From a small process, because the peak that Linux
# reports of a program begins with that of the process that started it.
LAUNCH = """
import os, sys, time
begin = time.perf_counter()
output = [(os.POSIX_SPAWN_DUP2, 2, 1)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=output)
_, status, usage = os.wait4(child, 0)
print((time.perf_counter() - begin) * 1e3, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


# --- the network, for every peer from the same file ---------------------------------------------------

def read_safetensors(path):
    """Metadata, and arrays by name."""
    import numpy

    kinds = {"F32": numpy.float32, "F16": numpy.float16}
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(body[begin:end], kinds[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"]).astype(numpy.float32)
    return metadata, tensors


def check_config(metadata):
    """Only the default network's layers are written for the peers below; its widths may be any."""
    config = json.loads(metadata["generator"])
    plain = {"norm": "instance", "upsample": "nearest_conv", "encoder_activation": "relu", "output": "linear",
             "decoder_activation": "relu", "skip_connections": False, "block": "standard", "margin": 0}
    for key, value in plain.items():
        if config.get(key, value) != value:
            sys.exit(f"peers.py: expected generator.{key} {value!r}, found {config[key]!r}")


def layers(tensors):
    """(name of the convolution, name of the norm, padding, stride, upsampled, relu, residual) in order."""
    blocks = sum(name.endswith("conv1.weight") for name in tensors)
    for i in range(3):
        yield f"encoder.{i}.conv", f"encoder.{i}.norm", 4 if i == 0 else 1, 1 if i == 0 else 2, False, True, False
    for i in range(blocks):
        yield f"residual.{i}.conv1", f"residual.{i}.norm1", 1, 1, False, True, False
        yield f"residual.{i}.conv2", f"residual.{i}.norm2", 1, 1, False, False, True
    for i in range(2):
        yield f"decoder.{i}.conv", f"decoder.{i}.norm", 1, 1, True, True, False
    yield "output.conv", None, 4, 1, False, False, False


def write_onnx(path, tensors, width, height):
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants = [], []

    def constant(name, values):
        constants.append(numpy_helper.from_array(values, name))
        return name

    def node(kind, inputs, **attributes):
        output = f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    scales = constant("scales", numpy.array([1, 1, 2, 2], numpy.float32))
    x, kept = "image", None
    for conv, norm, pad, stride, upsampled, relu, residual in layers(tensors):
        if conv.endswith("conv1"):
            kept = x
        if upsampled:
            x = node("Resize", [x, "", scales], mode="nearest", coordinate_transformation_mode="asymmetric",
                     nearest_mode="floor")
        pads = constant(f"{conv}.pads", numpy.array([0, 0, pad, pad] * 2, numpy.int64))
        x = node("Pad", [x, pads], mode="reflect")
        inputs = [x, constant(f"{conv}.weight", tensors[f"{conv}.weight"])]
        if f"{conv}.bias" in tensors:
            inputs.append(constant(f"{conv}.bias", tensors[f"{conv}.bias"]))
        x = node("Conv", inputs, strides=[stride, stride])
        if norm:
            x = node("InstanceNormalization", [x, constant(f"{norm}.weight", tensors[f"{norm}.weight"]),
                                               constant(f"{norm}.bias", tensors[f"{norm}.bias"])], epsilon=1e-5)
        if relu:
            x = node("Relu", [x])
        if residual:
            x = node("Add", [x, kept])
    nodes[-1].output[0] = "result"
    shape = [1, 3, height, width]
    graph = helper.make_graph(nodes, "generator", [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info("result", TensorProto.FLOAT, shape)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def torch_module(tensors):
    import torch
    import torch.nn.functional as F

    plan = list(layers(tensors))

    class Generator(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.values = torch.nn.ParameterDict({
                name.replace(".", "_"): torch.nn.Parameter(torch.from_numpy(values.copy()), requires_grad=False)
                for name, values in tensors.items()})

        def value(self, name):
            name = name.replace(".", "_")
            return self.values[name] if name in self.values else None

        def forward(self, x):
            kept = None
            for conv, norm, pad, stride, upsampled, relu, residual in plan:
                if conv.endswith("conv1"):
                    kept = x
                if upsampled:
                    x = F.interpolate(x, scale_factor=2, mode="nearest")
                x = F.pad(x, (pad, pad, pad, pad), mode="reflect")
                x = F.conv2d(x, self.value(conv + ".weight"), self.value(conv + ".bias"), stride=stride)
                if norm:
                    x = F.instance_norm(x, weight=self.value(norm + ".weight"), bias=self.value(norm + ".bias"))
                if relu:
                    x = F.relu(x)
                if residual:
                    x = x + kept
            return x

    return Generator().eval()


# --- one runtime in a process of its own ----------------------------------------------------------------

def make_runner(runtime, args, image):
    """A function that runs the network once on `image` [1,3,H,W] and returns the result."""
    bfloat16 = args.precision == "bfloat16"
    if runtime == "onnxruntime":
        if bfloat16:
            raise NotImplementedError("its CPU provider has no bfloat16 convolution")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = args.threads
        # Without it, idle threads spin through the others' turns.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(args.onnx, options, providers=["CPUExecutionProvider"])
        return lambda: session.run(None, {"image": image})[0]
    if runtime == "openvino":
        import openvino

        core = openvino.Core()
        compiled = core.compile_model(args.onnx, "CPU", {
            "INFERENCE_NUM_THREADS": args.threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "bf16" if bfloat16 else "f32"})
        request = compiled.create_infer_request()

        def run():
            request.infer({0: image})
            return request.get_output_tensor(0).data

        return run
    if runtime in ("torch", "torch.compile"):
        import torch

        torch.set_num_threads(args.threads)
        module = torch_module(read_safetensors(args.model)[1]).to(memory_format=torch.channels_last)
        tensor = torch.from_numpy(image).to(memory_format=torch.channels_last)
        if runtime == "torch.compile":
            import torch._inductor.config

            # Else every number of threads is compiled anew, which takes most of a minute.
            torch._inductor.config.cpp.dynamic_threads = True
            module = torch.compile(module)

        def run():
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                return module(tensor).float().numpy()

        return run
    if runtime == "opencv":
        if bfloat16:
            raise NotImplementedError("its DNN module has no bfloat16")
        import cv2

        cv2.setNumThreads(args.threads)
        net = cv2.dnn.readNetFromONNX(args.onnx)

        def run():
            net.setInput(image)
            return net.forward()

        return run
    raise ValueError(runtime)


def peak_kilobytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def work(args):
    """The same protocol as engine_bench's."""
    import numpy

    image = numpy.fromfile(sys.stdin.readline().strip(), numpy.float32).reshape(1, 3, args.height, args.width)
    run = make_runner(args.worker, args, image)
    run()
    print(args.worker, flush=True)
    result = None
    for line in sys.stdin:
        command = line.split()
        if command[0] == "run":
            start = time.perf_counter()
            result = run()
            print((time.perf_counter() - start) * 1e3, flush=True)
        else:
            peak = peak_kilobytes()
            numpy.ascontiguousarray(result).tofile(command[1])
            print(peak, flush=True)
            break


def work_once(args):
    """What stylize does: a JPEG file in, a JPEG file out."""
    import numpy
    from PIL import Image

    photo = numpy.asarray(Image.open(args.input).convert("RGB"))
    planes = numpy.ascontiguousarray(photo.transpose(2, 0, 1)[None], numpy.float32)
    result = make_runner(args.worker, args, planes)()[0].transpose(1, 2, 0)
    Image.fromarray(result.clip(0, 255).round().astype(numpy.uint8)).save(args.output, quality=95)


# --- turns -------------------------------------------------------------------------------------------

class Contestant:
    """A runtime in a process of its own, ready to run when the constructor returns."""

    def __init__(self, runtime, command, image, environment, log):
        self.runtime = runtime
        self.times = []
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
        self.alive = self.ask(str(image)) is not None
        if self.alive and runtime == "impasto":  # the others have run once already: the first run plans
            self.run()
            self.times.clear()

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        answer = self.process.stdout.readline().strip()
        return answer or None

    def run(self):
        answer = self.ask("run")
        if answer is None:
            self.alive = False
        else:
            self.times.append(float(answer))

    def end(self, path):
        if not self.times:
            self.run()  # `end` writes the last result
        self.peak_mb = int(self.ask(f"end {path}")) / 1024
        self.process.wait()


class Bench:
    """What the rows share: where things are, and how each runtime is started."""

    def __init__(self, args):
        self.args = args
        self.folder = pathlib.Path(args.work)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.tensors = None

    def worker(self, runtime, size, threads, precision):
        return [sys.executable, __file__, "--worker", runtime, "--model", self.args.model,
                "--onnx", self.onnx(size), "--width", size[0], "--height", size[1], "--threads", threads,
                "--precision", precision]

    def environment(self, threads):
        return dict(os.environ, OMP_NUM_THREADS=str(threads),
                    TORCHINDUCTOR_CACHE_DIR=str(self.folder.resolve() / "inductor"))

    def onnx(self, size):
        path = self.folder / f"network_{size[0]}x{size[1]}.onnx"
        if not path.exists():
            write_onnx(path, read_safetensors(self.args.model)[1], *size)
        return path

    def image(self, size):
        """Raw float32 planes of whole numbers, the same every time."""
        import numpy

        width, height = size
        path = self.folder / f"image_{width}x{height}.raw"
        if not path.exists():
            y, x = numpy.mgrid[0:height, 0:width]
            planes = [127.5 + 80 * numpy.sin(x / (9 + 3 * c)) * numpy.cos(y / (7 + 2 * c)) for c in range(3)]
            noise = numpy.random.default_rng(1).uniform(-40, 40, (3, height, width))
            numpy.clip(numpy.stack(planes) + noise, 0, 255).round().astype(numpy.float32).tofile(path)
        return path

    def reference(self, size):
        """PyTorch's float32 result, with which every other is compared."""
        path = self.folder / f"reference_{size[0]}x{size[1]}.raw"
        if not path.exists():
            threads = os.cpu_count()
            command = self.worker("torch", size, threads, "float32")
            with open(self.folder / "peers.log", "a") as log:
                torch = Contestant("torch", command, self.image(size), self.environment(threads), log)
                torch.end(path)
        return path

    def compete(self, size, threads, precision):
        """A row a runtime."""
        width, height = size
        reference = self.reference(size)
        contestants = []
        with open(self.folder / "peers.log", "a") as log:
            for runtime in self.args.runtimes:
                command = self.worker(runtime, size, threads, precision)
                if runtime == "impasto":
                    command = [self.args.bench, self.args.model, width, height, threads, precision]
                contestant = Contestant(runtime, command, self.image(size), self.environment(threads), log)
                if contestant.alive:
                    contestants.append(contestant)
                else:
                    print(f"  {runtime}: does not run this; see {self.folder / 'peers.log'}", file=sys.stderr)
        # Turns until each has had its seconds; the slow ones leave first.
        waiting = contestants
        while waiting:
            for contestant in waiting:
                contestant.run()
            waiting = [c for c in waiting if c.alive and len(c.times) < self.args.rounds
                       and sum(c.times) / 1e3 < self.args.seconds]
        rows = []
        for contestant in contestants:
            result = self.folder / "result.raw"
            contestant.end(result)
            largest, psnr = difference(result, reference)
            rows.append({"part": "time", "width": width, "height": height, "threads": threads,
                         "precision": precision, "runtime": contestant.runtime, "ms": min(contestant.times),
                         "turns": len(contestant.times), "peak_mb": contestant.peak_mb,
                         "largest_difference": largest, "psnr": psnr})
        return rows

    def start(self, threads, precision):
        """Whole processes, from start to written picture, in turns."""
        import numpy
        from PIL import Image

        photo = self.folder / "photo.jpg"
        width, height = START_SIZE
        planes = numpy.fromfile(self.image(START_SIZE), numpy.float32).reshape(3, height, width)
        Image.fromarray(planes.transpose(1, 2, 0).astype(numpy.uint8)).save(photo, quality=95)
        best = {}
        for turn in range(self.args.starts):
            for runtime in self.args.runtimes:
                if runtime == "torch.compile" or (turn > 0 and runtime not in best):
                    continue  # it compiles for most of a minute; does not run this
                result = self.folder / f"{runtime}.jpg"
                command = self.worker(runtime, START_SIZE, threads, precision)
                command += ["--input", photo, "--output", result]
                if runtime == "impasto":
                    command = [self.args.stylize, "--model", self.args.model, "--input", photo, "--output", result,
                               "--quality", 95, "--threads", threads, "--precision", precision]
                result.unlink(missing_ok=True)
                with open(self.folder / "peers.log", "a") as log:
                    process = subprocess.run(
                        [sys.executable, "-S", "-c", LAUNCH, *(str(part) for part in command)], text=True,
                        stdout=subprocess.PIPE, stderr=log, env=self.environment(threads))
                if process.returncode != 0 or not result.exists():
                    print(f"  {runtime}: does not run this; see {self.folder / 'peers.log'}", file=sys.stderr)
                    continue
                ms, kilobytes = (float(word) for word in process.stdout.split())
                row = {"part": "start", "width": width, "height": height, "threads": threads, "precision": precision,
                       "runtime": runtime, "ms": ms, "peak_mb": kilobytes / 1024}
                if runtime not in best or ms < best[runtime]["ms"]:
                    best[runtime] = row
        return list(best.values())

    def disk(self):
        """Megabytes that a program with each runtime has to bring, without Python and the model."""
        rows = []
        for runtime, distributions in RUNTIMES.items():
            if runtime == "impasto":
                stylize = pathlib.Path(self.args.stylize).resolve()
                libraries = [(stylize.parent.parent / "lib" / f"libimpasto_{name}.so").resolve() for name in ("core", "image")]
                size = sum(file.stat().st_size for file in [stylize, *libraries])
            else:
                files = [file.locate() for name in distributions for file in importlib.metadata.files(name) or []]
                size = sum(file.stat().st_size for file in files if file.exists())
            rows.append({"part": "disk", "runtime": runtime, "mb": size / 2**20})
        return rows


def difference(path, wanted):
    import numpy

    a, b = (numpy.fromfile(p, numpy.float32) for p in (path, wanted))
    error = float(numpy.mean((a.astype(numpy.float64) - b) ** 2))
    return float(numpy.abs(a - b).max()), None if error == 0 else float(10 * numpy.log10(255**2 / error))


# --- what is written -------------------------------------------------------------------------------------

KEYS = ["part", "width", "height", "threads", "precision", "runtime"]


def merged(old, new):
    """`new` in place of old rows of the same kind, in the order of the tables."""
    rows = {tuple(row.get(key) for key in KEYS): row for row in old + new}
    parts, precisions, runtimes = ["time", "start", "disk"], ["float32", "bfloat16", None], list(RUNTIMES)
    return sorted(rows.values(), key=lambda row: (
        parts.index(row["part"]), precisions.index(row.get("precision")), row.get("width", 0) * row.get("height", 0),
        row.get("threads", 0), runtimes.index(row["runtime"])))


def grouped(rows, part):
    """{(precision, size, threads): {runtime: row}} of a part."""
    groups = {}
    for row in rows:
        if row["part"] == part:
            key = (row["precision"], f"{row['width']}x{row['height']}", row["threads"])
            groups.setdefault(key, {})[row["runtime"]] = row
    return groups


def comparison(rows, part, field, digits):
    """A line a group and a column a runtime, and how many times Impasto's value the best peer's is."""
    lines = ["| precision | picture | threads | " + " | ".join(RUNTIMES) + " | best peer / Impasto |",
             "| --- " * (len(RUNTIMES) + 4) + "|"]
    for (precision, size, threads), group in grouped(rows, part).items():
        values = [f"{group[runtime][field]:.{digits}f}" if runtime in group else "" for runtime in RUNTIMES]
        peers = [row[field] for runtime, row in group.items() if runtime != "impasto"]
        ratio = f"**{min(peers) / group['impasto'][field]:.2f}**" if peers and "impasto" in group else ""
        lines.append(f"| {precision} | {size} | {threads} | " + " | ".join(values) + f" | {ratio} |")
    return "\n".join(lines)


def differences(rows):
    lines = ["| precision | picture | threads | " + " | ".join(RUNTIMES) + " |", "| --- " * (len(RUNTIMES) + 3) + "|"]
    for (precision, size, threads), group in grouped(rows, "time").items():
        cells = []
        for runtime in RUNTIMES:
            row = group.get(runtime)
            psnr = "equal" if row and row["psnr"] is None else f"{row['psnr']:.0f} dB" if row else ""
            cells.append(f"{row['largest_difference']:.3g}, {psnr}" if row else "")
        lines.append(f"| {precision} | {size} | {threads} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine():
    model = "unknown processor"
    flags = set()
    for line in open("/proc/cpuinfo"):
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            model = value.strip()
        if name.strip() == "flags":
            flags = set(value.split())
    isas = [name for name, flag in (("AVX2", "avx2"), ("AVX-512", "avx512f"), ("AMX", "amx_bf16")) if flag in flags]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES if name not in ("numpy", "pillow")]
    return (f"{model} ({', '.join(isas)}), {os.cpu_count()} threads, Linux {platform.release().split('-')[0]}, "
            f"Python {platform.python_version()}, {', '.join(versions)}.")


def report(rows, plot_name):
    disk = [row for row in rows if row["part"] == "disk"]
    sections = [
        machine(),
        f"![Time of one picture by runtime, relative to Impasto's]({plot_name})",
        "Milliseconds a picture:", comparison(rows, "time", "ms", 1),
        "Peak memory of the process that computes them, MB:", comparison(rows, "time", "peak_mb", 0),
        "Whole process, from its start to the written picture, milliseconds:", comparison(rows, "start", "ms", 0),
        "Peak memory of that process, MB:", comparison(rows, "start", "peak_mb", 0),
        "Largest difference from PyTorch in float32 on the scale of 0 to 255, and PSNR:", differences(rows),
        "On disk, MB, without Python and the model:",
        "| " + " | ".join(row["runtime"] for row in disk) + " |\n" + "| --- " * len(disk) + "|\n| "
        + " | ".join(f"{row['mb']:.1f}" for row in disk) + " |"]
    return "\n\n".join(sections)


def plot(rows):
    """A panel for each precision and number of threads; in it bars by size, of time relative to Impasto's."""
    colours = dict(zip(RUNTIMES, ["#1f6f8b", "#e3a857", "#c8553d", "#8d8d8d", "#5c5c5c", "#7fb069"]))
    groups = grouped(rows, "time")
    panels = list(dict.fromkeys((precision, threads) for precision, _, threads in groups))
    bar, height, most, gap = 15, 150, 6, 24
    widest = max((sum(len(group) for key, group in groups.items() if (key[0], key[2]) == panel) * bar
                  + gap * sum((key[0], key[2]) == panel for key in groups) for panel in panels), default=0)
    parts = []
    for n, runtime in enumerate(RUNTIMES):
        parts.append(f'<rect x="{20 + 110 * n}" y="14" width="12" height="12" fill="{colours[runtime]}"/>'
                     f'<text x="{36 + 110 * n}" y="24">{runtime}</text>')
    for n, (precision, threads) in enumerate(panels):
        base = 60 + height + n * (height + 60)
        plural = "" if threads == 1 else "s"
        parts.append(f'<text x="20" y="{base - height - 8}" font-size="13">{precision}, {threads} thread{plural}: '
                     "time of one picture, Impasto = 1</text>"
                     f'<line x1="20" x2="{30 + widest}" y1="{base}" y2="{base}" stroke="#333"/>')
        x = 30
        for (of, size, count), group in groups.items():
            if (of, count) != (precision, threads) or "impasto" not in group:
                continue
            parts.append(f'<text x="{x}" y="{base + 14}">{size}</text>')
            for runtime, row in group.items():
                ratio = row["ms"] / group["impasto"]["ms"]
                length = min(ratio, most) / most * (height - 14)
                parts.append(f'<rect x="{x}" y="{base - length:.1f}" width="{bar - 2}" height="{length:.1f}" '
                             f'fill="{colours[runtime]}"/><text x="{x + 6}" y="{base - length - 3:.1f}" '
                             f'font-size="8" text-anchor="middle">{ratio:.1f}</text>')
                x += bar
            x += gap
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{max(widest + 60, 700)}" '
            f'height="{30 + len(panels) * (height + 60)}" font-family="sans-serif" font-size="11">'
            '<rect width="100%" height="100%" fill="white"/>' + "".join(parts) + "</svg>\n")


MARKS = "<!-- peers.py writes from here -->", "<!-- to here -->"


def check_page(page):
    """Asked before long work."""
    if not page.exists() or any(mark not in page.read_text() for mark in MARKS):
        sys.exit(f"peers.py: {page}: expected a page with the lines '{MARKS[0]}' and '{MARKS[1]}'")


def write_report(rows, page):
    begin, end = MARKS
    text = page.read_text()
    picture = page.parent / "images" / "peers.svg"
    picture.parent.mkdir(exist_ok=True)
    picture.write_text(plot(rows))
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}\n\n{report(rows, f'images/{picture.name}')}\n\n{end}{after}")


# --- the command line ------------------------------------------------------------------------------------

def provide_peers(python, folder):
    """Makes the virtual environment, or adds what it lacks."""
    check = f"import importlib.util as u, sys; sys.exit(any(u.find_spec(m) is None for m in {MODULES!r}))"
    if python.exists() and subprocess.run([python, "-c", check]).returncode == 0:
        return
    if not python.exists():
        venv.create(folder, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=ROOT / "build/release/bin/engine_bench", help="the program engine_bench")
    parser.add_argument("--stylize", default=ROOT / "build/release/bin/stylize", help="the program stylize")
    parser.add_argument("--model", help="a style model with the default generator's layers")
    parser.add_argument("--venv", default=os.environ.get("IMPASTO_PEERS_VENV", ROOT / "build/peers-venv"),
                        help="where the peers are installed (default: $IMPASTO_PEERS_VENV or build/peers-venv)")
    parser.add_argument("--work", default=ROOT / "build/peers", help="pictures, networks, results.json")
    parser.add_argument("--parts", nargs="+", default=["time", "start", "disk"], choices=["time", "start", "disk"])
    parser.add_argument("--sizes", nargs="+", default=SIZES)
    parser.add_argument("--threads", nargs="+", type=int, default=sorted({1, os.cpu_count()}))
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"], choices=["float32", "bfloat16"])
    parser.add_argument("--runtimes", nargs="+", default=list(RUNTIMES), choices=list(RUNTIMES))
    parser.add_argument("--rounds", type=int, default=20, help="turns of a runtime in a row at most")
    parser.add_argument("--seconds", type=float, default=3, help="after which a runtime leaves a row")
    parser.add_argument("--starts", type=int, default=5, help="turns of whole processes")
    parser.add_argument("--page", default=ROOT / "docs/benchmarks.md", type=pathlib.Path, help="where to report")
    parser.add_argument("--report", action="store_true", help="write the report of results.json, and run nothing")
    args = parser.parse_args()
    check_page(args.page)

    python = pathlib.Path(args.venv) / "bin" / "python"
    if pathlib.Path(sys.prefix).resolve() != pathlib.Path(args.venv).resolve():
        provide_peers(python, args.venv)
        return subprocess.run([python, __file__, *sys.argv[1:], "--venv", args.venv]).returncode

    results = pathlib.Path(args.work) / "results.json"
    rows = json.loads(results.read_text()) if results.exists() else []
    if not args.report:
        if args.model is None:
            parser.error("--model is required")
        check_config(read_safetensors(args.model)[0])
        bench = Bench(args)

        def add(new):
            nonlocal rows
            rows = merged(rows, new)
            results.write_text(json.dumps(rows, indent=1))
            for row in new:
                print("  " + ", ".join(f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
                                       for key, value in row.items() if key not in KEYS[:-1]), flush=True)

        for precision in args.precisions:
            for threads in args.threads:
                for size in args.sizes if "time" in args.parts else []:
                    print(f"{size}, {threads} thread(s), {precision}", flush=True)
                    add(bench.compete(tuple(int(side) for side in size.split("x")), threads, precision))
                if "start" in args.parts:
                    print(f"whole processes, {threads} thread(s), {precision}", flush=True)
                    add(bench.start(threads, precision))
        if "disk" in args.parts:
            print("on disk", flush=True)
            add(bench.disk())
    write_report(rows, args.page)
    return 0


if __name__ == "__main__":
    if "--worker" in sys.argv:
        worker = argparse.ArgumentParser()
        for name in ("worker", "model", "onnx", "precision", "input", "output"):
            worker.add_argument(f"--{name}")
        for name in ("width", "height", "threads"):
            worker.add_argument(f"--{name}", type=int)
        arguments = worker.parse_args()
        work_once(arguments) if arguments.output else work(arguments)
    else:
        sys.exit(main())
