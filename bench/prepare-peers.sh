#!/usr/bin/env bash
# Makes bench/.venv with the Python libraries that `npm run bench -- NAME --peers` compares with. Tests never run this.
# PYTHON picks the interpreter; pip's own environment variables (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, ...) pick where wheels come from.
set -euo pipefail
cd "$(dirname "$0")"
"${PYTHON:-python3}" -m venv .venv
.venv/bin/python -m pip install --quiet --requirement peers/requirements.txt
.venv/bin/python - <<'PYTHON'
from importlib.metadata import version

for name in ('torch', 'torchvision', 'keras', 'tensorflow-cpu', 'onnxruntime', 'openvino'):
    print(f'{name} {version(name)}')
PYTHON
