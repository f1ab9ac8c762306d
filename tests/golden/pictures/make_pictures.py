"""Writes the small pictures that tests/image reads. Needs numpy and Pillow; the tests need only the files.

Unless its name says otherwise, a picture is 32x16 (once upright) with four quadrants: red and green above, blue and
white below. 16x8 pixels each, they lie on the block grid of JPEG, so that no colour bleeds into another.
"""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
WIDTH, HEIGHT = 32, 16
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
ORIENTATION_TAG = 274


def quadrants(top_left, top_right, bottom_left, bottom_right):
    picture = np.zeros((HEIGHT, WIDTH, len(top_left)), np.uint8)
    picture[:8, :16], picture[:8, 16:] = top_left, top_right
    picture[8:, :16], picture[8:, 16:] = bottom_left, bottom_right
    return picture


def png(path, samples, color_type, depth):
    """A PNG from an array of unsigned integers [height, width, channels]: Pillow cannot write every kind."""
    height, width, _ = samples.shape
    rows = samples.astype(">u2" if depth == 16 else "u1")
    raw = b"".join(b"\0" + row.tobytes() for row in rows)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    )


def adobe_segment(data):
    start = data.index(b"\xff\xee")
    length = struct.unpack(">H", data[start + 2 : start + 4])[0]
    assert data[start + 4 : start + 9] == b"Adobe"
    return start, start + 2 + length


def save_inks(path, samples):
    """A JPEG of four components with these very samples; Pillow inverts what it is given."""
    Image.fromarray(255 - samples, "CMYK").save(path, quality=100, subsampling=0)


def main():
    rgb = quadrants(RED, GREEN, BLUE, WHITE)
    picture = Image.fromarray(rgb)
    rgba = Image.fromarray(np.dstack([rgb, np.full((HEIGHT, WIDTH, 1), 128, np.uint8)]))

    picture.save(HERE / "rgb.jpg", quality=95, subsampling=0)
    picture.save(HERE / "progressive.jpg", quality=95, subsampling=0, progressive=True)
    picture.save(HERE / "rgb.png")
    picture.save(HERE / "rgb.webp", lossless=True)
    picture.save(HERE / "rgb.bmp")
    picture.save(HERE / "rgb.tif")
    picture.quantize(4).save(HERE / "palette.png")
    picture.quantize(4).save(HERE / "palette.bmp")
    rgba.save(HERE / "rgba.png")
    rgba.save(HERE / "rgba.webp", lossless=True)
    rgba.save(HERE / "rgba.tif")

    # White is transparent by the palette.
    palette = picture.quantize(4)
    white = min(range(4), key=lambda i: -sum(palette.getpalette()[3 * i : 3 * i + 3]))
    palette.save(HERE / "palette_transparent.png", transparency=white)

    # A photo-like picture, whose data do not end early.
    noise = np.random.default_rng(1).integers(0, 256, (48, 64, 3), np.uint8)
    Image.fromarray(noise).save(HERE / "noise.jpg", quality=80)
    Image.fromarray(noise).save(HERE / "noise_progressive.jpg", quality=80, progressive=True)
    Image.fromarray(noise).save(HERE / "noise.png")
    Image.fromarray(noise).save(HERE / "noise.webp", quality=80)
    Image.fromarray(noise).save(HERE / "noise.bmp")

    # Turned pictures: the inverse of what the orientation asks for is stored.
    stored = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }
    for orientation, turn in stored.items():
        exif = Image.Exif()
        exif[ORIENTATION_TAG] = orientation
        turned = Image.fromarray(np.ascontiguousarray(turn(rgb)))
        turned.save(HERE / f"orientation_{orientation}.jpg", quality=95, subsampling=0, exif=exif)
        if orientation == 6:
            turned.save(HERE / "orientation_6.png", exif=exif)
            turned.save(HERE / "orientation_6.webp", lossless=True, exif=exif)
            turned.save(HERE / "orientation_6.tif", exif=exif)

    # Inks of the four colours, 255 for full.
    inks = quadrants((0, 255, 255, 0), (255, 0, 255, 0), (255, 255, 0, 0), (0, 0, 0, 0))
    save_inks(HERE / "cmyk_adobe.jpg", 255 - inks)
    save_inks(HERE / "cmyk_plain.jpg", inks)
    plain = (HERE / "cmyk_plain.jpg").read_bytes()
    start, end = adobe_segment(plain)
    (HERE / "cmyk_plain.jpg").write_bytes(plain[:start] + plain[end:])

    # YCCK: luma and chroma of the complement of the first three samples; the last byte of Adobe's segment is 2.
    samples = 255 - inks
    ycc = np.asarray(Image.fromarray(255 - samples[..., :3]).convert("YCbCr"))
    save_inks(HERE / "ycck_adobe.jpg", np.dstack([ycc, samples[..., 3]]))
    data = bytearray((HERE / "ycck_adobe.jpg").read_bytes())
    data[adobe_segment(data)[1] - 1] = 2
    (HERE / "ycck_adobe.jpg").write_bytes(data)

    # Grey: 0, 51, 102, 255 in the quadrants; with 16 bits 257 times as much.
    grey = quadrants((0,), (51,), (102,), (255,))
    Image.fromarray(grey[..., 0]).save(HERE / "grey.png")
    Image.fromarray(grey[..., 0]).save(HERE / "grey.jpg", quality=95)
    png(HERE / "grey16.png", grey.astype(np.uint16) * 257, color_type=0, depth=16)
    alpha = np.full((HEIGHT, WIDTH, 1), 0x8080, np.uint16)
    png(HERE / "grey_alpha16.png", np.dstack([grey.astype(np.uint16) * 257, alpha]), color_type=4, depth=16)
    png(HERE / "rgb16.png", rgb.astype(np.uint16) * 257, color_type=2, depth=16)
    # 0.99, 254.01, 0.498 and 0.502 of 255; without the low byte they would be 0, 255, 0 and 0.
    edge = np.array([[[255], [65280], [128], [129]]], np.uint16)
    png(HERE / "rounding16.png", edge, color_type=0, depth=16)
    Image.fromarray(np.uint16(grey[..., 0]) * 257).save(HERE / "grey16.tif")
    Image.fromarray(grey[..., 0] > 60).save(HERE / "bilevel.png")


if __name__ == "__main__":
    main()
