"""Golden file for CLAHE: packages/imaging/src/golden/clahe.json, by OpenCV.

    python -m venv VENV && VENV/bin/pip install numpy==2.4.6 opencv-python-headless==5.0.0.93
    VENV/bin/python tools/golden/clahe.py
"""

import base64
import json
from pathlib import Path

import cv2
import numpy as np

OUT = Path(__file__).resolve().parents[2] / "packages/imaging/src/golden/clahe.json"
rng = np.random.default_rng(20260103)


def film(width, height):
    """Soft shapes in a narrow range, with noise, as a flat radiograph has."""
    y, x = np.mgrid[0:height, 0:width]
    value = 90 + 60 * np.sin(x / width * 5) * np.cos(y / height * 4) + rng.normal(0, 6, (height, width))
    return np.clip(np.round(value), 0, 255).astype(np.uint8)


def main():
    cases = []
    for width, height, tiles, clip in [(64, 48, 8, 2.0), (61, 45, 8, 2.0), (64, 45, 4, 3.5), (40, 40, 5, 40.0), (48, 48, 8, 0.0)]:
        image = film(width, height)
        expected = cv2.createCLAHE(clipLimit=clip, tileGridSize=(tiles, tiles)).apply(image)
        encoded = {name: base64.b64encode(array.tobytes()).decode() for name, array in (("image", image), ("expected", expected))}
        cases.append({"width": width, "height": height, "tiles": tiles, "clipLimit": clip, **encoded})
    OUT.write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
