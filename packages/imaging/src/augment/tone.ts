export interface ToneParameters {
  /** Exponent on values 0..1. */
  readonly gamma: number;
  /** Factor on the distance from middle grey. */
  readonly contrast: number;
  /** Added to values 0..1, last. */
  readonly brightness: number;
}

/** gamma, then contrast, then brightness, for each grey value 0..255; rounded and clamped. [256] */
export function toneTable({ gamma, contrast, brightness }: ToneParameters): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => {
    const shade = ((value / 255) ** gamma - 0.5) * contrast + 0.5 + brightness;
    return Math.round(Math.min(1, Math.max(0, shade)) * 255);
  });
}
