"""Golden numbers for the per-class and calibration metrics of head-cls, from scikit-learn and scipy.

    pip install numpy scipy scikit-learn pycocotools
    python tools/golden/metrics_cls.py

Reads the parts in packages/head-cls/src/golden/metrics.json (made by model.py), writes per-class.json beside it.
"""

import json

import numpy as np
from scipy import optimize, special
from sklearn import metrics as sk

from metrics import OUT, f1_best, plain, youden

FOLDER = OUT.parents[2] / "head-cls" / "src" / "golden"
parts = json.loads((FOLDER / "metrics.json").read_text())
validation, test = ({k: np.array(v) for k, v in parts[name].items()} for name in ("validation", "test"))
CLASSES = "abc"


def column(part, c):
    keep = part["known"][:, c] == 1
    return part["labels"][keep, c], part["scores"][keep, c]


def ece(labels, p, bins=15):
    at = np.minimum(bins - 1, np.floor(p * bins)).astype(int)
    return sum(abs(p[at == b].sum() - labels[at == b].sum()) for b in range(bins)) / len(p)


def sensitivity90(labels, scores):
    _, tpr, thresholds = sk.roc_curve(labels, scores, drop_intermediate=False)
    return {"threshold": thresholds[int(np.argmax(tpr >= 0.9))]}


def logit(p):
    return special.logit(np.clip(p, 2.0**-25, 1 - 2.0**-25))  # held inside (0, 1) as there


def temperature(labels, p):
    z = logit(p)
    slope = lambda b: np.sum(z * (special.expit(b * z) - labels))  # noqa: E731
    if slope(0) >= 0:  # no relation to the labels, or an inverse one: nothing to scale by
        return 1.0
    return 1 / optimize.brentq(slope, 0, 1e3, xtol=1e-15, rtol=1e-15)


def rates(c, rule):
    labels, scores = column(test, c)
    called = (scores >= rule(*column(validation, c))["threshold"]).astype(int)
    return {
        "f1": sk.f1_score(labels, called),
        "accuracy": sk.accuracy_score(labels, called),
        "sensitivity": sk.recall_score(labels, called),
        "specificity": sk.recall_score(labels, called, pos_label=0),
    }


result = {}
for c, name in enumerate(CLASSES):
    labels, scores = column(test, c)
    result |= {f"{key}/{name}": value for key, value in rates(c, f1_best).items()}
    result[f"ap/{name}"] = sk.average_precision_score(labels, scores)
    result[f"brier/{name}"] = sk.brier_score_loss(labels, scores)
    result[f"ece/{name}"] = ece(labels, scores)
for key in ("sensitivity", "specificity"):
    result[key] = np.mean([rates(c, f1_best)[key] for c in range(3)])
    result[f"{key}@youden"] = np.mean([rates(c, youden)[key] for c in range(3)])
    result[f"{key}@sensitivity90"] = np.mean([rates(c, sensitivity90)[key] for c in range(3)])
for key, measure in (("brier", sk.brier_score_loss), ("ece", ece)):
    result[key] = np.mean([measure(*column(test, c)) for c in range(3)])
    result[f"{key}@temperature"] = np.mean(
        [
            measure(labels, special.expit(logit(p) / temperature(*column(validation, c))))
            for c in range(3)
            for labels, p in [column(test, c)]
        ]
    )
(FOLDER / "per-class.json").write_text(json.dumps(plain(result), indent=1) + "\n")
