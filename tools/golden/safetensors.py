"""Golden files for packages/core's safetensors reader and writer, from the reference implementation.

    pip install safetensors numpy
    python tools/golden/safetensors.py

Writes packages/core/src/store/golden/safetensors.json: files (base64) that the reference writes, with their values, and damaged ones, each of
which the reference itself refuses.
"""

import base64
import json
import pathlib
import struct
import sys

sys.path.pop(0)  # this file's own folder, in which it would be found instead of the package

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

OUT = pathlib.Path(__file__).parents[2] / "packages" / "core" / "src" / "store" / "golden" / "safetensors.json"


def text(data):
    return base64.b64encode(data).decode()


def pack(header, body):
    """A file from a header (text or a value) and its body."""
    head = header.encode() if isinstance(header, str) else header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + body


def entry(shape, begin, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def values(array):
    """JSON has no NaN and no infinity."""
    return [v if np.isfinite(v) else str(v) for v in array.astype(np.float64).flatten().tolist()]


rng = np.random.default_rng(7)
float32 = {
    "encoder/conv1/kernel": rng.standard_normal((3, 3, 1, 4)).astype(np.float32),
    "encoder/conv1/bias": np.array([0.0, -0.0, 1e-45, 3.4028235e38], np.float32),
    "cls/décision/kernel": np.array([[np.nan, np.inf], [-np.inf, 0.1]], np.float32),
    "steps": np.array(41.0, np.float32),
    "empty": np.zeros((0, 3), np.float32),
}
wide = {
    "f16": np.array([0, -0.0, 1, -2, 65504, 5.9604645e-08, 6.1e-05, np.inf, -np.inf, np.nan, 0.333], np.float16),
    "f64": np.array([0.1, 1e300, -1e-300, np.pi]),
    "i32": np.array([0, 1, -1, 2147483647], np.int32),
    "i64": np.array([0, 17, -17, 2**40], np.int64),
}
written = {
    "float32": {
        "file": text(save(float32, {"format": "pt", "made by": "reference"})),
        "metadata": {"format": "pt", "made by": "reference"},
        "tensors": {k: {"shape": list(v.shape), "values": values(v)} for k, v in float32.items()},
    },
    "wide": {
        "file": text(save(wide)),
        "metadata": {},
        "tensors": {
            k: {"shape": list(v.shape), "values": values(v.astype(np.float32))} for k, v in wide.items()
        },
    },
}
# bfloat16 is the upper half of a float32
bits = np.array([0x0000, 0x8000, 0x3F80, 0xC040, 0x7F80, 0x0001, 0x3DCC], np.uint16)
bf16 = pack({"b": entry([7], 0, 14, "BF16")}, bits.tobytes())
widened = (bits.astype(np.uint32) << 16).view(np.float32)
written["bfloat16"] = {"file": text(bf16), "metadata": {}, "tensors": {"b": {"shape": [7], "values": values(widened)}}}

one = {"a": entry([2], 0, 8)}
body = struct.pack("<2f", 1, 2)
good = pack(one, body)
damaged = {
    "no bytes": b"",
    "7 bytes": good[:7],
    "header longer than the file": struct.pack("<Q", 1000) + good[8:],
    "header longer than the limit": struct.pack("<Q", 100_000_001) + good[8:],
    "header length 2^63": struct.pack("<Q", 2**63) + good[8:],
    "header of no bytes": pack("", b""),
    "header cut": good[:20],
    "header is no JSON": pack("{'a': 1}", b""),
    "header is no UTF-8": pack(b'{"\xff":' + json.dumps(one["a"]).encode() + b"}", body),
    "header is a list": pack("[]", b""),
    "header is null": pack("null", b""),
    "entry is null": pack('{"a":null}', b""),
    "entry is a list": pack('{"a":[]}', b""),
    "metadata is no object": pack({"__metadata__": "x", **one}, body),
    "metadata value is a number": pack({"__metadata__": {"x": 1}, **one}, body),
    "dtype unknown": pack({"a": entry([2], 0, 8, "F31")}, body),
    "dtype is a number": pack({"a": entry([2], 0, 8, 1)}, body),
    "dtype missing": pack({"a": {"shape": [2], "data_offsets": [0, 8]}}, body),
    "dtype of another width": pack({"a": entry([2], 0, 8, "F64")}, body),
    "shape missing": pack({"a": {"dtype": "F32", "data_offsets": [0, 8]}}, body),
    "shape negative": pack({"a": entry([-2], 0, 8)}, body),
    "shape fractional": pack({"a": entry([2.5], 0, 8)}, body),
    "shape of another size": pack({"a": entry([3], 0, 8)}, body),
    "shape overflows": pack({"a": entry([2**32, 2**32], 0, 8)}, body),
    "shape overflows to nothing": pack({"a": entry([2**62, 4, 0], 0, 0)}, b""),
    "offsets missing": pack({"a": {"dtype": "F32", "shape": [2]}}, body),
    "offsets of one number": pack({"a": {**one["a"], "data_offsets": [0]}}, body),
    "offsets backwards": pack({"a": entry([2], 8, 0)}, body),
    "offsets beyond the file": pack({"a": entry([3], 0, 12)}, body),
    "tensors overlap": pack({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, body + body[:4]),
    "tensors share bytes": pack({"a": entry([2], 0, 8), "b": entry([2], 0, 8)}, body),
    "hole before": pack({"a": entry([1], 4, 8)}, body),
    "hole between": pack({"a": entry([1], 0, 4), "b": entry([1], 8, 12)}, body + body[:4]),
    "bytes after the last tensor": good + b"\0",
    "bytes but no tensor": pack({}, b"x"),
    "cut in the body": good[:-1],
}
for name, data in damaged.items():
    try:
        load(data)
    except (SafetensorError, ValueError, OverflowError):
        continue
    raise SystemExit(f"the reference reads '{name}'")
# The reference keeps one of two equal names; the other's bytes become a hole unless both say the same: refused here.
damaged["one name twice"] = pack('{"a":%s,"a":%s}' % (json.dumps(one["a"]), json.dumps(one["a"])), body)

OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps({"written": written, "damaged": {k: text(v) for k, v in damaged.items()}}, indent=1, ensure_ascii=False) + "\n")
print(OUT, OUT.stat().st_size)
