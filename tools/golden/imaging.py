"""Golden files for packages/imaging: tiny synthetic images with the values that Pillow, pydicom, OpenCV, SciPy and pycocotools give.

    python -m venv VENV && VENV/bin/pip install pillow==13.0.0 pydicom==3.0.2 numpy==2.4.6 opencv-python-headless scipy pycocotools
    VENV/bin/python tools/golden/imaging.py

Everything is seeded; pixels are synthetic. Expected display values follow DICOM PS3.4 N.2 through pydicom's own functions.
"""

import base64
import io
import json
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pydicom
from PIL import Image
from pycocotools import mask as coco
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_modality_lut, apply_voi_lut, convert_color_space
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    RLELossless,
)
from scipy import ndimage

OUT = Path(__file__).resolve().parents[2] / "packages/imaging/src/golden"
W, H = 20, 14
rng = np.random.default_rng(20260101)


def ramp(top, w=W, h=H):
    """A slope with a bump: smooth enough for JPEG, and every corner is different."""
    y, x = np.mgrid[0:h, 0:w]
    value = 0.55 * x / (w - 1) + 0.3 * y / (h - 1) + 0.15 * np.exp(-((x - 6) ** 2 + (y - 9) ** 2) / 12)
    return np.round(value * top).astype(np.int64)


def b64(data):
    return base64.b64encode(bytes(data)).decode()


def case(name, data, expected, tolerance=0):
    expected = np.asarray(expected)
    assert expected.min() >= 0 and expected.max() <= 255 and expected.ndim == 2, name
    return {
        "name": name,
        "file": b64(data),
        "width": expected.shape[1],
        "height": expected.shape[0],
        "expected": b64(expected.astype(np.uint8).tobytes()),
        "tolerance": tolerance,
    }


def luma(rgb):
    """Pillow's convert('L')."""
    return np.asarray(Image.fromarray(rgb.astype(np.uint8), "RGB").convert("L"))


# --- PNG ------------------------------------------------------------------------------------------------------------------


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def scanlines(samples, depth):
    """[h, w, c] -> filtered (type 0) packed rows."""
    out = b""
    for row in samples.reshape(samples.shape[0], -1):
        if depth == 16:
            packed = row.astype(">u2").tobytes()
        else:
            bits = ((row[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8).reshape(-1)
            packed = np.packbits(bits).tobytes()
        out += b"\0" + packed
    return out


def write_png(samples, depth, colour, interlace=False, extra=b"", after=b""):
    h, w = samples.shape[:2]
    if interlace:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        raw = b"".join(scanlines(samples[y::dy, x::dx], depth) for x, y, dx, dy in passes if samples[y::dy, x::dx].size)
    else:
        raw = scanlines(samples, depth)
    ihdr = struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, int(interlace))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + extra + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"") + after
    )


def exif(orientation):
    return b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">H", orientation) + b"\0\0\0\0\0\0"


def pngs():
    cases = []
    pillow = lambda data: np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    for depth in (1, 2, 4, 8):
        grey = ramp(2**depth - 1)[:, :, None]
        for interlace in (False, True):
            data = write_png(grey, depth, 0, interlace)
            cases.append(case(f"grey {depth} bit{' Adam7' if interlace else ''}", data, pillow(data)))
    wide = ramp(65535)[:, :, None] + 0
    wide[3, 4, 0] = 128  # rounds to 0
    wide[3, 5, 0] = 129  # rounds to 1
    for interlace in (False, True):
        data = write_png(wide, 16, 0, interlace)
        assert (np.asarray(Image.open(io.BytesIO(data))) == wide[:, :, 0]).all()
        cases.append(case(f"grey 16 bit{' Adam7' if interlace else ''}", data, np.floor(wide[:, :, 0] / 257 + 0.5)))
    rgb = np.stack([ramp(255), ramp(255)[::-1], rng.integers(0, 256, (H, W))], 2)
    data = write_png(rgb, 8, 2)
    cases.append(case("rgb 8 bit", data, pillow(data)))
    same = np.repeat(ramp(65535)[:, :, None], 3, 2)
    cases.append(case("rgb 16 bit, equal channels", write_png(same, 16, 2), np.floor(same[:, :, 0] / 257 + 0.5)))
    alpha = rng.integers(0, 256, (H, W, 1))
    cases.append(case("rgba", write_png(np.concatenate([rgb, alpha], 2), 8, 6), luma(rgb)))
    grey = ramp(255)[:, :, None]
    cases.append(case("grey and alpha", write_png(np.concatenate([grey, alpha], 2), 8, 4), grey[:, :, 0]))
    cases.append(case("grey and alpha 16 bit", write_png(np.concatenate([wide, alpha * 257], 2), 16, 4), np.floor(wide[:, :, 0] / 257 + 0.5)))
    palette = rng.integers(0, 256, (16, 3)).astype(np.uint8)
    index = ramp(15)[:, :, None]
    for depth in (4, 8):
        data = write_png(index, depth, 3, extra=chunk(b"PLTE", palette.tobytes()))
        cases.append(case(f"palette {depth} bit", data, pillow(data)))
    trns = chunk(b"PLTE", palette.tobytes()) + chunk(b"tRNS", bytes(range(0, 160, 10)))
    cases.append(case("palette with transparency", write_png(index, 8, 3, extra=trns), luma(palette[index[:, :, 0]])))
    cases.append(case("grey with a transparent value", write_png(grey, 8, 0, extra=chunk(b"tRNS", struct.pack(">H", 100))), grey[:, :, 0]))
    gamma = chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"tEXt", b"Comment\0nothing")
    cases.append(case("gamma and text are ignored", write_png(grey, 8, 0, extra=gamma), grey[:, :, 0]))
    cases.append(case("bytes after the end", write_png(grey, 8, 0, after=b"anything at all"), grey[:, :, 0]))
    cases.append(case("eXIf orientation 6", write_png(grey, 8, 0, extra=chunk(b"eXIf", exif(6))), np.rot90(grey[:, :, 0], -1)))
    cases.append(case("one pixel", write_png(np.full((1, 1, 1), 77), 8, 0), [[77]]))
    return cases


# --- JPEG -----------------------------------------------------------------------------------------------------------------


def jpeg_of(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95, **options)
    return buffer.getvalue()


def jpegs():
    cases = []
    grey = Image.fromarray(ramp(255).astype(np.uint8), "L")
    rgb = Image.fromarray(np.stack([ramp(255), ramp(200)[::-1], ramp(120)[:, ::-1]], 2).astype(np.uint8), "RGB")
    pillow = lambda data: np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    for name, image, options in [
        ("grey baseline", grey, {}),
        ("grey progressive", grey, {"progressive": True}),
        ("grey with restart markers", grey, {"restart_marker_blocks": 1}),
        ("colour 4:4:4", rgb, {"subsampling": 0}),
        ("colour 4:2:0", rgb, {"subsampling": 2}),
        ("colour 4:2:0 progressive", rgb, {"subsampling": 2, "progressive": True}),
    ]:
        data = jpeg_of(image, **options)
        cases.append(case(name, data, pillow(data), 2))
    inks = np.stack([ramp(255), ramp(200)[::-1], ramp(120)[:, ::-1], ramp(90)], 2).astype(np.uint8)
    data = jpeg_of(Image.fromarray(inks, "CMYK"), subsampling=0)
    cases.append(case("CMYK", data, pillow(data), 2))
    for orientation in range(1, 9):
        data = jpeg_of(grey, exif=b"Exif\0\0" + exif(orientation))
        stored = np.asarray(Image.open(io.BytesIO(data)))
        turned = {
            1: stored, 2: stored[:, ::-1], 3: stored[::-1, ::-1], 4: stored[::-1], 5: stored.T,
            6: np.rot90(stored, -1), 7: stored[::-1, ::-1].T, 8: np.rot90(stored),
        }[orientation]  # fmt: skip
        cases.append(case(f"EXIF orientation {orientation}", data, turned, 1))
    return cases


# --- DICOM ----------------------------------------------------------------------------------------------------------------


def dataset(pixels, bits=8, signed=False, syntax=ExplicitVRLittleEndian, photometric="MONOCHROME2", **tags):
    allocated = 8 if bits <= 8 else 16
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = "2.25.1"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "2.25.2", "2.25.3"
    ds.Modality, ds.BodyPartExamined, ds.ViewPosition = "CR", "CHEST", "PA"
    ds.PatientID, ds.PatientSex, ds.PatientAge = "synthetic", "F", "058Y"
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, photometric
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = allocated, bits, bits - 1, int(signed)
    if pixels.ndim == 3:
        ds.SamplesPerPixel, ds.PlanarConfiguration = 3, 0
    for name, value in tags.items():
        setattr(ds, name, value)
    kind = {(8, False): "u1", (8, True): "i1", (16, False): "u2", (16, True): "i2"}[(allocated, signed)]
    raw = pixels.astype("<" + kind).tobytes()
    ds.PixelData = raw + b"\0" * (len(raw) % 2)
    ds["PixelData"].VR = "OB" if allocated == 8 else "OW"
    return ds


def saved(ds):
    buffer = io.BytesIO()
    syntax = ds.file_meta.TransferSyntaxUID
    ds.save_as(buffer, enforce_file_format=True, little_endian=syntax.is_little_endian, implicit_vr=syntax.is_implicit_VR)
    return buffer.getvalue()


def displayed(data):
    """What pydicom makes of a file: modality LUT, VOI LUT, MONOCHROME1 inversion, as 0..255."""
    ds = pydicom.dcmread(io.BytesIO(data))
    values = apply_modality_lut(ds.pixel_array, ds)
    slope, intercept = float(ds.get("RescaleSlope", 1)), float(ds.get("RescaleIntercept", 0))
    size = 2.0**ds.BitsStored
    low, high = (-size / 2, size / 2 - 1) if ds.PixelRepresentation else (0, size - 1)
    low, high = sorted([low * slope + intercept, high * slope + intercept])
    if "ModalityLUTSequence" in ds:
        low, high = 0, 2.0 ** ds.ModalityLUTSequence[0].LUTDescriptor[2] - 1
    shade = apply_voi_lut(values, ds).astype(float)
    if "VOILUTSequence" in ds:
        low, high = 0, 2.0 ** ds.VOILUTSequence[0].LUTDescriptor[2] - 1
    shade = np.clip((shade - low) / (high - low), 0, 1)
    if ds.PhotometricInterpretation == "MONOCHROME1":
        shade = 1 - shade
    return np.floor(shade * 255 + 0.5)


def lut(first, entries, bits, first_vr="US", data_vr="US"):
    item = Dataset()
    item.add_new(0x00283002, first_vr, [len(entries) % 65536, first, bits])
    if data_vr == "OW":
        item.add_new(0x00283006, "OW", np.asarray(entries, "<u2").tobytes())
    else:
        item.add_new(0x00283006, data_vr, [int(e) for e in entries])
    return Sequence([item])


def dicoms():
    cases = []
    grey = ramp(255)
    twelve, signed12 = ramp(4095), ramp(4095) - 2048

    def add(name, ds, expected=None, tolerance=1, patch=None):
        data = saved(ds)
        if patch is not None:
            data = patch(data)
        cases.append(case(name, data, displayed(data) if expected is None else expected, tolerance))

    for syntax in (ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian):
        add(f"8 bit, {syntax.name}", dataset(grey, syntax=syntax), grey, 0)
        add(f"12 bit, {syntax.name}", dataset(twelve, 12, syntax=syntax))
    for bits, pixels, vr in [(8, grey, "OB"), (8, grey, "OW"), (12, twelve, "OW")]:
        ds = dataset(pixels, bits, syntax=ExplicitVRBigEndian)
        if vr == "OW":
            ds.PixelData = np.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
        ds["PixelData"].VR = vr
        add(f"{bits} bit, big endian, {vr}", ds, np.floor(pixels / (2**bits - 1) * 255 + 0.5))
    add("MONOCHROME1", dataset(grey, photometric="MONOCHROME1"), 255 - grey, 0)
    add("6 bits stored", dataset(ramp(63), 6))
    add("16 bits", dataset(ramp(65535), 16))
    add("signed 16 bits", dataset(ramp(65535) - 32768, 16, signed=True))
    add("signed 12 bits", dataset(signed12, 12, signed=True))
    dirty = dataset(twelve, 12)
    dirty.PixelData = (twelve | 0x6000).astype("<u2").tobytes()
    add("bits above the stored ones are masked", dirty, np.floor(twelve / 4095 * 255 + 0.5))
    high = dataset(twelve, 12, HighBit=15)
    high.PixelData = (twelve << 4 | 9).astype("<u2").tobytes()
    add("high bit 15 of 12 stored", high, np.floor(twelve / 4095 * 255 + 0.5))
    add("rescale", dataset(twelve, 12, RescaleSlope="2.5", RescaleIntercept="-1024"))
    add("rescale with a negative slope", dataset(twelve, 12, RescaleSlope="-1", RescaleIntercept="4095"))
    for function in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
        add(f"window {function}", dataset(twelve, 12, WindowCenter="1800", WindowWidth="1500", VOILUTFunction=function))
        rescaled = dict(RescaleSlope="0.5", RescaleIntercept="-100.5", WindowCenter="700.25", WindowWidth="333", VOILUTFunction=function)
        add(f"rescale, then window {function}", dataset(signed12, 12, signed=True, **rescaled))
    add("window of width 1", dataset(twelve, 12, WindowCenter="2000", WindowWidth="1"))
    add("first of two windows", dataset(twelve, 12, WindowCenter=["1800", "100"], WindowWidth=["1500", "50"]))
    add("MONOCHROME1 with window", dataset(twelve, 12, photometric="MONOCHROME1", WindowCenter="1800", WindowWidth="1500"))
    gamma = np.round((np.arange(3000) / 2999) ** 0.5 * 1023)
    add("VOI LUT", dataset(twelve, 12, VOILUTSequence=lut(500, gamma, 10)))
    add("VOI LUT in OW", dataset(twelve, 12, VOILUTSequence=lut(500, gamma, 10, data_vr="OW")))
    add("VOI LUT, implicit", dataset(twelve, 12, syntax=ImplicitVRLittleEndian, VOILUTSequence=lut(500, gamma, 10)))
    add("VOI LUT wins over a window", dataset(twelve, 12, VOILUTSequence=lut(0, gamma, 10), WindowCenter="9", WindowWidth="5"))
    add("VOI LUT of signed values", dataset(signed12, 12, signed=True, VOILUTSequence=lut(-900, gamma, 10, "SS")))
    add("modality LUT", dataset(twelve, 12, ModalityLUTSequence=lut(100, gamma[::-1] * 64, 16)))
    add("modality LUT, then window", dataset(twelve, 12, ModalityLUTSequence=lut(100, gamma * 64, 16), WindowCenter="32000", WindowWidth="30000"))

    rgb = np.stack([grey, grey[::-1], ramp(100)[:, ::-1]], 2)
    add("RGB", dataset(rgb, photometric="RGB"), luma(rgb))
    planar = dataset(rgb, photometric="RGB", PlanarConfiguration=1)
    planar.PixelData = rgb.transpose(2, 0, 1).astype("u1").tobytes()
    add("RGB planes", planar, luma(rgb))
    ybr = convert_color_space(rgb.astype(np.uint8), "RGB", "YBR_FULL")
    add("YBR_FULL", dataset(ybr, photometric="YBR_FULL"), ybr[:, :, 0], 0)

    for name, ds in [
        ("RLE 8 bit", dataset(grey)),
        ("RLE 16 bit", dataset(ramp(65535), 16)),
        ("RLE signed 12 bit", dataset(signed12, 12, signed=True)),
        ("RLE RGB", dataset(rgb, photometric="RGB")),
    ]:
        expected = luma(rgb) if name == "RLE RGB" else displayed(saved(ds))
        ds.compress(RLELossless, encoding_plugin="pydicom")
        add(name, ds, expected)
    for name, image, photometric in [("grey", grey, "MONOCHROME2"), ("MONOCHROME1", grey, "MONOCHROME1"), ("colour", rgb, "YBR_FULL_422")]:
        stream = jpeg_of(Image.fromarray(image.astype(np.uint8)), subsampling=1) if name == "colour" else jpeg_of(Image.fromarray(image.astype(np.uint8), "L"))
        decoded = np.asarray(Image.open(io.BytesIO(stream)).convert("L")).astype(int)
        for fragments in (1, 3):
            ds = dataset(image, syntax=JPEGBaseline8Bit, photometric=photometric)
            ds.PixelData = encapsulate([stream], fragments_per_frame=fragments, has_bot=fragments == 1)
            add(f"JPEG {name}, {fragments} fragments", ds, 255 - decoded if photometric == "MONOCHROME1" else decoded, 2)
    return cases


def ages():
    return [
        ["058Y", 58], ["51", 51], ["006M", 0.5], ["010D", 10 / 365.25], ["003W", 21 / 365.25], ["155", 155], [" 42 ", 42], ["000Y", 0],
        ["", None], ["Y", None], ["-5", None], ["5X", None], ["058YY", None],
    ]  # fmt: skip


# --- Geometry -------------------------------------------------------------------------------------------------------------


def resizing():
    cases = []
    for w, h, tw, th in [(32, 32, 8, 8), (30, 20, 7, 13), (17, 5, 4, 3), (9, 9, 9, 2)]:
        image = rng.integers(0, 256, (h, w)).astype(np.float32)
        out = cv2.resize(image.astype(np.float64), (tw, th), interpolation=cv2.INTER_AREA)
        cases.append(resize_case("area", image, out))
    for w, h, tw, th in [(8, 8, 16, 16), (7, 5, 20, 13), (3, 1, 8, 4), (1, 1, 3, 3)]:
        image = rng.integers(0, 256, (h, w)).astype(np.float32)
        out = cv2.resize(image.astype(np.float64), (tw, th), interpolation=cv2.INTER_LINEAR)
        cases.append(resize_case("bilinear", image, out))
    return cases


def resize_case(method, image, out):
    return {
        "method": method,
        "width": image.shape[1], "height": image.shape[0], "data": image.astype(int).ravel().tolist(),
        "targetWidth": out.shape[1], "targetHeight": out.shape[0], "expected": np.round(out, 4).ravel().tolist(),
    }  # fmt: skip


def affines():
    h, w = 12, 16
    image = ndimage.gaussian_filter(rng.integers(0, 256, (h, w)).astype(float), 1)
    image = np.round(image).astype(np.uint8)
    cases = []
    for flip, rotation, scale, tx, ty in [(0, 10, 1, 0, 0), (1, -7.5, 1.2, 0.1, -0.05), (0, 33, 0.8, -0.2, 0.1), (1, 0, 0.5, 0, 0.25)]:
        angle = np.deg2rad(rotation)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale @ np.diag([-1 if flip else 1, 1])
        middle = np.array([w / 2, h / 2])
        shift = middle - turn @ middle + np.array([tx * w, ty * h])
        # SciPy asks for output -> input, in (y, x) order and pixel centres at whole numbers.
        inverse = np.linalg.inv(turn)
        offset = inverse @ (np.array([0.5, 0.5]) - shift) - 0.5
        swap = np.array([[0, 1], [1, 0]])
        out = ndimage.affine_transform(image.astype(float), swap @ inverse @ swap, swap @ offset, order=1, mode="grid-constant", cval=31)
        cases.append(
            {"flip": bool(flip), "rotation": rotation, "scale": scale, "translateX": tx, "translateY": ty, "expected": np.round(out, 4).ravel().tolist()}
        )
    return {"width": w, "height": h, "fill": 31, "data": image.ravel().tolist(), "cases": cases}


def parts():
    mask = (ndimage.gaussian_filter(rng.standard_normal((40, 52)), 1.5) > 0.12).astype(np.uint8)
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    boxes = []
    for label, (ys, xs) in enumerate(ndimage.find_objects(labels), 1):
        boxes.append([xs.start, ys.start, xs.stop - xs.start, ys.stop - ys.start, int((labels == label).sum())])
    assert count > 5
    return {"width": 52, "height": 40, "mask": b64(mask.tobytes()), "parts": boxes}


def ious():
    a = np.round(rng.uniform(0, 50, (6, 4)), 2) + [0, 0, 1, 1]
    b = np.round(rng.uniform(0, 50, (7, 4)), 2) + [0, 0, 1, 1]
    return {"a": a.tolist(), "b": b.tolist(), "iou": np.round(coco.iou(a, b, [0] * 7), 12).tolist()}


def runs():
    """pycocotools' column-major masks; its counts alternate between outside and inside."""
    cases = []
    for w, h, density in [(9, 7, 0.5), (16, 3, 0.1), (5, 11, 0.9), (1, 6, 0.5)]:
        mask = (rng.random((h, w)) < density).astype(np.uint8)
        flat = np.asfortranarray(mask)
        assert (coco.decode(coco.encode(flat)) == mask).all()
        area = int(coco.area(coco.encode(flat)))
        box = [int(v) for v in coco.toBbox(coco.encode(flat))]
        counts, value = [], 0
        column_major = flat.ravel(order="F")
        at = 0
        while at < column_major.size:
            end = at
            while end < column_major.size and column_major[end] == value:
                end += 1
            counts.append(end - at)
            at, value = end, 1 - value
        again = coco.decode(coco.frPyObjects({"counts": counts, "size": [h, w]}, h, w))
        assert (again == mask).all()
        cases.append({"width": w, "height": h, "mask": b64(mask.tobytes()), "counts": counts, "area": area, "box": box})
    return cases


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, value in {
        "png": pngs(),
        "jpeg": jpegs(),
        "dicom": dicoms(),
        "geometry": {"ages": ages(), "resizing": resizing(), "affine": affines(), "parts": parts(), "ious": ious(), "runs": runs()},
    }.items():
        (OUT / f"{name}.json").write_text(json.dumps(value) + "\n")


if __name__ == "__main__":
    main()
