"""metrics.py FOLDER CLASSES RESAMPLES WANTED COCO_IMAGES COCO_CLASSES: AUROC by scikit-learn, extrapolated to the wanted
number of resamples, and the COCO summary by pycocotools, on the files of src/metrics-files.ts."""

import contextlib
import io
import sys
from importlib.metadata import version

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from sklearn.metrics import roc_auc_score

from measure import report, timed

folder = sys.argv[1]
classes, resamples, wanted, coco_images, coco_classes = map(int, sys.argv[2:])
patients = np.fromfile(f'{folder}/patients.i32', np.int32)
labels = np.fromfile(f'{folder}/labels.u8', np.uint8).reshape(-1, classes)
scores = np.fromfile(f'{folder}/scores.f32', np.float32).reshape(-1, classes)
labels, scores = np.asfortranarray(labels), np.asfortranarray(scores)  # a class lies together
rows = np.argsort(patients, kind='stable')
starts = np.searchsorted(patients[rows], np.arange(patients.max() + 2))


def aurocs(picked):
    return [roc_auc_score(labels[picked, c], scores[picked, c]) for c in range(classes)]


def bootstrap():
    rng = np.random.default_rng(1)
    values = []
    for _ in range(resamples):
        drawn = rng.integers(0, len(starts) - 1, len(starts) - 1)
        lengths = starts[drawn + 1] - starts[drawn]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        values.append(aurocs(rows[np.repeat(starts[drawn], lengths) + within]))
    return np.quantile(values, [0.025, 0.975], axis=0)


once, values = timed(lambda: aurocs(slice(None)))
auroc_ms = once + timed(bootstrap)[0] * wanted / resamples


def annotations(name, of):
    table = np.fromfile(f'{folder}/{name}.f32', np.float32).reshape(-1, 7).astype(float)
    return [of(i, int(row[0]), int(row[1]), row[2:6].tolist(), row[6]) for i, row in enumerate(table)]


truth = annotations(
    'truth',
    lambda i, image, label, box, _: {
        'id': i + 1, 'image_id': image, 'category_id': label, 'bbox': box, 'area': box[2] * box[3], 'iscrowd': 0
    },
)
found = annotations(
    'predicted',
    lambda i, image, label, box, score: {'image_id': image, 'category_id': label, 'bbox': box, 'score': score},
)
with contextlib.redirect_stdout(io.StringIO()):
    base = COCO()
    base.dataset = {
        'info': {},
        'images': [{'id': i} for i in range(coco_images)],
        'categories': [{'id': i} for i in range(coco_classes)],
        'annotations': truth,
    }
    base.createIndex()
    results = base.loadRes(found)
    run = COCOeval(base, results, 'bbox')
    coco_ms, _ = timed(lambda: (run.evaluate(), run.accumulate(), run.summarize()))

report(
    f"scikit-learn {version('scikit-learn')}, pycocotools {version('pycocotools')}",
    {'auroc': [auroc_ms], 'coco': [coco_ms]},
    **{f'auroc{c}': value for c, value in enumerate(values)},
    ap=run.stats[0],
    arSmall=run.stats[9],
)
