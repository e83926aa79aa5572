"""Golden files for the compressed and the rarer forms of pixels: packages/imaging/src/golden/dicom-codecs.json.

    python -m venv VENV && VENV/bin/pip install pillow==13.0.0 pydicom==3.0.2 numpy==2.4.6 opencv-python-headless scipy pycocotools \\
        "pylibjpeg[all]==2.1.0" pyjpegls python-gdcm==3.2.6
    (cd REPOSITORY && VENV/bin/python tools/golden/imaging_codecs.py)

Streams are written by GDCM, CharLS, OpenJPEG, OpenJPH and, for what those cannot write (predictors 2 to 7, point transforms, restarts,
12-bit DCT), by the small encoders below. Every file is read back by pydicom with its plugins, and what it gives is the golden.
"""

import io
import json
import struct
import subprocess
import tempfile
import warnings
from pathlib import Path

import gdcm
import numpy as np
import pydicom
from imaging import OUT, b64, dataset, displayed, ramp, saved
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from scipy import fft

ROOT = Path(__file__).resolve().parents[2]
P14, SV1, EXTENDED = "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.51"
JLS, NEAR, J2K, J2KI, HTJ2K = (f"1.2.840.10008.1.2.4.{n}" for n in (80, 81, 90, 91, 201))
rng = np.random.default_rng(20260102)


# --- small JPEG encoders --------------------------------------------------------------------------------------------------


class Bits:
    """Entropy-coded bytes, FF stuffed (ITU-T T.81 F.1.2.3)."""

    def __init__(self):
        self.out, self.text = bytearray(), ""

    def put(self, value, length):
        self.text += format(value, f"0{length}b") if length else ""

    def flush(self):
        self.text += "1" * (-len(self.text) % 8)
        for i in range(0, len(self.text), 8):
            byte = int(self.text[i : i + 8], 2)
            self.out += bytes([byte, 0]) if byte == 255 else bytes([byte])
        self.text = ""

    def restart(self, n):
        self.flush()
        self.out += bytes([0xFF, 0xD0 + n % 8])


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def table(destination, symbols):
    """Codes of 8 bits for up to 255 symbols: wasteful, and simple to be sure of."""
    return segment(0xC4, bytes([destination]) + bytes([0] * 7 + [len(symbols)] + [0] * 8) + bytes(symbols))


def magnitude(value):
    """Category of a value and its bits (T.81 F.1.2.1)."""
    size = int(abs(value)).bit_length()
    return size, value if value >= 0 else value + (1 << size) - 1


def lossless(pixels, bits, selection, point=0, restart_lines=0):
    """SOF3 of one or three interleaved components; all components by one table."""
    pixels = pixels.reshape(*pixels.shape[:2], -1).astype(np.int64) >> point
    height, width, count = pixels.shape
    symbols = list(range(17))
    out = Bits()
    for y in range(height):
        fresh = restart_lines > 0 and y % restart_lines == 0
        if fresh and y > 0:
            out.restart(y // restart_lines - 1)
        for x in range(width):
            for c in range(count):
                a = int(pixels[y, x - 1, c]) if x else 0
                b = int(pixels[y - 1, x, c]) if y else 0
                d = int(pixels[y - 1, x - 1, c]) if x and y else 0
                if fresh or y == 0:
                    predicted = a if x else 1 << (bits - point - 1)
                elif x == 0:
                    predicted = b
                else:
                    predicted = [a, b, d, a + b - d, a + ((b - d) >> 1), b + ((a - d) >> 1), (a + b) >> 1][selection - 1]
                difference = (int(pixels[y, x, c]) - predicted + 32768) % 65536 - 32768
                if difference == -32768:
                    out.put(16, 8)
                else:
                    size, value = magnitude(difference)
                    out.put(symbols.index(size), 8)
                    out.put(value, size)
    out.flush()
    ids = range(1, count + 1)
    frame = struct.pack(">BHHB", bits, height, width, count) + b"".join(bytes([i, 0x11, 0]) for i in ids)
    scan = bytes([count]) + b"".join(bytes([i, 0]) for i in ids) + bytes([selection, 0, point])
    interval = segment(0xDD, struct.pack(">H", restart_lines * width)) if restart_lines else b""
    head = b"\xff\xd8" + segment(0xC3, frame) + table(0, symbols) + interval + segment(0xDA, scan)
    return head + bytes(out.out) + b"\xff\xd9"


ZIGZAG = sorted(range(64), key=lambda i: (s := i // 8 + i % 8, i // 8 if s % 2 else i % 8))


def extended(pixels, step=9, restart=0):
    """SOF1 of one component of 12 bits, one quantisation step for all coefficients."""
    height, width = pixels.shape
    padded = np.pad(pixels, ((0, -height % 8), (0, -width % 8)), "edge").astype(float) - 2048
    categories = list(range(16))
    runs = [0, 0xF0] + [16 * run + size for run in range(16) for size in range(1, 15)]
    out, previous, n = Bits(), 0, 0
    for y in range(0, padded.shape[0], 8):
        for x in range(0, padded.shape[1], 8):
            if restart and n and n % restart == 0:
                out.restart(n // restart - 1)
                previous = 0
            n += 1
            block = np.round(fft.dctn(padded[y : y + 8, x : x + 8], norm="ortho") / step).astype(int).ravel()[ZIGZAG]
            size, value = magnitude(int(block[0]) - previous)
            previous = int(block[0])
            out.put(categories.index(size), 8)
            out.put(value, size)
            run = 0
            last = max(np.flatnonzero(block[1:]), default=-1) + 1
            for coefficient in block[1 : last + 1]:
                if coefficient == 0:
                    run += 1
                    continue
                while run > 15:
                    out.put(runs.index(0xF0), 8)
                    run -= 16
                size, value = magnitude(int(coefficient))
                out.put(runs.index(16 * run + size), 8)
                out.put(value, size)
                run = 0
            if last < 63:
                out.put(runs.index(0), 8)
    out.flush()
    frame = struct.pack(">BHHB", 12, height, width, 1) + bytes([1, 0x11, 0])
    interval = segment(0xDD, struct.pack(">H", restart)) if restart else b""
    head = b"\xff\xd8" + segment(0xDB, bytes([0] + [step] * 64)) + segment(0xC1, frame)
    head += table(0x00, categories) + table(0x10, runs) + interval + segment(0xDA, bytes([1, 1, 0, 0, 63, 0]))
    return head + bytes(out.out) + b"\xff\xd9"


# --- other encoders -------------------------------------------------------------------------------------------------------


def by_gdcm(ds, syntax):
    """The file transcoded by GDCM."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/a.dcm", f"{folder}/b.dcm"
        Path(source).write_bytes(saved(ds))
        reader = gdcm.ImageReader()
        reader.SetFileName(source)
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer = gdcm.ImageWriter()
        writer.SetFileName(target)
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()
        return Path(target).read_bytes()


def with_stream(ds, syntax, stream):
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = encapsulate([stream])
    ds["PixelData"].VR = "OB"
    return saved(ds)


def htj2k(pixels, bits, signed=False):
    """A lossless HTJ2K codestream by OpenJPH, through the npm package that the project reads with."""
    script = """
    import factory from '@cornerstonejs/codec-openjph';
    const chunks = []; for await (const chunk of process.stdin) chunks.push(chunk);
    const pixels = Buffer.concat(chunks);
    const [width, height, bits, signed, components] = process.argv.slice(1).map(Number);
    const codec = await factory({ print() {}, printErr() {} });
    const encoder = new codec.HTJ2KEncoder();
    const frame = { width, height, bitsPerSample: bits, componentCount: components, isSigned: signed === 1, isUsingColorTransform: components === 3 };
    encoder.getDecodedBuffer(frame).set(pixels);
    encoder.setQuality(true, 0);
    encoder.encode();
    process.stdout.write(Buffer.from(encoder.getEncodedBuffer()));
    """
    kind = "u1" if bits <= 8 else "<i2" if signed else "<u2"
    components = 1 if pixels.ndim == 2 else 3
    words = map(str, [pixels.shape[1], pixels.shape[0], bits, int(signed), components])
    command = ["node", "--input-type=module", "-e", script, *words]
    return subprocess.run(command, input=pixels.astype(kind).tobytes(), capture_output=True, check=True, cwd=ROOT).stdout


# --- cases ----------------------------------------------------------------------------------------------------------------


def main():
    cases = []
    grey, twelve, sixteen = ramp(255), ramp(4095), ramp(65535)
    noise = rng.integers(0, 65536, twelve.shape)
    rgb = np.stack([grey, grey[::-1], ramp(100)[:, ::-1]], 2)

    def add(name, data, wanted=None, near=0):
        ds = pydicom.dcmread(io.BytesIO(data))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stored = ds.pixel_array
        if wanted is not None:
            assert np.abs(stored.astype(np.int64) - wanted).max() <= near, name
        entry = {"name": name, "file": b64(data), "dtype": stored.dtype.name, "stored": b64(stored.tobytes()), "shape": list(stored.shape)}
        if ds.PhotometricInterpretation.startswith("MONOCHROME"):
            entry["display"] = b64(displayed(data).astype(np.uint8).tobytes())
        cases.append(entry)

    for selection in range(1, 8):
        add(f"Lossless, predictor {selection}, 12 bits", with_stream(dataset(twelve, 12), P14, lossless(twelve, 12, selection)), twelve)
        add(f"Lossless, predictor {selection}, 16 bits of noise", with_stream(dataset(noise, 16), P14, lossless(noise, 16, selection)), noise)
    add("Lossless, 8 bits, MONOCHROME1", with_stream(dataset(grey, photometric="MONOCHROME1"), SV1, lossless(grey, 8, 1)), grey)
    signed = twelve - 2048
    add("Lossless, signed 12 bits", with_stream(dataset(signed, 12, signed=True), SV1, lossless(signed & 4095, 12, 1)), signed)
    add("Lossless, restarts", with_stream(dataset(twelve, 12), P14, lossless(twelve, 12, 4, restart_lines=3)), twelve)
    add("Lossless, colour", with_stream(dataset(rgb, photometric="RGB"), SV1, lossless(rgb, 8, 1)), rgb)
    add("Lossless SV1 by GDCM, 16 bits", by_gdcm(dataset(sixteen, 16), gdcm.TransferSyntax.JPEGLosslessProcess14_1), sixteen)
    add("Lossless P14 by GDCM, signed 16 bits", by_gdcm(dataset(sixteen - 32768, 16, signed=True), gdcm.TransferSyntax.JPEGLosslessProcess14), sixteen - 32768)

    wide = ramp(4095, 37, 21)
    add("Extended, 12 bits", with_stream(dataset(wide, 12), EXTENDED, extended(wide)), wide, 40)
    add("Extended, 12 bits, restarts", with_stream(dataset(wide, 12), EXTENDED, extended(wide, 3, restart=4)), wide, 20)
    coarse = rng.integers(0, 4096, (16, 24))
    add("Extended, 12 bits of noise", with_stream(dataset(coarse, 12), EXTENDED, extended(coarse, 60)), coarse, 400)

    for bits, pixels in ((8, grey), (12, twelve), (16, noise)):
        ds = dataset(pixels, bits)
        ds.compress(JLS, encoding_plugin="pyjpegls")
        add(f"JPEG-LS, {bits} bits", saved(ds), pixels)
    ds = dataset(signed, 12, signed=True)
    ds.compress(JLS, encoding_plugin="pyjpegls")
    add("JPEG-LS, signed 12 bits", saved(ds), signed)
    ds = dataset(twelve, 12)
    ds.compress(NEAR, encoding_plugin="pyjpegls", jls_error=3)
    add("JPEG-LS, within 3", saved(ds), twelve, 3)
    ds = dataset(rgb, photometric="RGB")
    ds.compress(JLS, encoding_plugin="pyjpegls")
    add("JPEG-LS, colour", saved(ds), rgb)

    grey, twelve, sixteen = (ramp(top, 40, 34) for top in (255, 4095, 65535))  # OpenJPEG refuses smaller ones
    signed = twelve - 2048
    for bits, pixels in ((8, grey), (12, twelve), (16, sixteen)):
        ds = dataset(pixels, bits)
        ds.compress(J2K, encoding_plugin="pylibjpeg")
        add(f"JPEG 2000, {bits} bits", saved(ds), pixels)
    ds = dataset(signed, 12, signed=True)
    ds.compress(J2K, encoding_plugin="pylibjpeg")
    add("JPEG 2000, signed 12 bits", saved(ds), signed)
    ds = dataset(twelve, 12)
    ds.compress(J2KI, encoding_plugin="pylibjpeg", j2k_cr=[4])
    add("JPEG 2000, lossy", saved(ds), twelve, 100)
    add("HTJ2K, 8 bits", with_stream(dataset(grey), HTJ2K, htj2k(grey, 8)), grey)
    add("HTJ2K, 12 bits", with_stream(dataset(twelve, 12), HTJ2K, htj2k(twelve, 12)), twelve)
    add("HTJ2K, signed 16 bits", with_stream(dataset(sixteen - 32768, 16, signed=True), HTJ2K, htj2k(sixteen - 32768, 16, True)), sixteen - 32768)

    for syntax in (ImplicitVRLittleEndian, ExplicitVRBigEndian):
        ds = dataset(twelve, 12, syntax=syntax)
        ds.BitsAllocated, ds.BitsStored, ds.HighBit = 32, 20, 19
        order = "<" if syntax.is_little_endian else ">"
        ds.PixelData = (twelve * 200).astype(order + "u4").tobytes()
        ds["PixelData"].VR = "OW"
        if syntax.is_little_endian:
            add("32 bits allocated, implicit", saved(ds), twelve * 200)
    bitmap = (twelve > 2000).astype(int)
    ds = dataset(bitmap, 8)
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 1, 1, 0
    ds.PixelData = np.packbits(bitmap.ravel(), bitorder="little").tobytes() + b"\0"
    add("1 bit allocated", saved(ds), bitmap)
    OUT.joinpath("dicom-codecs.json").write_text(json.dumps(cases) + "\n")
    print(len(cases), "cases,", OUT.joinpath("dicom-codecs.json").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
