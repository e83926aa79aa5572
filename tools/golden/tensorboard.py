"""What TensorBoard finds in a folder of event files: python tools/golden/tensorboard.py RUN/phases/PHASE/tb (needs tensorboard)."""

import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1])
events.Reload()
for tag in events.Tags()["scalars"]:
    values = events.Scalars(tag)
    print(f"{tag}: {len(values)} steps, {values[0].step} {values[0].value:.6g} ... {values[-1].step} {values[-1].value:.6g}")
