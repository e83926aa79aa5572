/** Cells of the control grid along a side. */
export const elasticCells = 4;
/** Control values of one coordinate. */
export const elasticControls = (elasticCells + 3) ** 2;

/** Uniform cubic B-spline weights at 0..1 within a cell: they are positive and sum to 1, so no displacement exceeds its controls. */
function weights(u: number, into: Float64Array): void {
  const v = 1 - u;
  into[0] = (v * v * v) / 6;
  into[1] = (3 * u * u * u - 6 * u * u + 4) / 6;
  into[3] = (u * u * u) / 6;
  into[2] = 1 - into[0] - into[1] - into[3];
}

/** A smooth displacement field over a side of 0..1, from a coarse grid of controls (cubic B-spline); level beyond its ends. */
export class ElasticField {
  private readonly controls: readonly number[];
  private readonly line = new Float64Array(elasticCells + 3);
  private readonly taps = new Float64Array(4);

  /** @param controls [(cells + 3)^2], row-major */
  constructor(controls: readonly number[]) {
    this.controls = controls;
  }

  /** Fixes the row, 0..1. */
  at(v: number): this {
    const { line, taps, controls } = this;
    const first = this.locate(v);
    const across = line.length;
    for (let j = 0; j < across; j++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += taps[k]! * controls[(first + k) * across + j]!;
      line[j] = sum;
    }
    return this;
  }

  /** The displacement at a column of that row, 0..1. */
  value(u: number): number {
    const { line, taps } = this;
    const first = this.locate(u);
    return (
      taps[0]! * line[first]! + taps[1]! * line[first + 1]! + taps[2]! * line[first + 2]! + taps[3]! * line[first + 3]!
    );
  }

  private locate(position: number): number {
    const t = Math.min(Math.max(position, 0), 1) * elasticCells;
    const cell = Math.min(Math.floor(t), elasticCells - 1);
    weights(t - cell, this.taps);
    return cell;
  }
}
