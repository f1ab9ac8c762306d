"""Writes the small pictures that tests/image reads. Needs numpy and Pillow; the tests need only the files.

Unless its name says otherwise, a picture is 32x16 (once upright) with four quadrants: red and green above, blue and
white below. 16x8 pixels each, they lie on the block grid of JPEG, so that no colour bleeds into another.
"""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

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


def adobe_rgb_profile():
    """A minimal ICC profile (version 2, three primaries and one gamma) of Adobe RGB (1998), adapted to D50."""
    def xyz(x, y, z):
        return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in (x, y, z)))

    text = b"Adobe RGB colours"
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text) + 1) + text + bytes(79),
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(*ADOBE_TO_XYZ[:, 0]),
        b"gXYZ": xyz(*ADOBE_TO_XYZ[:, 1]),
        b"bXYZ": xyz(*ADOBE_TO_XYZ[:, 2]),
    }
    gamma = b"curv" + bytes(4) + struct.pack(">IH", 1, 563) + bytes(2)  # 563 / 256
    tags |= {b"rTRC": gamma, b"gTRC": gamma, b"bTRC": gamma}
    table, data, offset = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", offset + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    header = struct.pack(">I4sI4s4s4s12x4s", 128 + len(table) + len(data), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    header += bytes(68 - len(header)) + struct.pack(">3i", 63190, 65536, 54061)
    return header + bytes(128 - len(header)) + table + data


ADOBE_TO_XYZ = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
SRGB_TO_XYZ = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
# What the pictures with a profile look like, in sRGB.
SEEN = (200, 40, 40), (60, 180, 75), (30, 60, 200), (230, 225, 120)


def to_adobe(rgb, scale):
    v = np.array(rgb) / 255
    light = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return np.round((np.linalg.solve(ADOBE_TO_XYZ, SRGB_TO_XYZ @ light)) ** (256 / 563) * scale)


def write_profiles():
    profile = adobe_rgb_profile()
    coded = [to_adobe(rgb, 255) for rgb in SEEN]
    picture = Image.fromarray(quadrants(*coded))
    picture.save(HERE / "profile.jpg", quality=100, subsampling=0, icc_profile=profile)
    picture.save(HERE / "profile.png", icc_profile=profile)
    picture.save(HERE / "profile.webp", lossless=True, exact=True, icc_profile=profile)
    picture.save(HERE / "profile.tif", icc_profile=profile)
    picture.putalpha(128)
    picture.save(HERE / "profile_alpha.png", icc_profile=profile)
    picture.convert("RGB").save(HERE / "profile_damaged.png", icc_profile=profile[:200])
    deep = np.zeros((HEIGHT, WIDTH, 3), np.uint16)
    deep[:8, :16], deep[:8, 16:], deep[8:, :16], deep[8:, 16:] = [to_adobe(rgb, 65535) for rgb in SEEN]
    png(HERE / "profile16.png", deep, 2, 16)
    data = (HERE / "profile16.png").read_bytes()
    content = b"x\0\0" + zlib.compress(profile)
    chunk = struct.pack(">I", len(content)) + b"iCCP" + content
    (HERE / "profile16.png").write_bytes(data[:33] + chunk + struct.pack(">I", zlib.crc32(chunk[4:])) + data[33:])


def write_metadata():
    """A camera's name, an orientation, and a packet of XMP."""
    exif = Image.Exif()
    exif[271], exif[ORIENTATION_TAG] = "Impasto camera", 6
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
    picture = Image.fromarray(quadrants(RED, GREEN, BLUE, WHITE))
    picture.save(HERE / "metadata.jpg", quality=95, subsampling=0, exif=exif, xmp=xmp)
    picture.save(HERE / "metadata.webp", lossless=True, exif=exif, xmp=xmp)
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    picture.save(HERE / "metadata.png", exif=exif, pnginfo=info)


def main():
    write_profiles()
    write_metadata()
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
