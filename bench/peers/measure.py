"""What every peer shares: the workload's numbers (src/workload.ts) and the line that it hands to the benchmark."""

import json
import re
import time
from pathlib import Path

SIZE, BATCH, CLASSES, HIDDEN, DROPOUT, LEARNING_RATE = 256, 8, 14, 256, 0.2, 1e-4


def timed(run):
    """Milliseconds of `run()`, and its result."""
    started = time.perf_counter()
    result = run()
    return (time.perf_counter() - started) * 1e3, result


def sample(run, count, seconds):
    """Wall and CPU milliseconds of up to `count` calls, at least one, ending early when `seconds` are over."""
    wall, cpu, started = [], [], time.perf_counter()
    while len(wall) < count and (not wall or time.perf_counter() - started < seconds):
        before = time.process_time()
        wall.append(timed(run)[0])
        cpu.append((time.process_time() - before) * 1e3)
    return wall, cpu


def report(library, times, **notes):
    peak = int(re.search(r'^VmHWM:\s+(\d+) kB$', Path('/proc/self/status').read_text(), re.M)[1]) * 1024
    print(json.dumps({'library': library, 'times': times, 'peakBytes': peak, 'notes': notes}), flush=True)
