"""Golden numbers for the whole COCO summary, VOC with 11 points and FROC, from pycocotools, numpy and MONAI.

    pip install numpy pycocotools monai scikit-learn scipy
    python tools/golden/metrics_detection.py

Writes packages/metrics/src/golden/{coco,froc}.json. Undefined numbers (-1 of pycocotools) are null.
"""

import contextlib
import io

import numpy as np
from monai.metrics.froc import compute_fp_tp_probs, compute_froc_curve_data, compute_froc_score
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from metrics import box_iou, write

SUMMARY = "map ap50 ap75 apSmall apMedium apLarge ar1 ar10 ar100 arSmall arMedium arLarge".split()


# --- COCO ----------------------------------------------------------------------------------------------------------


def coco_classes(rng, images, classes, crowd=0.0, own_areas=False, digits=None, side=(8, 160), extra=2, few=1.0):
    """Per class, per image: true boxes of mixed sizes, noisy predictions, some predictions of nothing."""
    made = []
    for _ in range(classes):
        column = []
        for _ in range(images):
            count = rng.integers(0, 5)
            size = np.exp(rng.uniform(*np.log(side), (count, 2)))
            truth = np.concatenate([rng.uniform(0, 300, (count, 2)), size], axis=1)
            predicted = np.concatenate(
                [truth[rng.random(count) < few] * rng.uniform(0.85, 1.18, 4) for _ in range(2)]
                + [np.concatenate([rng.uniform(0, 300, (extra, 2)), np.exp(rng.uniform(*np.log(side), (extra, 2)))], 1)]
            )
            predicted[:, :2] += rng.normal(0, 2, (len(predicted), 2))
            if digits is not None:
                truth, predicted = np.round(truth / digits) * digits, np.round(predicted / digits) * digits
                truth[:, 2:], predicted[:, 2:] = np.maximum(truth[:, 2:], digits), np.maximum(predicted[:, 2:], digits)
            truth, predicted = np.round(truth, 2), np.round(predicted, 2)
            column.append(
                {
                    "truth": truth,
                    "crowd": (rng.random(count) < crowd).astype(int),
                    "truthAreas": np.round(truth[:, 2] * truth[:, 3] * (rng.uniform(0.4, 1, count) if own_areas else 1), 3),
                    "predicted": predicted,
                    "scores": np.round(rng.random(len(predicted)), 3 if digits is None else 1),
                }
            )
        made.append(column)
    return made


def summary(classes):
    images = len(classes[0])
    truth, found = [], []
    for c, column in enumerate(classes):
        for i, image in enumerate(column):
            for box, area, crowd in zip(image["truth"], image["truthAreas"], image["crowd"]):
                truth.append(
                    {"id": len(truth) + 1, "image_id": i + 1, "category_id": c + 1, "bbox": list(map(float, box))}
                    | {"area": float(area), "iscrowd": int(crowd)}
                )
            for box, score in zip(image["predicted"], image["scores"]):
                found.append({"image_id": i + 1, "category_id": c + 1, "bbox": list(map(float, box)), "score": float(score)})
    if not found:  # loadRes refuses an empty list; a prediction of another category changes nothing
        found.append({"image_id": 1, "category_id": 99, "bbox": [0.0, 0, 1, 1], "score": 0.5})
    with contextlib.redirect_stdout(io.StringIO()):
        base = COCO()
        base.dataset = {
            "info": {},
            "images": [{"id": i + 1} for i in range(images)],
            "categories": [{"id": c + 1} for c in range(len(classes))],
            "annotations": truth,
        }
        base.createIndex()
        run = COCOeval(base, base.loadRes(found), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return {name: None if value < 0 else value for name, value in zip(SUMMARY, run.stats)}


def repeated(classes, weights):
    return [[image for image, w in zip(column, weights) for _ in range(w)] for column in classes]


def coco_cases(rng):
    sets = {
        "mixed sizes": coco_classes(rng, 25, 3),
        "crowds": coco_classes(rng, 25, 2, crowd=0.4),
        "areas of masks": coco_classes(rng, 20, 2, crowd=0.1, own_areas=True),
        "grid, tied scores": coco_classes(rng, 25, 2, crowd=0.2, digits=16),
        "small only": coco_classes(rng, 10, 1, side=(6, 30)),
        "beyond 100 predictions": coco_classes(rng, 2, 1, extra=140),
        "crowds only": coco_classes(rng, 6, 1, crowd=1.0),
        "nothing predicted": coco_classes(rng, 4, 1, extra=0, few=0.0),
        "on the area limits": [
            [
                {
                    "truth": np.array([[0.0, 0, 32, 32], [100, 100, 96, 96]]),
                    "crowd": np.zeros(2, int),
                    "truthAreas": np.array([1024.0, 9216]),
                    "predicted": np.array([[0.0, 0, 32, 32], [100, 100, 96, 96], [200, 200, 96, 96]]),
                    "scores": np.array([0.9, 0.8, 0.7]),
                }
            ]
        ],
    }
    empty = {"truth": np.zeros((0, 4)), "crowd": np.zeros(0, int), "truthAreas": np.zeros(0)}
    empty |= {"predicted": np.array([[1.0, 1, 50, 50]]), "scores": np.array([0.5])}
    sets["a class without truth"] = [coco_classes(rng, 8, 1)[0], [empty] * 8]
    cases = []
    for name, classes in sets.items():
        weights = rng.poisson(1, len(classes[0]))
        weights[0] = 2
        cases.append(
            {
                "name": name,
                "classes": [[{k: np.asarray(v).ravel() for k, v in image.items()} for image in c] for c in classes],
                "weights": weights,
                "plain": summary(classes),
                "weighted": summary(repeated(classes, weights)),
                "voc11": [voc11(column) for column in classes if not any(i["crowd"].any() for i in column)],
            }
        )
    return cases


def voc11(images):
    """VOC devkit 2007: the highest precision at recalls 0, .1, ... 1; IoU >= .5, continuous areas."""
    rows = [(s, i, k) for i, image in enumerate(images) for k, s in enumerate(image["scores"])]
    rows.sort(key=lambda row: (-row[0], row[1]))
    total = sum(len(image["truth"]) for image in images)
    if total == 0:
        return np.nan
    used, tp, precision, recall = set(), 0, [], []
    for seen, (_, i, k) in enumerate(rows, start=1):
        ious = box_iou(images[i]["predicted"][k : k + 1], images[i]["truth"])[0]
        j = int(np.argmax(ious)) if len(ious) else -1
        if j >= 0 and ious[j] >= 0.5 and (i, j) not in used:
            used.add((i, j))
            tp += 1
        precision.append(tp / seen)
        recall.append(tp / total)
    levels = np.arange(11) / 10  # not np.arange(0, 1.1, .1), whose 0.30000000000000004 misses a recall of 3 / 10
    return np.mean([max([p for p, r in zip(precision, recall) if r >= level], default=0) for level in levels])


# --- FROC ----------------------------------------------------------------------------------------------------------


def froc_images(rng, n, digits, side=128):
    """Boxes that do not touch, on whole pixels, so that MONAI's mask of labels says the same as the boxes."""
    images = []
    for _ in range(n):
        mask, truth = np.zeros((side, side), int), []
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            w, h = rng.integers(8, 30, 2)
            x, y = rng.integers(0, side - 30, 2)
            if mask[y : y + h, x : x + w].any():
                continue
            truth.append([x, y, w, h])
            mask[y : y + h, x : x + w] = len(truth)
        predicted = [[x + rng.integers(-6, 7), y + rng.integers(-6, 7), w, h] for x, y, w, h in truth for _ in range(2)]
        predicted += [[*rng.integers(0, side - 30, 2), *rng.integers(4, 30, 2)] for _ in range(rng.integers(0, 4))]
        predicted = np.array(predicted, float).reshape(-1, 4)
        predicted = predicted[rng.random(len(predicted)) < 0.7]
        images.append(
            {
                "truth": np.array(truth, float).reshape(-1, 4),
                "predicted": predicted,
                "scores": np.round(rng.random(len(predicted)), digits),
                "mask": mask,
            }
        )
    return images


def froc_numbers(false_positives, found, targets, images):
    if targets == 0:
        return {"alarms": None, "sensitivity": None, "score": None}
    # MONAI leaves the lowest confidence out of the curve, taking it for the 0 of a missed lesion; a sentinel below all
    # of them, and found lesions alone, make it keep every operating point.
    curve = compute_froc_curve_data(np.append(false_positives, -1.0), np.array(found), targets, images)
    rates = (0.25, 0.5, 1, 2, 4, 8)
    return {"alarms": curve[0][::-1], "sensitivity": curve[1][::-1], "score": compute_froc_score(*curve, rates)}


def froc_by_centre(images):
    """MONAI's own assignment, from the centre's pixel in the mask of labels."""
    wrong, right, targets = [], [], 0
    for image in images:
        centres = np.floor(image["predicted"][:, :2] + image["predicted"][:, 2:] / 2).astype(int)
        inside = np.clip(centres, 0, image["mask"].shape[0] - 1)  # far from every box in any case
        labels = len(image["truth"])
        fp, tp, count = compute_fp_tp_probs(image["scores"], inside[:, 1], inside[:, 0], image["mask"], [], 0)
        assert count == labels
        wrong += list(fp)
        right += [round(float(p), 6) for p in tp if p > 0]  # float32 there, which would part tied confidences
        targets += count
    return froc_numbers(wrong, right, targets, len(images))


def froc_by_iou(images, least):
    wrong, right, targets = [], [], 0
    for image in images:
        targets += len(image["truth"])
        best = {}
        for row, score in zip(box_iou(image["predicted"], image["truth"]), image["scores"]):
            if not len(row) or row.max() < least:
                wrong.append(score)
            else:
                best[int(row.argmax())] = max(score, best.get(int(row.argmax()), 0))
        right += best.values()
    return froc_numbers(wrong, right, targets, len(images))


def froc_cases(rng):
    sets = {
        "random": froc_images(rng, 20, 6),
        "tied scores": froc_images(rng, 20, 1),
        "no truth": [image for image in froc_images(rng, 40, 3) if not len(image["truth"])],
    }
    box = np.array([[10.0, 10, 20, 20]])
    mask = np.zeros((128, 128), int)
    mask[10:30, 10:30] = 1
    sets["nothing predicted"] = [{"truth": box, "predicted": np.zeros((0, 4)), "scores": np.zeros(0), "mask": mask}]
    sets["all found"] = [{"truth": box, "predicted": box, "scores": np.array([0.9]), "mask": mask}] * 2
    cases = []
    for name, images in sets.items():
        for image in images:
            image["scores"] = np.maximum(image["scores"], 0.05)  # MONAI's 0 stands for a missed lesion
        weights = rng.poisson(1, len(images))
        weights[0] = 2
        many = [image for image, w in zip(images, weights) for _ in range(w)]
        cases.append(
            {
                "name": name,
                "images": [{k: v.ravel() for k, v in image.items() if k != "mask"} for image in images],
                "weights": weights,
                "centre": froc_by_centre(images),
                "iou": froc_by_iou(images, 0.4),
                "centreWeighted": froc_by_centre(many)["score"],
            }
        )
    return cases


if __name__ == "__main__":
    write("coco", coco_cases(np.random.default_rng(11)))
    write("froc", froc_cases(np.random.default_rng(12)))
