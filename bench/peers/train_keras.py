"""python train_keras.py STEPS SECONDS"""

import math
import sys

import keras
import numpy as np
import tensorflow as tf
from measure import BATCH, CLASSES, DROPOUT, HIDDEN, LEARNING_RATE, SIZE, report, sample, timed

steps, seconds = int(sys.argv[1]), float(sys.argv[2])
keras.utils.set_random_seed(1)


def build():
    layers = keras.layers
    encoder = keras.applications.DenseNet121(
        weights=None, include_top=False, input_shape=(SIZE, SIZE, 3), pooling='avg'
    )
    features = layers.Dense(HIDDEN, 'relu')(layers.Dropout(DROPOUT)(encoder.output))
    logits = layers.Dense(CLASSES)(layers.Dropout(DROPOUT)(features))
    model = keras.Model(encoder.input, logits)
    model.compile(keras.optimizers.Adam(LEARNING_RATE), keras.losses.BinaryCrossentropy(from_logits=True))
    return model


build_ms, model = timed(build)
rng = np.random.default_rng(1)
images = tf.constant(rng.random((BATCH, SIZE, SIZE, 3), np.float32))
targets = tf.constant((rng.random((BATCH, CLASSES)) > 0.7).astype(np.float32))
losses = []
step = lambda: losses.append(float(model.train_on_batch(images, targets)))
first_ms, _ = timed(step)
wall, cpu = sample(step, steps, seconds)
assert all(map(math.isfinite, losses))
library = f'keras {keras.__version__} on tensorflow {tf.__version__}'
report(library, {'step': wall, 'stepCpu': cpu, 'firstStep': [first_ms], 'build': [build_ms]}, loss=losses[-1])
