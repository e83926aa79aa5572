// How much of a phantom's labels can be had without looking closely: logistic regression on 16 x 16 pixels, and one intensity threshold.

/** Mean over blocks: `size` x `size` grey values to 16 x 16. `size` must be a multiple of 16. */
export function coarsePixels(pixels: Uint8Array, size: number): Float64Array {
  const block = size / 16;
  const coarse = new Float64Array(256);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = 16 * Math.floor(y / block) + Math.floor(x / block);
      coarse[at] = (coarse[at] ?? 0) + (pixels[y * size + x] ?? 0) / (block * block);
    }
  }
  return coarse;
}

/** Shifts and scales each column to mean 0 and deviation 1 over `train`; the same for `test`. Columns that do not vary become 0. */
export function standardise(
  train: readonly Float64Array[],
  test: readonly Float64Array[],
): { train: Float64Array[]; test: Float64Array[] } {
  const width = train[0]?.length ?? 0;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (const row of train) {
    for (let j = 0; j < width; j++) {
      const value = row[j] ?? 0;
      mean[j] = (mean[j] ?? 0) + value / train.length;
      square[j] = (square[j] ?? 0) + (value * value) / train.length;
    }
  }
  const scale = mean.map((m, j) => {
    const variance = (square[j] ?? 0) - m * m;
    return variance > 1e-12 ? 1 / Math.sqrt(variance) : 0;
  });
  const apply = (row: Float64Array): Float64Array => row.map((value, j) => (value - (mean[j] ?? 0)) * (scale[j] ?? 0));
  return { train: train.map(apply), test: test.map(apply) };
}

export interface LogisticModel {
  readonly weights: Float64Array;
  readonly intercept: number;
}

/**
 * Logistic regression with an L2 penalty as scikit-learn has it: minimises |w|^2 / 2 + C * sum of log losses, the intercept free.
 * Majorisation (Boehning 1992): the Hessian is at most I + C/4 X'X, so one factorisation serves every step and every label of the same rows.
 */
export function logisticFitter(
  rows: readonly Float64Array[],
  C: number,
): (labels: readonly boolean[]) => LogisticModel {
  const width = rows[0]?.length ?? 0;
  const n = width + 1; // the last coefficient is the intercept
  const extended = rows.map((row) => Float64Array.from({ length: n }, (_, j) => (j < width ? (row[j] ?? 0) : 1)));
  const bound = new Float64Array(n * n);
  for (let j = 0; j < width; j++) bound[j * n + j] = 1;
  for (const row of extended) {
    for (let j = 0; j < n; j++) {
      const x = 0.25 * C * (row[j] ?? 0);
      for (let k = 0; k <= j; k++) bound[j * n + k]! += x * row[k]!;
    }
  }
  factorise(bound, n);
  return (labels) => {
    const beta = new Float64Array(n);
    for (let step = 0; step < 3000; step++) {
      const gradient = beta.slice();
      gradient[width] = 0;
      extended.forEach((row, r) => {
        let score = 0;
        for (let j = 0; j < n; j++) score += row[j]! * beta[j]!;
        const error = C * (1 / (1 + Math.exp(-score)) - (labels[r] === true ? 1 : 0));
        for (let j = 0; j < n; j++) gradient[j]! += error * row[j]!;
      });
      const move = solveFactorised(bound, gradient, n);
      let largest = 0;
      for (let j = 0; j < n; j++) {
        beta[j]! -= move[j]!;
        largest = Math.max(largest, Math.abs(move[j]!));
      }
      if (largest < 1e-7) break;
    }
    return { weights: beta.slice(0, width), intercept: beta[width]! };
  };
}

/** Log-odds of one row. */
export function logisticScore(model: LogisticModel, row: Float64Array): number {
  return row.reduce((sum, value, j) => sum + value * (model.weights[j] ?? 0), model.intercept);
}

/** Cholesky in place: the lower triangle of a positive definite [n * n]; the upper one is not touched. */
function factorise(a: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
  }
}

function solveFactorised(l: Float64Array, b: Float64Array, n: number): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    x[i]! /= l[i * n + i]!;
    for (let k = 0; k < i; k++) x[k]! -= l[i * n + k]! * x[i]!;
  }
  return x;
}

/** Area under the ROC curve by ranks (ties count half); NaN unless there are positives and negatives. */
export function rankAuroc(scores: readonly number[], labels: readonly boolean[]): number {
  const order = scores.map((_, i) => i).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let positives = 0;
  let rankSum = 0;
  for (let i = 0; i < order.length;) {
    let j = i;
    while (j < order.length && scores[order[j] ?? 0] === scores[order[i] ?? 0]) j++;
    for (let k = i; k < j; k++) {
      if (labels[order[k] ?? 0] !== true) continue;
      positives += 1;
      rankSum += (i + j + 1) / 2;
    }
    i = j;
  }
  const negatives = labels.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

export interface MaskedFilm {
  readonly pixels: Uint8Array;
  /** 0 or 1 per pixel, not empty. */
  readonly mask: Uint8Array;
}

/** The mean Dice of the best single threshold for all films, whether it takes what is darker or what is brighter. */
export function bestThresholdDice(films: readonly MaskedFilm[]): number {
  const darker = new Float64Array(257);
  const brighter = new Float64Array(257);
  for (const { pixels, mask } of films) {
    const all = new Float64Array(256);
    const inside = new Float64Array(256);
    for (let i = 0; i < pixels.length; i++) {
      const value = pixels[i] ?? 0;
      all[value] = (all[value] ?? 0) + 1;
      inside[value] = (inside[value] ?? 0) + (mask[i] ?? 0);
    }
    const area = inside.reduce((sum, count) => sum + count, 0);
    let below = 0;
    let hits = 0;
    for (let t = 0; t <= 256; t++) {
      const dark = (2 * hits) / (below + area);
      const bright = (2 * (area - hits)) / (pixels.length - below + area);
      darker[t] = (darker[t] ?? 0) + dark / films.length;
      brighter[t] = (brighter[t] ?? 0) + bright / films.length;
      below += all[t] ?? 0;
      hits += inside[t] ?? 0;
    }
  }
  return Math.max(...darker, ...brighter);
}
