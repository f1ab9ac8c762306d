#!/usr/bin/env python3
"""Impasto's engine against other runtimes on the same network, weights, pictures and threads.

    peers.py --bench build/release/bin/engine_bench --model data/models/wave.safetensors

Makes a virtual environment of its own with ONNX Runtime, OpenVINO, PyTorch and OpenCV, starts every runtime as a
process of its own, and lets them take turns, one run each, so that whatever else the machine does meets all of them.
A row's time is the least of its turns, and its memory the process's peak. Writes a Markdown table, and an SVG plot.
"""

import argparse
import json
import os
import pathlib
import struct
import subprocess
import sys
import time
import venv

PACKAGES = ["numpy", "onnx", "onnxruntime", "openvino", "torch", "opencv-python-headless"]
RUNTIMES = ["impasto", "onnxruntime", "openvino", "torch", "torch.compile", "opencv"]
SIZES = [(256, 256), (512, 512), (1024, 1024), (2048, 2048), (1920, 1080)]


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
             "decoder_activation": "relu", "skip_connections": False, "block": "standard"}
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


# --- turns -------------------------------------------------------------------------------------------

class Contestant:
    def __init__(self, runtime, command, image, environment, log):
        self.runtime = runtime
        self.times = []
        start = time.perf_counter()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                                        env=environment)
        self.alive = self.ask(image) is not None
        if self.alive:
            self.run()  # the first one plans and allocates
            self.times.clear()
        self.start_ms = (time.perf_counter() - start) * 1e3

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
        self.peak_mb = int(self.ask(f"end {path}")) / 1024
        self.process.wait()


def difference(path, wanted):
    import numpy

    a, b = (numpy.fromfile(p, numpy.float32) for p in (path, wanted))
    error = float(numpy.mean((a.astype(numpy.float64) - b) ** 2))
    return float(numpy.abs(a - b).max()), float("inf") if error == 0 else 10 * numpy.log10(255 ** 2 / error)


def compete(args, folder, size, threads, precision, reference):
    """Rows for one size, thread count and precision; `reference` is a file with the float32 result, or None."""
    import numpy

    width, height = size
    image = folder / f"image_{width}x{height}.raw"
    onnx = folder / f"network_{width}x{height}.onnx"
    if not image.exists():
        y, x = numpy.mgrid[0:height, 0:width]
        planes = [127.5 + 80 * numpy.sin(x / (9 + 3 * c)) * numpy.cos(y / (7 + 2 * c)) for c in range(3)]
        noise = numpy.random.default_rng(1).uniform(-40, 40, (3, height, width))
        numpy.clip(numpy.stack(planes) + noise, 0, 255).round().astype(numpy.float32).tofile(image)
        write_onnx(onnx, read_safetensors(args.model)[1], width, height)
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
    contestants = []
    with open(folder / "peers.log", "a") as log:
        for runtime in args.runtimes:
            if runtime == "impasto":
                command = [args.bench, args.model, width, height, threads, precision]
            else:
                command = [sys.executable, __file__, "--worker", runtime, "--model", args.model, "--onnx", onnx,
                           "--width", width, "--height", height, "--threads", threads, "--precision", precision]
            contestant = Contestant(runtime, [str(part) for part in command], str(image), environment, log)
            if contestant.alive:
                contestants.append(contestant)
            else:
                print(f"  {runtime}: does not run this; see {folder / 'peers.log'}", file=sys.stderr)
    seconds = sum(c.start_ms for c in contestants) / 1e3
    rounds = max(3, min(args.rounds, int(args.seconds / max(seconds / 3, 0.01))))
    for _ in range(rounds):
        for contestant in contestants:
            contestant.run()
    outputs = {c.runtime: folder / f"{c.runtime}_{width}x{height}_{precision}.raw" for c in contestants}
    for contestant in contestants:
        contestant.end(outputs[contestant.runtime])
    # PyTorch in float32 is what all others are compared with; without it, the last one named.
    reference = reference or outputs.get("torch") or outputs[contestants[-1].runtime]
    rows = []
    for contestant in contestants:
        largest, psnr = difference(outputs[contestant.runtime], reference)
        rows.append({"width": width, "height": height, "threads": threads, "precision": precision,
                     "runtime": contestant.runtime, "ms": min(contestant.times), "peak_mb": contestant.peak_mb,
                     "start_ms": contestant.start_ms, "largest_difference": largest, "psnr": psnr, "rounds": rounds,
                     "reference": str(reference)})
    ours = next(row for row in rows if row["runtime"] == "impasto")
    for row in rows:
        row["ratio"] = row["ms"] / ours["ms"]
        row["memory_ratio"] = row["peak_mb"] / ours["peak_mb"]
    return rows


# --- what is written -------------------------------------------------------------------------------------

def table(rows):
    lines = ["| picture | threads | precision | runtime | ms | of Impasto's time | peak MB | of Impasto's memory | "
             "largest difference | PSNR, dB |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        lines.append(f"| {row['width']}x{row['height']} | {row['threads']} | {row['precision']} | {row['runtime']} | "
                     f"{row['ms']:.1f} | {row['ratio']:.2f} | {row['peak_mb']:.0f} | {row['memory_ratio']:.2f} | "
                     f"{row['largest_difference']:.4f} | {row['psnr']:.1f} |")
    return "\n".join(lines) + "\n"


def plot(rows):
    """Bars of time relative to Impasto's, a group for each size, thread count and precision."""
    colours = dict(zip(RUNTIMES, ["#1f6f8b", "#e3a857", "#c8553d", "#8d8d8d", "#5c5c5c", "#7fb069"]))
    bar, left, scale = 14, 240, 90
    parts, y, group = [], 30, None
    for row in rows:
        label = f"{row['width']}x{row['height']}, {row['threads']} thread(s), {row['precision']}"
        if label != group:
            y += 10
            parts.append(f'<text x="{left - 8}" y="{y + 11}" text-anchor="end">{label}</text>')
            group = label
        length = min(row["ratio"], 8) * scale
        parts.append(f'<rect x="{left}" y="{y}" width="{length:.0f}" height="{bar - 2}" fill="{colours[row["runtime"]]}"/>'
                     f'<text x="{left + length + 4:.0f}" y="{y + 11}">{row["runtime"]} {row["ratio"]:.2f}</text>')
        y += bar
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + 9 * scale + 80}" height="{y + 20}" '
            'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>'
            f'<text x="{left}" y="20" font-size="13">Time of one picture, Impasto = 1 (shorter is faster)</text>'
            + "".join(parts) + "</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", help="the engine_bench program")
    parser.add_argument("--model", required=True, help="a style model with the default generator's layers")
    parser.add_argument("--venv", default="build/peers-venv", help="where the peers are installed")
    parser.add_argument("--work", default="build/peers", help="pictures, networks and results")
    parser.add_argument("--sizes", nargs="+", default=[f"{w}x{h}" for w, h in SIZES])
    parser.add_argument("--threads", nargs="+", type=int, default=sorted({1, os.cpu_count()}))
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--runtimes", nargs="+", default=RUNTIMES, choices=RUNTIMES)
    parser.add_argument("--rounds", type=int, default=30, help="turns of each runtime at most")
    parser.add_argument("--seconds", type=float, default=40, help="for the turns of one size, about")
    parser.add_argument("--no-install", action="store_true", help="this Python has the peers")
    args = parser.parse_args()

    python = pathlib.Path(args.venv) / "bin" / "python"
    if not args.no_install:
        if not python.exists():
            venv.create(args.venv, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        return subprocess.run([python, __file__, *sys.argv[1:], "--no-install"]).returncode

    folder = pathlib.Path(args.work)
    folder.mkdir(parents=True, exist_ok=True)
    check_config(read_safetensors(args.model)[0])
    rows, references = [], {}
    for size in (tuple(int(side) for side in text.split("x")) for text in args.sizes):
        for precision in args.precisions:
            for threads in args.threads:
                print(f"{size[0]}x{size[1]}, {threads} thread(s), {precision}", file=sys.stderr)
                new = compete(args, folder, size, threads, precision, references.get(size))
                references.setdefault(size, new[0]["reference"])
                rows += new
                print(table(new), flush=True)
    (folder / "results.json").write_text(json.dumps(rows, indent=1))
    (folder / "table.md").write_text(table(rows))
    (folder / "plot.svg").write_text(plot(rows))
    return 0


if __name__ == "__main__":
    if "--worker" in sys.argv:
        worker = argparse.ArgumentParser()
        for name in ("worker", "model", "onnx", "precision"):
            worker.add_argument(f"--{name}")
        for name in ("width", "height", "threads"):
            worker.add_argument(f"--{name}", type=int)
        work(worker.parse_args())
    else:
        sys.exit(main())
