"""Writes packages/datasets/phantom/src/golden/logistic.json: scikit-learn's logistic regression and AUROC on a small random problem.

Run with numpy and scikit-learn installed:  python tools/golden/phantom_logistic.py
"""

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(7)
rows = rng.normal(size=(60, 5)).round(3)
labels = (rows @ np.array([1.0, -0.5, 0.0, 0.8, 0.2]) + rng.normal(size=60)) > 0.4
cases = []
for C in (0.01, 0.1, 10.0):
    model = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(rows, labels)
    cases.append({"C": C, "weights": model.coef_[0].tolist(), "intercept": float(model.intercept_[0])})
# Rounded, so that there are ties.
scores = np.round(rows[:, 0] + rows[:, 3], 0)
out = Path(__file__).resolve().parents[2] / "packages/datasets/phantom/src/golden/logistic.json"
out.parent.mkdir(exist_ok=True)
out.write_text(
    json.dumps(
        {
            "rows": rows.tolist(),
            "labels": labels.tolist(),
            "cases": cases,
            "scores": scores.tolist(),
            "auroc": float(roc_auc_score(labels, scores)),
        }
    )
    + "\n"
)
