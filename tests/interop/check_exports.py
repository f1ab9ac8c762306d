"""Runs exported models in the programs that they are for and compares with NumPy.

    python3 -m venv venv
    venv/bin/pip install numpy torch pillow safetensors onnx onnxruntime openvino
    venv/bin/python tests/interop/check_exports.py build/release/bin/convert

Not part of the tests, which need no Python: run before a release. Every variant of the generator is
written as a style model, exported by convert, checked by the onnx checker, and run at several sizes, of
which most are no multiples of 4. The expected pictures are those of the float64 generator in
tests/golden/make_golden.py. Prints the largest difference on the scale of 0 to 255, in relation to
the picture's range where that is larger, and fails above 1e-3 (float16 weights: above 3). Then the
tensors that go out under pytorch/examples' names are loaded by a network of that form.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import openvino
import torch
from safetensors.numpy import save_file
from safetensors.torch import load_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))
sys.path.insert(0, str(HERE.parent / "golden" / "interop"))
import make_golden  # noqa: E402
import make_interop  # noqa: E402

SIZES = [(1, 16, 16), (1, 33, 47), (2, 64, 61), (3, 20, 98)]  # pictures, height, width


def write_model(path, config):
    """Records every tensor that the generator asks for."""
    tensors = {}
    original = make_golden.seeded

    def recording(name, shape, fan_in=None):
        tensors[name] = original(name, shape, fan_in)
        return tensors[name]

    make_golden.seeded = recording
    styles = np.full((1, config["styles"]), 1 / config["styles"], np.float32)
    make_golden.NumpyGenerator(config)(np.zeros((1, 3, 16, 16), np.float32), styles)
    make_golden.seeded = original
    metadata = {
        "format": "impasto.style/1",
        "generator": json.dumps(config),
        "styles": json.dumps([f"style {i}" for i in range(config["styles"])]),
    }
    save_file(tensors, path, metadata)


def run_ort(path, inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def run_openvino(path, inputs):
    core = openvino.Core()
    precise = {"INFERENCE_PRECISION_HINT": "f32"}
    return core.compile_model(path, "CPU", precise)(inputs)[0]


def run_torchscript(path, inputs):
    with torch.no_grad():
        return torch.jit.load(path)(*map(torch.from_numpy, inputs.values())).numpy()


def check_examples(convert, folder):
    config = make_golden.DEFAULTS | {"output": "linear"}
    write_model(folder / "model.safetensors", config)
    path = folder / "examples.safetensors"
    subprocess.run([convert, "export", folder / "model.safetensors", path], check=True)
    network = make_interop.Examples(config["base_channels"], config["residual_blocks"])
    network.load_state_dict(load_file(path))
    picture = make_golden.seeded_picture("examples", 32, 48)
    with torch.no_grad():
        found = network(torch.from_numpy(picture)).numpy()
    difference = np.abs(found - make_golden.NumpyGenerator(config)(picture)).max()
    print(f"pytorch/examples: {difference:.2g}")
    return difference < 1e-3


def main():
    convert = pathlib.Path(sys.argv[1]).resolve()
    runtimes = {"ONNX Runtime": run_ort, "OpenVINO": run_openvino, "TorchScript": run_torchscript}
    worst = dict.fromkeys(runtimes, 0.0)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, changes in make_golden.VARIANTS.items():
            config = make_golden.DEFAULTS | changes
            write_model(folder / "model.safetensors", config)
            for half in (False, True):
                onnx_path, script_path = str(folder / "model.onnx"), str(folder / "model.pt")
                for path in (onnx_path, script_path):
                    command = [convert, "export", folder / "model.safetensors", path]
                    command += ["--half"] * half
                    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                onnx.checker.check_model(onnx_path, full_check=True)
                for count, height, width in SIZES if not half else SIZES[:2]:
                    picture = make_golden.seeded_picture(f"{name} {width}", height, width)
                    picture = np.repeat(picture, count, 0)
                    picture[1:] = picture[1:, :, ::-1]
                    inputs, styles = {"image": picture}, None
                    if config["norm"] == "conditional_instance":
                        styles = np.random.default_rng(1).random((count, config["styles"]))
                        styles = inputs["style_weights"] = styles.astype(np.float32)
                    expected = make_golden.NumpyGenerator(config)(picture, styles)
                    scale = max(255.0, np.abs(expected).max()) / 255
                    for runtime, run in runtimes.items():
                        path = script_path if run is run_torchscript else onnx_path
                        found = run(path, inputs)
                        difference = np.abs(found - expected).max() / scale
                        limit = 3 if half else 1e-3
                        wrong = not difference < limit or found.shape != expected.shape
                        failed |= wrong
                        if not half:
                            worst[runtime] = max(worst[runtime], difference)
                        if wrong:
                            size = f"{count}x{height}x{width}"
                            print(f"{name}, half {half}, {size}, {runtime}: {difference}")
            print(f"{name}: done", flush=True)
        failed |= not check_examples(convert, folder)
    for runtime, difference in worst.items():
        print(f"{runtime}: at most {difference:.2g}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
