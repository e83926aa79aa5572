"""SciPy's connected parts of random maps: python tools/golden/metrics_cam.py (needs numpy and scipy)."""

import json
from pathlib import Path

import numpy as np
from scipy import ndimage

ROOT = Path(__file__).parents[2]
rng = np.random.default_rng(7)
cases = []
for i in range(12):
    height, width = rng.integers(6, 20, 2)
    values = ndimage.gaussian_filter(rng.random((height, width)), 0.8)
    values = np.round(np.clip((values - values.min()) / np.ptp(values) - 0.2, 0, None), 3)
    share = [0.3, 0.5, 0.7][i % 3]
    labels, count = ndimage.label(values >= share * values.max(), structure=np.ones((3, 3)))
    sizes = ndimage.sum_labels(np.ones_like(values), labels, range(1, count + 1))
    ys, xs = ndimage.find_objects(labels)[int(np.argmax(sizes))]
    box = [xs.start, ys.start, xs.stop - xs.start, ys.stop - ys.start]
    cases.append({"width": int(width), "height": int(height), "values": values.ravel().tolist(), "share": share, "box": box, "area": int(sizes.max())})
(ROOT / "packages/metrics/src/golden/cam.json").write_text(json.dumps(cases) + "\n")
