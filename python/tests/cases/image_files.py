"""Image files: what is read from them, what is written, and what is wrong.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import binascii
import hashlib
import struct
import zlib

import numpy as np
import tensorflow.compat.v1 as tf
from case_helpers import attempt


def run(tensor, feeds=None):
    with tf.Session() as s:
        return s.run(tensor, feeds)


def value(tensor, feeds=None):
    got = run(tensor, feeds)
    return hashlib.sha256(got).hexdigest() if isinstance(got, bytes) else (
        str(got.dtype), got.tolist())


def picture(height=13, width=17, channels=3, dtype=np.uint8):
    """A smooth one with some noise."""
    y, x, c = np.mgrid[:height, :width, :channels]
    top = np.iinfo(dtype).max
    wave = (np.sin(x / 3. + c) + np.cos(y / 4. - c) + 2) / 4
    noise = np.random.RandomState(1).uniform(-.1, .1, wave.shape)
    return (np.clip(wave + noise, 0, 1) * top).astype(dtype)


# ---- PNG files of every kind ------------------------------------------------

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(
        ">I", binascii.crc32(kind + data) & 0xffffffff)


def rows(samples, bits):
    """Lines without a filter."""
    lines = []
    for line in samples:
        if bits == 16:
            packed = line.astype(">u2").tobytes()
        else:
            flat = line.ravel().astype(np.uint8)
            spread = np.unpackbits(flat[:, None], axis=1)[:, 8 - bits:]
            packed = np.packbits(spread.ravel()).tobytes()
        lines.append(b"\0" + packed)
    return b"".join(lines)


ADAM7 = [(0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2),
         (0, 2, 1, 2), (1, 2, 0, 1)]


def png(color, bits, transparent=None, interlaced=False, palette=None,
        height=7, width=11):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    top = len(palette) // 3 if palette else 2**bits
    samples = np.random.RandomState(2).randint(0, top, (height, width,
                                                        channels))
    if interlaced:
        data = b"".join(rows(samples[y::h, x::w], bits)
                        for y, h, x, w in ADAM7
                        if samples[y::h, x::w].size)
    else:
        data = rows(samples, bits)
    parts = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(
        ">IIBBBBB", width, height, bits, color, 0, 0, int(interlaced)))]
    if palette:
        parts.append(chunk(b"PLTE", palette))
    if transparent:
        parts.append(chunk(b"tRNS", transparent))
    return b"".join(parts + [chunk(b"IDAT", zlib.compress(data)),
                             chunk(b"IEND", b"")])


PALETTE = bytes(bytearray(range(3, 3 + 36)))
KINDS = ([(0, b) for b in (1, 2, 4, 8, 16)] + [(2, 8), (2, 16)] +
         [(4, 8), (4, 16), (6, 8), (6, 16)])


def decoded(contents):
    return [attempt(lambda: value(tf.image.decode_png(
        contents, channels=c, dtype=t)))
            for c in (0, 1, 3, 4) for t in (tf.uint8, tf.uint16)]


def case_png_of_every_kind():
    return [decoded(png(*kind)) for kind in KINDS]


def case_png_with_a_palette():
    return [decoded(png(3, bits, palette=PALETTE[:3 * min(2**bits, 12)],
                        transparent=transparent))
            for bits in (1, 2, 4, 8) for transparent in (None, b"\x80\x10")]


def case_png_with_a_transparent_color():
    return [decoded(png(0, 4, b"\0\x05")), decoded(png(0, 8, b"\0\x20")),
            decoded(png(2, 8, b"\0\x20\0\x21\0\x22")),
            decoded(png(0, 16, b"\x20\x20"))]


def case_png_interlaced():
    return [decoded(png(*kind, interlaced=True)) for kind in KINDS]


def case_png_is_written():
    images = [picture(channels=c, dtype=t) for c in (1, 2, 3, 4)
              for t in (np.uint8, np.uint16)]
    # The numbers, and for one the bytes.
    return [value(tf.image.decode_png(tf.image.encode_png(image),
                                      channels=0 if image.shape[2] != 2 else 4,
                                      dtype=image.dtype))
            for image in images] + [
        value(tf.image.encode_png(picture(), compression=level))
        for level in (-1, 0, 1, 9)]


def case_png_wrong():
    good = png(2, 8)
    crooked = good[:60] + bytes(bytearray([good[60] ^ 1])) + good[61:]
    header = bytearray(good)
    header[24] = 3
    huge = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(
        ">IIBBBBB", 500000, 500000, 8, 2, 0, 0, 0)) + good[33:]
    return [attempt(lambda: value(tf.image.decode_png(contents)))
            for contents in [good[:n] for n in (0, 4, 8, 20, 33, 41, 60, 100)]
            + [crooked, bytes(header), huge, good[:-12], good + b"more"]]


def case_png_attrs():
    image = tf.placeholder(tf.uint8)
    op = tf.image.encode_png(image)
    return ([attempt(run, op, {image: np.zeros(shape, np.uint8)})
             for shape in ([2, 2], [2, 2, 5], [0, 2, 3], [2, 2, 0])],
            attempt(run, tf.image.encode_png(picture(), compression=10)),
            attempt(run, tf.image.decode_png("a", channels=2)),
            attempt(lambda: tf.image.decode_png("a", channels=-1)),
            attempt(lambda: tf.image.decode_png(["a"])),
            tf.image.decode_png("a").shape.as_list(),
            tf.image.decode_png("a", 3).shape.as_list())


# ---- JPEG -------------------------------------------------------------------

def jpeg(**kwargs):
    shape = kwargs.pop("shape", (37, 51, 3))
    return run(tf.image.encode_jpeg(picture(*shape), **kwargs))


def case_jpeg_is_written():
    options = [{}, {"quality": 5}, {"quality": 100}, {"progressive": True},
               {"optimize_size": True}, {"chroma_downsampling": False},
               {"density_unit": "cm", "x_density": 7, "y_density": 9},
               {"xmp_metadata": "some words"}, {"shape": (9, 9, 1)},
               {"shape": (9, 9, 1), "format": "grayscale", "quality": 0},
               {"format": "rgb"}]
    return [hashlib.sha256(jpeg(**o)).hexdigest() for o in options]


def case_jpeg_is_read():
    files = [jpeg(), jpeg(quality=30), jpeg(progressive=True),
             jpeg(chroma_downsampling=False), jpeg(shape=(16, 23, 1))]
    options = [{}, {"dct_method": "INTEGER_FAST"},
               {"dct_method": "INTEGER_ACCURATE"}, {"fancy_upscaling": False},
               {"ratio": 2}, {"ratio": 4}, {"ratio": 8}, {"channels": 1},
               {"channels": 3}]
    return [value(tf.image.decode_jpeg(contents, **o)) for contents in files
            for o in options]


def case_jpeg_is_cut():
    windows = [[0, 0, 37, 51], [3, 5, 20, 30], [0, 0, 1, 1], [36, 50, 1, 1],
               [0, 17, 37, 16], [-1, 0, 2, 2], [0, 0, 0, 3], [0, 0, 38, 2],
               [0, 40, 2, 12]]
    contents = jpeg()
    return [attempt(lambda: value(tf.image.decode_and_crop_jpeg(
        contents, window, channels=c))) for window in windows for c in (0, 1)]


def case_jpeg_wrong():
    good = jpeg()
    files = [good[:n] for n in (0, 3, 10, 100, 400, len(good) // 2,
                                len(good) - 2, len(good) - 1)]
    files += [good + b"more", good.replace(b"\xff\xdb", b"\xff\x00")]
    return [attempt(lambda: value(tf.image.decode_jpeg(contents)))
            for contents in files]


def case_jpeg_recovered():
    good = jpeg()
    return attempt(lambda: value(tf.image.decode_jpeg(
        good[:-2], try_recover_truncated=True)))


def case_jpeg_attrs():
    image = tf.placeholder(tf.uint8)
    op = tf.image.encode_jpeg(image)
    gray = tf.image.encode_jpeg(image, format="grayscale")
    window = tf.placeholder(tf.int32)
    crop = tf.image.decode_and_crop_jpeg(jpeg(), window)
    return ([attempt(run, op, {image: np.zeros(shape, np.uint8)})
             for shape in ([2, 2], [2, 2, 4], [0, 2, 1], [1, 65536, 1])],
            attempt(run, gray, {image: np.zeros([2, 2, 3], np.uint8)}),
            attempt(run, tf.image.encode_jpeg(picture(), quality=101)),
            attempt(lambda: tf.image.encode_jpeg(picture(), format="bgr")),
            attempt(run, tf.image.decode_jpeg("a", ratio=3)),
            attempt(run, tf.image.decode_jpeg("a", dct_method="b")),
            attempt(run, tf.image.decode_jpeg(jpeg(), channels=4)),
            attempt(run, crop, {window: [1, 2, 3]}),
            attempt(run, crop, {window: [[0, 0, 1, 1]]}),
            crop.shape.as_list(), tf.image.decode_and_crop_jpeg(
                "a", [0, 1, 2, 3], channels=3).shape.as_list())


def case_jpeg_shape_and_quality():
    return (value(tf.image.extract_jpeg_shape(jpeg())),
            value(tf.image.extract_jpeg_shape(jpeg(shape=(5, 6, 1)),
                                              output_type=tf.int64)),
            attempt(run, tf.image.extract_jpeg_shape("a")),
            value(tf.image.adjust_jpeg_quality(picture(), 20)),
            value(tf.image.random_jpeg_quality(picture(), 10, 90, seed=3)),
            attempt(lambda: tf.image.random_jpeg_quality(picture(), 9, 9)))


# ---- GIF and BMP ------------------------------------------------------------

def gif(frames=1, width=2, height=2, places=None, table=True):
    parts = [b"GIF89a" + struct.pack("<HHBBB", width, height,
                                     0x80 if table else 0, 0, 0)]
    if table:
        parts.append(b"\x0a\x14\x1e\xc8\xd2\xdc")
    for i in range(frames):
        left, top, w, h = (places or {}).get(i, (0, 0, width, height))
        parts.append(b"\x2c" + struct.pack("<HHHHB", left, top, w, h, 0))
        # Codes of three bits: clear, the pixels, end.
        codes, bits = [4], ""
        for p in range(w * h):
            codes += [(p + i) % 2] + [4]  # a clear code keeps the width
        codes[-1] = 5
        for code in codes:
            bits = format(code, "03b") + bits
        data = bytearray()
        while bits:
            data.append(int(bits[-8:], 2))
            bits = bits[:-8]
        parts.append(b"\x02" + bytes(bytearray([len(data)])) + bytes(data) +
                     b"\0")
    return b"".join(parts) + b"\x3b"


def case_gif_is_read():
    return [attempt(lambda: value(read(contents))) for contents in (
        gif(), gif(3), gif(2, places={1: (1, 0, 1, 2)}), gif(1, 3, 2))
            for read in (tf.image.decode_gif, tf.image.decode_png,
                         tf.image.decode_jpeg)]


def case_gif_wrong():
    good = gif(2)
    files = [good[:n] for n in (4, 6, 13, 19, 25, 31, 36, len(good) - 1)]
    files += [gif(1, places={0: (1, 0, 1, 2)}), gif(1, table=False), gif(0)]
    return [attempt(lambda: value(tf.image.decode_gif(contents)))
            for contents in files], [
        attempt(lambda: value(tf.image.decode_png(good, channels=c)))
        for c in (1, 4)] + [
        attempt(lambda: value(tf.image.decode_png(good, dtype=tf.uint16)))]


def bmp(width=3, height=2, bits=24, offset=54, more=b""):
    return (b"BM" + b"\0" * 8 + struct.pack("<i", offset) + struct.pack(
        "<iiihhi", 40, width, height, 1, bits, 0) + b"\0" * 20 +
        bytes(bytearray(range(100))) + more)


def case_bmp_is_read():
    files = [bmp(), bmp(height=-2), bmp(bits=8), bmp(bits=32),
             bmp(5, 1, offset=60)]
    return [value(tf.image.decode_bmp(contents)) for contents in files] + [
        value(tf.image.decode_bmp(bmp(), channels=3))]


def case_bmp_wrong():
    files = [b"", b"BM", bmp(bits=16), bmp(0), bmp(-1), bmp(3, 0),
             bmp(offset=-1), bmp(2**20, 2**20), bmp(50, 50), bmp(bits=-8),
             bmp(offset=2**30), bmp(3, -2**31)]
    return [attempt(lambda: value(tf.image.decode_bmp(contents)))
            for contents in files] + [
        attempt(lambda: value(tf.image.decode_bmp(bmp(), channels=4))),
        attempt(lambda: value(tf.image.decode_bmp(bmp(), channels=2)))]


# ---- Whatever it is ---------------------------------------------------------

def case_every_op_reads_every_kind():
    files = [jpeg(shape=(3, 4, 3)), png(2, 8), gif(), b"abc", b"",
             b"\0\1\xff and so on and on"]
    return [attempt(lambda: value(op(contents))) for contents in files
            for op in (tf.image.decode_png, tf.image.decode_jpeg,
                       tf.image.decode_gif)]


def case_decode_image():
    contents = tf.placeholder(tf.string)
    image = tf.image.decode_image(contents)
    floats = tf.image.decode_image(contents, channels=3, dtype=tf.float32,
                                   expand_animations=False)
    files = [jpeg(shape=(3, 4, 3)), png(2, 8), gif(2), bmp(), b"abc"]
    return ([attempt(value, op, {contents: f}) for op in (image, floats)
             for f in files], image.shape,
            attempt(lambda: tf.image.decode_image(contents, channels=2)))


def case_is_jpeg():
    return [value(tf.io.is_jpeg(f)) for f in (jpeg(shape=(3, 4, 3)), "abcd")]
