"""python decode_torch.py FOLDER FORMAT DECODER WORKERS WARM SECONDS

A DataLoader over FOLDER/FORMAT: 1024 x 1024 files to augmented float tensors of 256 x 256. DECODER is `pixel_array`, as pydicom's users read, or `pillow`:
the JPEG frame straight to Pillow, the quickest way that these libraries have.
"""

import io
import os
import random
import sys
import time
from pathlib import Path

import numpy
import pydicom
import torch
from measure import BATCH, SIZE, report
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms.v2 import InterpolationMode, RandomAffine
from torchvision.transforms.v2 import functional as F

folder, form, decoder = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
# Seconds of epochs before those that are timed, on both sides, and of those.
workers, warm, seconds = int(sys.argv[4]), float(sys.argv[5]), float(sys.argv[6])


def read(path):
    if path.suffix == '.png':
        image = Image.open(path)
        image.load()
        return image
    data = pydicom.dcmread(path)
    if decoder == 'pixel_array':
        return Image.fromarray(data.pixel_array)
    image = Image.open(io.BytesIO(pydicom.encaps.get_frame(data.PixelData, 0, number_of_frames=1)))
    image.load()
    return image


def shrink(image):
    return F.resize(image, [SIZE, SIZE], InterpolationMode.BOX)


class Films(Dataset):
    def __init__(self):
        self.paths = sorted((folder / form).iterdir())
        self.move = RandomAffine(10, (0.05, 0.05), (0.9, 1.1), interpolation=InterpolationMode.BILINEAR)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        image = self.move(shrink(read(self.paths[index])))
        image = F.adjust_gamma(image, random.uniform(0.8, 1.25))
        image = F.adjust_contrast(image, random.uniform(0.8, 1.25))
        image = F.adjust_brightness(image, random.uniform(0.9, 1.1))
        return F.to_dtype(F.to_image(image), torch.float32, scale=True)


def cpu_ms(pids):
    """User and system time of other processes."""
    ticks = 0
    for pid in pids:
        fields = Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks * 1000 / os.sysconf('SC_CLK_TCK')


if __name__ == '__main__':
    films = Films()
    # The unaugmented image, against what the other side made of the same file.
    ours = folder / f'ours-{form}.u8'
    difference = {}
    if ours.exists():
        theirs = numpy.frombuffer(ours.read_bytes(), numpy.uint8).astype(float)
        own = numpy.asarray(shrink(read(films.paths[0]))).reshape(-1).astype(float)
        difference = {'difference': float(numpy.abs(theirs - own).mean())}
    loader = DataLoader(films, BATCH, shuffle=True, num_workers=workers, persistent_workers=True, prefetch_factor=4)
    begun = time.perf_counter()
    while time.perf_counter() - begun < warm:
        for batch in loader:
            assert batch.shape == (BATCH, 1, SIZE, SIZE) and batch.dtype == torch.float32
    pids = [worker.pid for worker in loader._iterator._workers] + [os.getpid()]
    wall, cpu, begun = [], [], time.perf_counter()
    while time.perf_counter() - begun < seconds:
        started, before = time.perf_counter(), cpu_ms(pids)
        for batch in loader:
            pass
        wall.append((time.perf_counter() - started) * 1e3)
        cpu.append(cpu_ms(pids) - before)
    library = f'torch {torch.__version__}, pydicom {pydicom.__version__}, Pillow {Image.__version__}'
    report(library, {'epoch': wall, 'epochCpu': cpu}, images=len(films), **difference)
