export interface ToneParameters {
  /** Exponent on values 0..1. */
  readonly gamma: number;
  /** Factor on the distance from middle grey. */
  readonly contrast: number;
  /** Added to values 0..1, last. */
  readonly brightness: number;
}

/** Logarithms of 0..1: a power by them costs half of `**`. [256] */
const LOGARITHMS = Float64Array.from({ length: 256 }, (_, value) => Math.log(value / 255));

/** gamma, then contrast, then brightness, for each grey value 0..255; rounded and clamped. [256] */
export function toneTable({ gamma, contrast, brightness }: ToneParameters): Uint8Array {
  const table = new Uint8Array(256);
  for (let value = 0; value < 256; value++) {
    const shade = (Math.exp(gamma * LOGARITHMS[value]!) - 0.5) * contrast + 0.5 + brightness;
    table[value] = Math.round(Math.min(1, Math.max(0, shade)) * 255);
  }
  return table;
}
