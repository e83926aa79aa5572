"""The inference loop that the peers share: batches of 1 and of 8."""

import sys

import numpy as np
from measure import BATCH, SIZE, report, sample, timed


def noise_bytes(length, seed):
    """As noiseBytes in src/workload.ts."""
    values, state = np.empty(length, np.uint8), seed
    for i in range(length):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = state >> 24
    return values


def measure_batches(library, infer):
    """`infer` takes images [b, 3, s, s] in 0..1 and gives logits [b, C]."""
    runs, seconds = int(sys.argv[2]), float(sys.argv[3])
    grey = noise_bytes(BATCH * SIZE * SIZE, 1).reshape(BATCH, 1, SIZE, SIZE)
    times, logits = {}, None
    for size in (1, BATCH):

        def run():
            nonlocal logits
            images = np.repeat(grey[:size].astype(np.float32) / 255, 3, axis=1)
            logits = infer(images)

        times[f'first{size}'] = [timed(run)[0]]
        times[f'batch{size}'], times[f'batch{size}Cpu'] = sample(run, runs, seconds)
    report(library, times, logit0=float(logits[0][0]), logit7=float(logits[7][13]))
