"""Golden numbers for packages/metrics, from scikit-learn, pycocotools, scipy and plain numpy.

    pip install numpy scipy scikit-learn pycocotools
    python tools/golden/metrics.py

Writes packages/metrics/src/golden/*.json. Undefined numbers are null. The RSNA and VOC rules, Philox and the bootstrap
are written here from their published descriptions, apart from the TypeScript.
"""

import contextlib
import io
import json
import pathlib
import warnings

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy import stats
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

OUT = pathlib.Path(__file__).parents[2] / "packages" / "metrics" / "src" / "golden"
warnings.filterwarnings("ignore")


def plain(value):
    """JSON-able, with null for undefined."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and np.isnan(value):
        return None
    return value


def write(name, data):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps(plain(data), separators=(",", ":")) + "\n")


# --- ranking -------------------------------------------------------------------------------------------------------


def auroc(labels, scores, weights=None):
    w = np.ones(len(labels)) if weights is None else np.asarray(weights)
    keep = w > 0
    if len(set(np.asarray(labels)[keep])) < 2:
        return np.nan
    return sk.roc_auc_score(np.asarray(labels)[keep], np.asarray(scores)[keep], sample_weight=w[keep])


def average_precision(labels, scores, weights=None):
    w = np.ones(len(labels)) if weights is None else np.asarray(weights)
    keep = w > 0
    if not np.asarray(labels)[keep].any():
        return np.nan
    return sk.average_precision_score(np.asarray(labels)[keep], np.asarray(scores)[keep], sample_weight=w[keep])


def youden(labels, scores):
    if len(set(labels)) < 2:
        return None
    fpr, tpr, thresholds = sk.roc_curve(labels, scores, drop_intermediate=False)
    at = 1 + np.argmax((tpr - fpr)[1:])  # the first threshold is infinite: not a score
    return {"threshold": thresholds[at], "value": (tpr - fpr)[at]}


def f1_best(labels, scores):
    if not any(labels):
        return None
    candidates = np.unique(scores)[::-1]
    values = [sk.f1_score(labels, np.asarray(scores) >= t) for t in candidates]
    at = int(np.argmax(values))
    return {"threshold": candidates[at], "value": values[at]}


def ranking_cases(rng):
    cases = []

    def add(name, scores, labels):
        scores, labels = np.asarray(scores, float), np.asarray(labels, int)
        weights = rng.poisson(1, len(labels))
        cases.append(
            {
                "name": name,
                "scores": scores,
                "labels": labels,
                "weights": weights,
                "auroc": auroc(labels, scores),
                "weightedAuroc": auroc(labels, scores, weights),
                "averagePrecision": average_precision(labels, scores),
                "weightedAveragePrecision": average_precision(labels, scores, weights),
                "youden": youden(labels, scores),
                "f1": f1_best(labels, scores),
            }
        )

    for n in (5, 40, 120):
        labels = rng.integers(0, 2, n)
        labels[:2] = 0, 1
        add(f"random {n}", rng.random(n), labels)
        add(f"informative {n}", rng.normal(labels * 1.2, 1), labels)
        add(f"tied {n}", np.round(rng.normal(labels, 1)), labels)
        add(f"rare {n}", rng.random(n), (np.arange(n) == 3).astype(int))
    add("all scores equal", np.full(9, 0.25), [0, 1, 0, 1, 1, 0, 0, 0, 1])
    add("perfect", np.arange(8) / 8, [0, 0, 0, 0, 1, 1, 1, 1])
    add("inverted", -np.arange(8) / 8, [0, 0, 0, 0, 1, 1, 1, 1])
    add("positives only", rng.random(6), np.ones(6))
    add("negatives only", rng.random(6), np.zeros(6))
    add("empty", [], [])
    return cases


def multilabel_case(rng):
    n, classes = 60, 6
    labels = rng.integers(0, 2, (n, classes))
    labels[:, 4] = 0
    scores = np.clip(rng.normal(0.4 + 0.2 * labels, 0.25), 0, 1)
    scores[:, 4] *= 0.5
    scores[:, 5] = np.round(scores[:, 5], 1)
    known = (rng.random((n, classes)) < 0.7).astype(int)
    known[:, 3] = 0
    thresholds = np.array([0.5, 0.45, 0.6, 0.5, 0.9, 0.5])
    per_class = []
    for c in range(classes):
        keep = known[:, c] == 1
        y, s = labels[keep, c], scores[keep, c]
        if len(y) == 0:
            nothing = ["auroc", "averagePrecision", "accuracy", "f1", "sensitivity", "specificity", "precision"]
            per_class.append({k: None for k in nothing})
            continue
        p = (s >= thresholds[c]).astype(int)
        per_class.append(
            {
                "auroc": auroc(y, s),
                "averagePrecision": average_precision(y, s),
                "accuracy": sk.accuracy_score(y, p),
                "f1": sk.f1_score(y, p, zero_division=np.nan),
                "sensitivity": sk.recall_score(y, p, zero_division=np.nan),
                "specificity": sk.recall_score(y, p, pos_label=0, zero_division=np.nan),
                "precision": sk.precision_score(y, p, zero_division=np.nan),
            }
        )
    full = (scores >= thresholds).astype(int)
    at = known == 1

    def mean(key):
        values = [np.nan if c[key] is None else c[key] for c in per_class]
        return np.nanmean(values)

    return {
        "scores": scores.ravel(),
        "labels": labels.ravel(),
        "known": known.ravel(),
        "classes": classes,
        "thresholds": thresholds,
        "perClass": per_class,
        "macroAuroc": mean("auroc"),
        "macroAurocCounted": sum(c["auroc"] is not None and not np.isnan(c["auroc"]) for c in per_class),
        "macroAveragePrecision": mean("averagePrecision"),
        "macroF1": mean("f1"),
        "microF1": sk.f1_score(labels[at], full[at]),
        "accuracy": sk.accuracy_score(labels[at], full[at]),
        "allKnownMacroF1": sk.f1_score(labels[:, [0, 1, 2, 5]], full[:, [0, 1, 2, 5]], average="macro"),
        "allKnownMicroF1": sk.f1_score(labels, full, average="micro"),
    }


# --- masks ---------------------------------------------------------------------------------------------------------


def mask_cases(rng):
    cases = []
    for name, p_share, t_share in [
        ("random", 0.4, 0.3),
        ("sparse", 0.05, 0.08),
        ("empty truth", 0.1, 0.0),
        ("empty prediction", 0.0, 0.2),
        ("both empty", 0.0, 0.0),
        ("full", 1.0, 1.0),
    ]:
        prediction = (rng.random(64) < p_share).astype(int)
        truth = (rng.random(64) < t_share).astype(int)
        nothing = not prediction.any() and not truth.any()
        cases.append(
            {
                "name": name,
                "prediction": prediction,
                "truth": truth,
                "dice": 1.0 if nothing else sk.f1_score(truth, prediction, zero_division=0.0),
                "iou": 1.0 if nothing else sk.jaccard_score(truth, prediction, zero_division=0.0),
            }
        )
    return cases


# --- detection -----------------------------------------------------------------------------------------------------


def random_images(rng, n, score_digits=None, box_digits=None, many=False):
    images = []
    for _ in range(n):
        truth = []
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            x, y, w, h = rng.uniform([0, 0, 20, 20], [60, 60, 60, 60])
            truth.append([x, y, w, h])
        predicted = [
            [x + rng.normal(0, 4), y + rng.normal(0, 4), w * rng.uniform(0.75, 1.3), h * rng.uniform(0.75, 1.3)]
            for x, y, w, h in truth
            for _ in range(rng.choice([0, 1, 1, 2]))
        ]
        for _ in range(rng.choice([0, 0, 1, 2]) if not many else 130):
            predicted.append(list(rng.uniform([0, 0, 5, 5], [60, 60, 60, 60])))
        rng.shuffle(predicted)
        scores = rng.random(len(predicted))
        if box_digits is not None:
            truth = np.round(np.array(truth).reshape(-1, 4) / box_digits) * box_digits
            predicted = np.round(np.array(predicted).reshape(-1, 4) / box_digits) * box_digits
            predicted = np.maximum(predicted, [0, 0, box_digits, box_digits]) if len(predicted) else predicted
        if score_digits is not None:
            scores = np.round(scores, score_digits)
        images.append(
            {
                "truth": np.array(truth, float).reshape(-1, 4),
                "predicted": np.array(predicted, float).reshape(-1, 4),
                "scores": scores,
            }
        )
    return images


def box_iou(a, b):
    corner = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    size = np.clip(corner - np.maximum(a[:, None, :2], b[None, :, :2]), 0, None)
    shared = size[..., 0] * size[..., 1]
    return shared / ((a[:, 2] * a[:, 3])[:, None] + (b[:, 2] * b[:, 3])[None] - shared)


def rsna_score(images, least=-np.inf, weights=None):
    """Mean over images of the mean over t of TP/(TP+FP+FN); an image with neither truth nor prediction is skipped, one
    with predictions alone scores 0; predictions are checked by falling confidence, a hit is an IoU greater than t."""
    scores, w = [], []
    for i, image in enumerate(images):
        keep = image["scores"] >= least
        predicted = image["predicted"][keep]
        predicted = predicted[np.argsort(-image["scores"][keep], kind="stable")]
        truth = image["truth"]
        if len(truth) == 0 and len(predicted) == 0:
            continue
        ious = box_iou(predicted, truth)
        per_threshold = []
        for t in np.array([40, 45, 50, 55, 60, 65, 70, 75]) / 100:
            free = list(range(len(truth)))
            tp = 0
            for row in ious:
                hits = [j for j in free if row[j] > t]
                if hits:
                    free.remove(max(hits, key=lambda j: (row[j], -j)))
                    tp += 1
            fp, fn = len(predicted) - tp, len(free)
            per_threshold.append(tp / (tp + fp + fn))
        scores.append(np.mean(per_threshold))
        w.append(1 if weights is None else weights[i])
    return np.average(scores, weights=w) if sum(w) > 0 else np.nan


def rsna_best(images):
    candidates = [np.inf, *sorted({s for image in images for s in image["scores"]}, reverse=True)]
    values = [rsna_score(images, t) for t in candidates]
    at = int(np.nanargmax(values))
    return {"threshold": None if at == 0 else candidates[at], "value": values[at]}


def voc_ap(images):
    """VOC devkit 2010+, IoU >= .5, precision envelope over all points, continuous areas."""
    rows = [(s, i, k) for i, image in enumerate(images) for k, s in enumerate(image["scores"])]
    rows.sort(key=lambda r: -r[0])
    total = sum(len(image["truth"]) for image in images)
    if total == 0:
        return np.nan
    used, hit = set(), []
    for _, i, k in rows:
        ious = box_iou(images[i]["predicted"][k : k + 1], images[i]["truth"])[0]
        j = int(np.argmax(ious)) if len(ious) else -1
        ok = j >= 0 and ious[j] >= 0.5 and (i, j) not in used
        if ok:
            used.add((i, j))
        hit.append(ok)
    tp = np.cumsum(hit)
    recall = np.concatenate([[0], tp / total, [1]])
    precision = np.concatenate([[0], tp / np.arange(1, len(hit) + 1), [0]])
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall) * precision[1:]))


def coco(images):
    truth, found = [], []
    for i, image in enumerate(images):
        for x in image["truth"]:
            area = float(x[2] * x[3])
            truth.append(
                {"id": len(truth) + 1, "image_id": i + 1, "category_id": 1, "bbox": list(x), "area": area, "iscrowd": 0}
            )
        for x, s in zip(image["predicted"], image["scores"]):
            found.append({"image_id": i + 1, "category_id": 1, "bbox": list(x), "score": float(s)})
    if not truth:
        return {"map": None, "ap50": None, "ap75": None}
    if not found:
        return {"map": 0.0, "ap50": 0.0, "ap75": 0.0}
    with contextlib.redirect_stdout(io.StringIO()):
        base = COCO()
        base.dataset = {
            "info": {},
            "images": [{"id": i + 1} for i in range(len(images))],
            "categories": [{"id": 1}],
            "annotations": truth,
        }
        base.createIndex()
        run = COCOeval(base, base.loadRes(found), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return {"map": run.stats[0], "ap50": run.stats[1], "ap75": run.stats[2]}


def repeat(images, weights):
    return [image for image, w in zip(images, weights) for _ in range(w)]


def detection_cases(rng):
    sets = {
        "random": random_images(rng, 25),
        "tied scores": random_images(rng, 25, score_digits=1),
        "box grid": random_images(rng, 30, score_digits=2, box_digits=10),
        "beyond the limit": random_images(rng, 2, many=True),
        "no predictions": [{"truth": np.array([[1.0, 2, 3, 4]]), "predicted": np.zeros((0, 4)), "scores": np.zeros(0)}],
        "no truth": [{"truth": np.zeros((0, 4)), "predicted": np.array([[1.0, 2, 3, 4]]), "scores": np.array([0.5])}],
        "nothing": [{"truth": np.zeros((0, 4)), "predicted": np.zeros((0, 4)), "scores": np.zeros(0)}] * 2,
        "exact": [{"truth": np.array([[0.0, 0, 10, 10]]), "predicted": np.array([[0.0, 0, 10, 5]]), "scores": np.ones(1)}],
    }
    square, other, away = [0.0, 0, 10, 10], [20.0, 20, 10, 10], [50.0, 50, 10, 10]
    run = {"truth": np.array([square, other]), "predicted": np.array([away, square, other, away])}
    sets["ties in an image"] = [
        run | {"scores": np.full(4, 0.5)},
        run | {"scores": np.array([0.5, 0.9, 0.5, 0.1])},
        run | {"scores": np.array([0.5, 0.5, 0.5, 0.7])},
    ]
    cases = []
    for name, images in sets.items():
        weights = np.array([3, 2, 4]) if name == "ties in an image" else rng.poisson(1, len(images))
        repeated = repeat(images, weights)
        cases.append(
            {
                "name": name,
                "images": [{k: np.asarray(v).ravel() for k, v in image.items()} for image in images],
                "weights": weights,
                "rsna": rsna_score(images),
                "rsnaAbove": rsna_score(images, 0.5),
                "rsnaWeighted": rsna_score(images, weights=weights),
                "rsnaBest": rsna_best(images) if not np.isnan(rsna_score(images)) else None,
                "voc": voc_ap(images),
                "vocWeighted": voc_ap(repeated),
                "coco": coco(images),
                "cocoWeighted": coco(repeated),
            }
        )
    return cases


# --- bootstrap -----------------------------------------------------------------------------------------------------


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def draw(seed, index, count):
    drawn = np.zeros(count, int)
    for j in range(count):
        word = philox([j // 4, index, 0, 0], [seed & 0xFFFFFFFF, seed >> 32])[j % 4]
        drawn[(word * count) >> 32] += 1
    return drawn


def bootstrap_case(rng):
    patients = np.sort(rng.integers(0, 23, 60))
    names = [f"p{p}" for p in patients]
    first_seen = list(dict.fromkeys(names))
    cluster = np.array([first_seen.index(n) for n in names])
    count = len(first_seen)
    labels = (rng.random(60) < 0.4).astype(int)
    a = np.round(rng.normal(labels * 1.5, 1), 2)
    b = np.round(rng.normal(labels * 0.8, 1), 2)
    seed, resamples, level = 2**40 + 12345, 200, 0.9
    draws = [draw(seed, i, count) for i in range(resamples)]
    first = np.array([auroc(labels, a, d[cluster]) for d in draws])
    second = np.array([auroc(labels, b, d[cluster]) for d in draws])
    ends = [(1 - level) / 2, (1 + level) / 2]
    value = auroc(labels, a)

    left_out = np.array([auroc(labels, a, (cluster != c).astype(int)) for c in range(count)])
    d = left_out.mean() - left_out
    acceleration = (d**3).sum() / (6 * (d**2).sum() ** 1.5)
    bias = stats.norm.ppf(((first < value).sum() + (first == value).sum() / 2) / resamples)
    z = bias + stats.norm.ppf(ends)
    bca = np.quantile(first, stats.norm.cdf(bias + z / (1 - acceleration * z)))

    difference = first - second
    p = 2 * (min((difference <= 0).sum(), (difference >= 0).sum()) + 1) / (resamples + 1)
    return {
        "clusters": names,
        "labels": labels,
        "first": a,
        "second": b,
        "seed": seed,
        "resamples": resamples,
        "level": level,
        "draws": draws[:3],
        "value": value,
        "percentile": np.quantile(first, ends),
        "bca": bca,
        "difference": value - auroc(labels, b),
        "differenceInterval": np.quantile(difference, ends),
        "p": min(1.0, p),
    }


def normal_case():
    x = np.array([-37, -12, -6, -3.0001, -3, -2.9999, -1.5, -0.1, 0, 1e-9, 0.3, 1, 2.5, 3, 5, 8])
    p = np.array([1e-300, 1e-15, 1e-5, 0.001, 0.025, 0.2, 0.5, 0.500001, 0.9, 0.975, 0.9999, 1 - 1e-12])
    return {"x": x, "cdf": stats.norm.cdf(x), "p": p, "quantile": stats.norm.ppf(p)}


# --- DeLong --------------------------------------------------------------------------------------------------------


def delong_parts(labels, scores):
    """The pair matrix psi, its means by positive and by negative."""
    x, y = scores[labels == 1], scores[labels == 0]
    psi = (x[:, None] > y[None]) + 0.5 * (x[:, None] == y[None])
    return psi.mean(axis=1), psi.mean(axis=0)


def clustered_variance(v10, v01, plus, minus):
    """Obuchowski 1997, from the cluster of each positive and of each negative."""
    mean = v10.mean()
    names = np.union1d(plus, minus)
    a = np.array([(v10[plus == c] - mean).sum() for c in names])
    b = np.array([(v01[minus == c] - mean).sum() for c in names])
    i10, i01, i = len(set(plus)), len(set(minus)), len(names)
    s10 = i10 / ((i10 - 1) * len(v10)) * (a**2).sum()
    s01 = i01 / ((i01 - 1) * len(v01)) * (b**2).sum()
    s11 = i / (i - 1) * (a * b).sum()
    return s10 / len(v10) + s01 / len(v01) + 2 * s11 / (len(v10) * len(v01))


def delong_case(rng):
    n = 70
    labels = (rng.random(n) < 0.4).astype(int)
    first = np.round(rng.normal(labels * 1.2, 1), 1)
    second = np.round(rng.normal(labels * 0.6, 1), 1)
    clusters = rng.integers(0, 30, n)
    a10, a01 = delong_parts(labels, first)
    b10, b01 = delong_parts(labels, second)
    plain_variance = np.var(a10, ddof=1) / len(a10) + np.var(a01, ddof=1) / len(a01)
    cov = np.cov(a10, b10)[0, 1] / len(a10) + np.cov(a01, b01)[0, 1] / len(a01)
    other = np.var(b10, ddof=1) / len(b10) + np.var(b01, ddof=1) / len(b01)
    difference_variance = plain_variance + other - 2 * cov
    difference = a10.mean() - b10.mean()
    plus, minus = clusters[labels == 1], clusters[labels == 0]
    clustered_difference = clustered_variance(a10 - b10, a01 - b01, plus, minus)
    z = stats.norm.ppf(0.975)
    return {
        "labels": labels,
        "first": first,
        "second": second,
        "clusters": clusters,
        "auroc": a10.mean(),
        "variance": plain_variance,
        "interval": np.clip(a10.mean() + np.array([-z, z]) * np.sqrt(plain_variance), 0, 1),
        "clusteredVariance": clustered_variance(a10, a01, plus, minus),
        "difference": difference,
        "differenceVariance": difference_variance,
        "differenceInterval": difference + np.array([-z, z]) * np.sqrt(difference_variance),
        "p": 2 * stats.norm.sf(abs(difference) / np.sqrt(difference_variance)),
        "clusteredDifferenceVariance": clustered_difference,
        "clusteredP": 2 * stats.norm.sf(abs(difference) / np.sqrt(clustered_difference)),
    }


# --- calibration ---------------------------------------------------------------------------------------------------


def calibration_case(rng):
    n, bins = 80, 10
    probabilities = rng.beta(1.5, 3, n)
    labels = (rng.random(n) < probabilities**0.8).astype(int)
    probabilities[probabilities > 0.85] = 0.5001
    weights = rng.poisson(1, n)

    def numbers(p, y):
        share, mean = calibration_curve(y, p, n_bins=bins, strategy="uniform")
        counts = np.histogram(p, bins=bins, range=(0, 1))[0]
        counts = counts[counts > 0]
        return {
            "brier": sk.brier_score_loss(y, p),
            "ece": (counts * np.abs(share - mean)).sum() / len(p),
            "counts": counts,
            "means": mean,
            "shares": share,
        }

    return {
        "probabilities": probabilities,
        "labels": labels,
        "weights": weights,
        "bins": bins,
        "plain": numbers(probabilities, labels),
        "weighted": numbers(np.repeat(probabilities, weights), np.repeat(labels, weights)),
    }


if __name__ == "__main__":
    write("ranking", ranking_cases(np.random.default_rng(1)))
    write("multilabel", multilabel_case(np.random.default_rng(2)))
    write("masks", mask_cases(np.random.default_rng(3)))
    write("detection", detection_cases(np.random.default_rng(4)))
    write("bootstrap", bootstrap_case(np.random.default_rng(5)))
    write("normal", normal_case())
    write("delong", delong_case(np.random.default_rng(6)))
    write("calibration", calibration_case(np.random.default_rng(7)))
