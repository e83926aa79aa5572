/** The network and batch that all contenders share. */
export const SIZE = 256;
export const BATCH = 8;
export const CLASSES = 14;
/** Units of the classification head's hidden layer, and its dropout rate. */
export const HIDDEN = 256;
export const DROPOUT = 0.2;
export const LEARNING_RATE = 1e-4;

/** Deterministic stand-in for noise: what the pixels are does not change how long a step takes. */
export function noise(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 0x1000000;
  });
}

/** Grey values 0..255. */
export function noiseBytes(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}
