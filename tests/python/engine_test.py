"""The Python package. The environment names the library under test (IMPASTO_ENGINE_LIBRARY, unless the package
holds it) and the program to compare with (IMPASTO_STYLIZE); the argument is the project's folder."""

import contextlib
import io
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

import impasto
import numpy as np

PROJECT = pathlib.Path(sys.argv.pop(1))
MODEL = PROJECT / "tests" / "golden" / "style_v1.safetensors"


def read_ppm(path):
    magic, width, height, white, pixels = path.read_bytes().split(maxsplit=4)
    assert magic == b"P6" and white == b"255"
    return np.frombuffer(pixels, np.uint8).reshape(int(height), int(width), 3)


def write_ppm(path, picture):
    height, width, _ = picture.shape
    path.write_bytes(b"P6\n%d %d\n255\n" % (width, height) + picture.tobytes())


def photo(height=37, width=53):
    """Colours that change slowly, with some noise."""
    y, x = np.mgrid[:height, :width]
    smooth = np.stack([x * 4, y * 6, x + y], axis=2) + np.random.default_rng(7).integers(0, 20, (height, width, 3))
    return smooth.clip(0, 255).astype(np.uint8)


def two_styles(names=("wave", "iris")):
    """The bytes of a model of two styles, the golden file's, and the same with other norms."""
    data = MODEL.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header, blob = json.loads(data[8 : 8 + size]), data[8 + size :]
    metadata = header.pop("__metadata__")
    generator = json.loads(metadata["generator"])
    generator.update(norm="conditional_instance", styles=2)
    metadata.update(generator=json.dumps(generator), styles=json.dumps(names))
    tensors, parts, end = {"__metadata__": metadata}, [], 0
    for name, entry in header.items():
        part = blob[slice(*entry["data_offsets"])]
        shape = entry["shape"]
        if ".norm" in name:
            kind = {"F16": np.float16, "F32": np.float32}[entry["dtype"]]
            part += (np.frombuffer(part, kind) * 2 + 1).astype(kind).tobytes()
            shape = [2, *shape]
        tensors[name] = {"dtype": entry["dtype"], "shape": shape, "data_offsets": [end, end + len(part)]}
        parts.append(part)
        end += len(part)
    text = json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text + b"".join(parts)


class Pictures(unittest.TestCase):
    def test_is_what_stylize_writes(self):
        with tempfile.TemporaryDirectory() as folder:
            given, painted = pathlib.Path(folder, "photo.ppm"), pathlib.Path(folder, "painted.ppm")
            write_ppm(given, photo())
            subprocess.run(
                [os.environ["IMPASTO_STYLIZE"], "--model", MODEL, "--precision", "float32", "--output", painted, given],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            wanted = read_ppm(painted).astype(int)
        result = impasto.Engine(MODEL, precision="float32")(photo())
        self.assertEqual(result.dtype, np.uint8)
        self.assertEqual(result.shape, (37, 53, 3))
        self.assertLessEqual(abs(result - wanted).max(), 1)
        self.assertGreater(abs(photo() - wanted).mean(), 5)  # The style does something.

    def test_views_are_taken_as_they_look(self):
        engine = impasto.Engine(MODEL, threads=1)
        flipped = photo()[:, ::-1]
        self.assertFalse(flipped.flags.c_contiguous)
        np.testing.assert_array_equal(engine(flipped), engine(flipped.copy()))

    def test_alpha_is_kept_and_not_looked_at(self):
        engine = impasto.Engine(MODEL, threads=1)
        alpha = np.arange(37 * 53, dtype=np.uint8).reshape(37, 53, 1)
        result = engine(np.concatenate([photo(), alpha], axis=2))
        np.testing.assert_array_equal(result[:, :, 3:], alpha)
        np.testing.assert_array_equal(result[:, :, :3], engine(photo()))

    def test_the_photo_stays_as_it_is(self):
        given = photo()
        given.flags.writeable = False
        impasto.Engine(MODEL)(given)
        np.testing.assert_array_equal(given, photo())

    def test_memory_and_file_are_the_same_model(self):
        from_file, from_memory = impasto.Engine(str(MODEL)), impasto.Engine(MODEL.read_bytes())
        self.assertEqual(from_file.styles, ("wave",))
        from_file.prepare(53, 37)
        np.testing.assert_array_equal(from_file(photo()), from_memory(photo()))

    def test_threads_share_an_engine(self):
        engine = impasto.Engine(MODEL, threads=1)
        wanted, results = engine(photo()), []
        threads = [threading.Thread(target=lambda: results.append(engine(photo()))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(results), 4)
        for result in results:
            np.testing.assert_array_equal(result, wanted)


class Styles(unittest.TestCase):
    def setUp(self):
        self.engine = impasto.Engine(two_styles(), threads=1, precision="float32")

    def test_by_name_and_by_shares(self):
        self.assertEqual(self.engine.styles, ("wave", "iris"))
        wave, iris = self.engine(photo(), "wave"), self.engine(photo(), "iris")
        self.assertGreater(abs(wave.astype(int) - iris).max(), 5)
        np.testing.assert_array_equal(self.engine(photo()), wave)
        np.testing.assert_array_equal(self.engine(photo(), {"iris": 3}), iris)
        mixed = self.engine(photo(), {"wave": 1, "iris": 1})
        np.testing.assert_array_equal(self.engine(photo(), {"iris": 0.5, "wave": 0.5}), mixed)
        self.assertGreater(abs(mixed.astype(int) - wave).max(), 0)

    def test_what_is_no_style(self):
        with self.assertRaisesRegex(impasto.ConfigError, "expected one of wave, iris, found 'rose'"):
            self.engine(photo(), "rose")
        for shares in [{}, {"wave": 0}, {"wave": 2, "iris": -1}, {"wave": float("nan")}]:
            with self.assertRaisesRegex(impasto.ConfigError, "expected shares of at least 0"):
                self.engine(photo(), shares)


class ProgressFunctions(unittest.TestCase):
    def setUp(self):
        self.engine = impasto.Engine(MODEL, threads=1)

    def test_counts_to_one(self):
        steps = []
        self.engine(photo(), progress=steps.append)
        self.assertEqual(steps, sorted(steps))
        self.assertEqual(steps[-1], 1)

    def test_false_stops(self):
        steps = []
        with self.assertRaisesRegex(impasto.CancelledError, "stopped"):
            self.engine(photo(), progress=lambda done: steps.append(done) or len(steps) < 2)
        self.assertEqual(len(steps), 2)

    def test_what_it_raises_comes_out(self):
        with self.assertRaises(ZeroDivisionError):
            self.engine(photo(), progress=lambda done: 1 / 0)
        self.assertEqual(self.engine(photo()).shape, (37, 53, 3))  # And the engine goes on.


class Errors(unittest.TestCase):
    def test_files(self):
        with self.assertRaisesRegex(impasto.IoError, "/nowhere/model.safetensors") as caught:
            impasto.Engine("/nowhere/model.safetensors")
        self.assertIsInstance(caught.exception, OSError)
        self.assertIsInstance(caught.exception, impasto.Error)
        with self.assertRaises(impasto.FormatError):
            impasto.Engine(b"{}")

    def test_options(self):
        with self.assertRaisesRegex(impasto.ConfigError, "float128"):
            impasto.Engine(MODEL, precision="float128")
        with self.assertRaises(impasto.ConfigError):
            impasto.Engine(MODEL, isa="abacus")
        with self.assertRaises(impasto.ConfigError):
            impasto.Engine(MODEL, threads=-1)

    def test_arrays(self):
        engine = impasto.Engine(MODEL)
        message = r"expected uint8 \[height, width, 3 or 4\], found float64 \[40, 40, 3\]"
        with self.assertRaisesRegex(impasto.ConfigError, message):
            engine(np.zeros((40, 40, 3)))
        for shape in [(40, 40), (40, 40, 1), (1, 40, 40, 3)]:
            with self.assertRaisesRegex(impasto.ConfigError, "found uint8"):
                engine(np.zeros(shape, np.uint8))
        with self.assertRaisesRegex(impasto.ConfigError, "sides of at least 16, found 8x40"):
            engine(np.zeros((40, 8, 3), np.uint8))
        with self.assertRaisesRegex(impasto.ConfigError, "sides of at least 16"):
            engine.prepare(15, 16)


class Documentation(unittest.TestCase):
    def test_the_example_runs(self):
        page = (PROJECT / "docs" / "embedding.md").read_text()
        code = page.split("```python\n")[1].split("```")[0]
        with tempfile.TemporaryDirectory() as folder:
            model = pathlib.Path(folder, "great_wave.safetensors")
            model.write_bytes(two_styles(("great wave", "starry night")))
            code = code.replace(model.name, str(model))
            names = {}
            with contextlib.redirect_stdout(io.StringIO()) as said:
                exec(code, names)
        self.assertEqual(names["painted"].shape, (480, 640, 3))
        self.assertIn("100%\n", said.getvalue())


class Version(unittest.TestCase):
    def test_is_the_projects(self):
        self.assertIn(f"VERSION {impasto.__version__}\n", (PROJECT / "CMakeLists.txt").read_text())


if __name__ == "__main__":
    unittest.main()
