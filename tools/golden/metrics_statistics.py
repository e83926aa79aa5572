"""Golden numbers for tests, intervals, thresholds and calibration, from published implementations.

    pip install numpy scipy scikit-learn statsmodels torchmetrics monai MLstatkit confidenceinterval
    python tools/golden/metrics_statistics.py

Writes packages/metrics/src/golden/{statistics,overlap}.json. DeLong: `confidenceinterval` holds the fast algorithm of Sun
and Xu as published by its Python authors, MLstatkit is another one that says to agree with R's pROC.
"""

import numpy as np
import torch
from confidenceinterval.delong import delong_roc_variance
from MLstatkit import Delong_test
from monai.metrics import compute_dice, compute_iou
from scipy import optimize, special
from scipy.stats._resampling import _bca_interval
from sklearn import metrics as sk
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from torchmetrics.functional.classification import (
    binary_accuracy,
    binary_auroc,
    binary_average_precision,
    binary_calibration_error,
    binary_f1_score,
    binary_recall,
    binary_specificity,
)

from metrics import draw, write


def delong_cases(rng):
    def case(name, labels, first, second):
        _, p, interval, _, auroc, other, info = Delong_test(labels, first, second)
        return {
            "name": name,
            "labels": labels,
            "first": first,
            "second": second,
            "auroc": auroc,
            "variance": delong_roc_variance(np.asarray(labels), np.asarray(first))[1],  # of float32 midranks
            "interval": interval,
            "difference": auroc - other,
            "differenceVariance": info.get("var_diff"),
            "p": p if info["method"] == "delong" else None,  # it bootstraps where the variance is 0
        }

    cases = []
    for n, share in ((12, 0.5), (80, 0.3), (300, 0.05)):
        labels = (np.arange(n) < max(2, round(n * share))).astype(int)
        rng.shuffle(labels)
        shared = rng.normal(labels, 1)
        cases.append(case(f"random {n}", labels, shared + rng.normal(0, 1, n), shared + rng.normal(0, 0.5, n)))
        tied = [np.round(shared + rng.normal(0, s, n)) for s in (1, 0.5)]
        cases.append(case(f"tied {n}", labels, *tied))
    labels = np.array([0, 0, 0, 1, 1, 1])
    cases.append(case("perfect against random", labels, np.arange(6.0), np.array([0.3, 0.1, 0.9, 0.2, 0.8, 0.4])))
    return cases


def mcnemar_cases(rng):
    cases = []
    for n, noise in ((6, 0.5), (40, 0.3), (500, 0.2), (3000, 0.4), (10, 0.0)):
        labels = rng.integers(0, 2, n)
        first = np.where(rng.random(n) < noise, 1 - labels, labels)
        second = np.where(rng.random(n) < noise / 2, 1 - labels, labels)
        table = [
            [int(((first == labels) & (second == labels)).sum()), int(((first == labels) & (second != labels)).sum())],
            [int(((first != labels) & (second == labels)).sum()), int(((first != labels) & (second != labels)).sum())],
        ]
        p = mcnemar(table, exact=True).pvalue
        pack = {key: "".join(map(str, value)) for key, value in dict(labels=labels, first=first, second=second).items()}
        cases.append(pack | {"firstOnly": table[0][1], "secondOnly": table[1][0], "p": p})
    return cases


def holm_cases(rng):
    sets = [rng.random(7) ** 3, np.array([0.01, 0.01, 0.04, 0.03]), np.array([0.0, 1.0]), np.array([0.2])]
    return [{"p": p, "adjusted": multipletests(p, method="holm")[1]} for p in sets]


def temperature_cases(rng):
    cases = []
    for name, scale, shift in (("overconfident", 4.0, 0.0), ("underconfident", 0.4, 0.0), ("shifted", 1.0, 2.0)):
        logits = rng.normal(0, 2, 150)
        labels = (rng.random(150) < special.expit(logits)).astype(int)
        p = np.clip(special.expit(scale * logits + shift), 2.0**-25, 1 - 2.0**-25)  # held inside (0, 1) as there
        z = special.logit(p)
        slope = lambda inverse: np.sum(z * (special.expit(inverse * z) - labels))  # noqa: E731
        temperature = 1 / optimize.brentq(slope, 1e-6, 100, xtol=1e-15, rtol=1e-15)
        loss = lambda t: sk.log_loss(labels, special.expit(z / t))  # noqa: E731
        assert loss(temperature) <= min(loss(temperature * 1.001), loss(temperature * 0.999))
        scaled = special.expit(z / temperature)
        cases.append({"name": name, "p": p, "labels": labels, "temperature": temperature, "scaled": scaled})
    return cases


def sensitivity_cases(rng):
    cases = []
    for digits in (6, 1):
        labels = (rng.random(60) < 0.4).astype(int)
        scores = np.round(rng.normal(labels, 1), digits)
        _, sensitivity, thresholds = sk.roc_curve(labels, scores, drop_intermediate=False)
        chosen = []
        for wanted in (0.01, 0.5, 0.8, 0.9, 0.95, 1.0):
            at = int(np.argmax(sensitivity >= wanted))  # thresholds fall
            chosen.append({"wanted": wanted, "threshold": thresholds[at], "value": sensitivity[at]})
        cases.append({"labels": labels, "scores": scores, "chosen": chosen})
    return cases


def curve_cases(rng):
    cases = []
    for digits in (6, 1):
        labels = (rng.random(40) < 0.4).astype(int)
        scores = np.round(rng.normal(labels, 1), digits)
        fpr, tpr, thresholds = sk.roc_curve(labels, scores, drop_intermediate=False)
        precision = sk.precision_recall_curve(labels, scores)[0][::-1]  # its first is the 1 of nothing called
        points = zip(thresholds[1:], tpr[1:], fpr[1:], precision[1:], strict=True)
        cases.append({"labels": labels, "scores": scores, "points": [list(point) for point in points]})
    return cases


def bca_case(rng):
    values = np.round(rng.gamma(1.2, 1, 35), 3)
    seed, resamples = 99, 400
    means = np.array([np.average(values, weights=draw(seed, b, 35)) for b in range(resamples)])
    low, high, _ = _bca_interval((values,), lambda x, axis: np.mean(x, axis=axis), -1, 0.025, means, None, np)
    return {"values": values, "seed": seed, "resamples": resamples, "interval": np.quantile(means, [low, high])}


def torchmetrics_cases(rng):
    cases = []
    for name, n, prevalence in (("random", 200, 0.3), ("rare", 120, 0.02), ("positives only", 20, 1), ("one", 1, 1)):
        labels = (rng.random(n) < prevalence).astype(int)
        labels[0] = 1
        p = np.clip(rng.normal(0.3 + 0.3 * labels, 0.25), 0.001, 0.999)
        target, preds = torch.tensor(labels), torch.tensor(p, dtype=torch.float64)
        negatives = bool((labels == 0).any())
        cases.append(
            {
                "name": name,
                "p": p,
                "labels": labels,
                # torchmetrics says 0 where a number does not exist
                "auroc": binary_auroc(preds, target) if negatives else None,
                "averagePrecision": binary_average_precision(preds, target),
                "ece": binary_calibration_error(preds, target, n_bins=15, norm="l1"),
                "accuracy": binary_accuracy(preds, target),
                "f1": binary_f1_score(preds, target),
                "sensitivity": binary_recall(preds, target),
                "specificity": binary_specificity(preds, target) if negatives else None,
            }
        )
    return [{k: v.item() if isinstance(v, torch.Tensor) else v for k, v in case.items()} for case in cases]


def overlap_case(rng):
    """A batch for MONAI; ignore_empty turns an image without a true pixel into NaN, which is the mean over positives."""
    side = 8
    shares = [(0.3, 0.3), (0.2, 0.0), (0.0, 0.2), (0.0, 0.0), (1.0, 1.0), (0.5, 0.1), (0.0, 0.0), (0.4, 0.6)]
    predicted = np.array([rng.random((1, side, side)) < p for p, _ in shares])
    truth = np.array([rng.random((1, side, side)) < t for _, t in shares])
    y_pred, y = torch.tensor(predicted, dtype=torch.float64), torch.tensor(truth, dtype=torch.float64)
    numbers = {}
    for name, measure in (("dice", compute_dice), ("iou", compute_iou)):
        numbers[name] = {
            "all": measure(y_pred, y, include_background=True, ignore_empty=False).numpy().ravel().astype(float),
            "positives": np.nanmean(measure(y_pred, y, include_background=True, ignore_empty=True).numpy()),
        }
    return {"predicted": predicted.reshape(8, -1).astype(int), "truth": truth.reshape(8, -1).astype(int)} | numbers


if __name__ == "__main__":
    rng = np.random.default_rng(21)
    write(
        "statistics",
        {
            "delong": delong_cases(rng),
            "mcnemar": mcnemar_cases(rng),
            "holm": holm_cases(rng),
            "temperature": temperature_cases(rng),
            "sensitivity": sensitivity_cases(rng),
            "bca": bca_case(rng),
            "curves": curve_cases(np.random.default_rng(22)),
            "torchmetrics": torchmetrics_cases(rng),
        },
    )
    write("overlap", overlap_case(rng))
