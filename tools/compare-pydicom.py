"""Compares `multichexnet data decode` with pydicom, file by file, on the DICOM files that pydicom's own package brings (or on those given).

    python -m venv VENV && VENV/bin/pip install pydicom==3.0.2 "pylibjpeg[all]" python-gdcm pillow numpy
    VENV/bin/python tools/compare-pydicom.py [FILE ...] [--jobs N] [--timeout SECONDS] [--json OUT]

One line a file: `decoded` (every stage equal), `refused` with the code and the reason, `different` with the stage, `crashed`, `hung`.
Grey files: stored values equal, modality values equal, display values those of apply_modality_lut and apply_voi_lut, mapped from the range
of the window or table to 0..255, rounded, MONOCHROME1 inverted last, padding black. Colour: display values within 2 of the luma of
pydicom's RGB. Ends with 1 when a single-frame grey file differs, crashes or hangs.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pydicom
from pydicom.data import get_testdata_files
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut

CLI = Path(__file__).resolve().parents[1] / "packages/cli/bin/multichexnet.mjs"
BAD = ("different", "crashed", "hung")


class Failure(Exception):
    """Not decoded: the verdict, and why."""


def decode(path, stage, folder, timeout):
    """Pixels and document of one run of the command."""
    out = Path(folder) / f"{stage}.npy"
    command = ["node", str(CLI), "data", "decode", str(path), "--stage", stage, "--out", str(out), "--json"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failure("hung", f"{stage}: no end after {timeout} s")
    try:
        document = json.loads(run.stdout)
    except ValueError:
        raise Failure("crashed", f"{stage}: exit {run.returncode}, {run.stderr.strip()[-200:]}")
    if run.returncode != 0:
        error = document.get("error", {})
        if run.returncode != 1 or not error.get("code"):
            raise Failure("crashed", f"{stage}: exit {run.returncode}, {run.stdout[:200]}")
        raise Failure("refused", f"{error['code']} {error.get('message', '').split(': ', 1)[-1]}")
    return np.load(out), document


def full_range(ds):
    """What pydicom's apply_windowing takes as the range of its output."""
    if "ModalityLUTSequence" in ds:
        return 0.0, 2.0 ** ds.ModalityLUTSequence[0].LUTDescriptor[2] - 1
    bits = ds.BitsStored
    low, high = (0.0, 2.0**bits - 1) if ds.PixelRepresentation == 0 else (-(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1)
    slope = float(ds.get("RescaleSlope", None) or 1) if "RescaleSlope" in ds else 1.0
    intercept = float(ds.get("RescaleIntercept", None) or 0)
    return tuple(sorted((low * slope + intercept, high * slope + intercept)))


def displayed(ds, stored):
    """Exact display values 0..255, not rounded."""
    if ds.PhotometricInterpretation == "PALETTE COLOR":
        rgb = apply_color_lut(stored, ds).astype(float)
        return luma(rgb) * 255 / (2.0 ** ds.RedPaletteColorLookupTableDescriptor[2] - 1)
    voi = apply_voi_lut(apply_modality_lut(stored, ds), ds)
    low, high = full_range(ds)
    if "VOILUTSequence" in ds:
        low, high = 0.0, 2.0 ** ds.VOILUTSequence[0].LUTDescriptor[2] - 1
    shade = np.clip((voi.astype(float) - low) / (high - low), 0, 1)
    if ds.PhotometricInterpretation == "MONOCHROME1":
        shade = 1 - shade
    if ds.get("PixelPaddingValue") is not None:
        first = ds.PixelPaddingValue
        last = ds.get("PixelPaddingRangeLimit", first)
        shade[(stored >= min(first, last)) & (stored <= max(first, last))] = 0
    return shade * 255


def luma(rgb):
    return (19595 * rgb[..., 0] + 38470 * rgb[..., 1] + 7471 * rgb[..., 2]) / 65536


def worst(found, wanted):
    if found.shape != wanted.shape:
        raise Failure("different", f"shape {found.shape}, not {wanted.shape}")
    return float(np.abs(found.astype(float) - wanted.astype(float)).max())


def compare(path, ds, timeout):
    """Verdict and reason of one file."""
    try:
        theirs = ds.pixel_array
    except Exception as error:  # whatever pydicom says of it
        theirs, why = None, str(error).strip().splitlines()[0][:100]
    grey = ds.get("SamplesPerPixel", 1) == 1
    with tempfile.TemporaryDirectory() as folder:
        try:
            display, document = decode(path, "display", folder, timeout)
            if theirs is None:
                return "decoded", f"pydicom cannot: {why}"
            if not grey:
                off = worst(display, luma(theirs.astype(float)) * 255 / (2**ds.BitsStored - 1))
                return ("decoded", f"within {off:.1f} of luma") if off <= 2 else ("different", f"luma by {off:.1f}")
            stored, _ = decode(path, "stored", folder, timeout)
            if not np.array_equal(stored, theirs):
                return "different", f"stored by {worst(stored, theirs)}"
            if ds.PhotometricInterpretation != "PALETTE COLOR":
                modality, _ = decode(path, "modality", folder, timeout)
                if not np.array_equal(modality, apply_modality_lut(theirs, ds).astype(float)):
                    return "different", f"modality by {worst(modality, apply_modality_lut(theirs, ds))}"
            off = worst(display, displayed(ds, theirs))
            within = 0.5 + 1e-6 if ds.PhotometricInterpretation != "PALETTE COLOR" else 1
            return ("decoded", "") if off <= within else ("different", f"display by {off}")
        except Failure as failure:
            verdict, reason = failure.args
            return verdict, f"{reason} (pydicom cannot either)" if theirs is None else reason


def load(path):
    """The data set, or None where there are no pixels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ds = pydicom.dcmread(path, force=True)
            return ds if any(name in ds for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")) else None
        except Exception:
            return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--json")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    paths = options.files or [path for path in get_testdata_files() if Path(path).is_file()]
    loaded = [(path, load(path)) for path in sorted(map(str, paths))]
    with_pixels = [(path, ds) for path, ds in loaded if ds is not None]

    def judge(item):
        path, ds = item
        verdict, reason = compare(path, ds, options.timeout)
        syntax = ds.file_meta.get("TransferSyntaxUID") if hasattr(ds, "file_meta") else None
        single = str(ds.get("NumberOfFrames") or 1) == "1"
        grey = single and ds.get("SamplesPerPixel", 1) == 1
        kind = "grey" if grey else "colour" if single else "frames"
        return {
            "file": Path(path).name,
            "kind": kind,
            "syntax": str(syntax.name if syntax else "none"),
            "verdict": verdict,
            "reason": reason,
        }

    with ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(judge, with_pixels))
    for result in results:
        print(f"{result['verdict']:<9} {result['kind']:<6} {result['file']:<42} {result['syntax'][:44]:<44} {result['reason']}")
    counts = {kind: Counter(r["verdict"] for r in results if r["kind"] == kind) for kind in ("grey", "colour", "frames")}
    print()
    for kind, count in counts.items():
        print(f"{kind:<6} " + ", ".join(f"{count[verdict]} {verdict}" for verdict in ("decoded", "refused", *BAD)))
    print(f"{len(loaded) - len(with_pixels)} files without pixels were not compared")
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1))
    bad = sum(counts["grey"][verdict] for verdict in BAD) + counts["colour"]["crashed"] + counts["colour"]["hung"]
    bad += counts["frames"]["crashed"] + counts["frames"]["hung"]
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
