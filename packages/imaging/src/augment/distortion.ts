import type { Size } from '../grey-image.js';
import { ElasticField } from './elastic-field.js';
import type { SourceRows } from './resample.js';

/** Cells of the distorted grid along a side. */
export const gridCells = 5;

/** What bends the image: where each is absent or empty, it does nothing. */
export interface DistortionParameters {
  /** k of r' = r (1 + k r^2), r = 1 at the middle of a side: above 0 a barrel, below a pincushion. */
  readonly optical: number;
  /** Relative widths of the grid's columns and heights of its rows, in the source. [gridCells] each, or empty. */
  readonly gridX: readonly number[];
  readonly gridY: readonly number[];
  /** Displacements of the elastic controls, fractions of the side. [elasticControls] each, or empty. */
  readonly elasticX: readonly number[];
  readonly elasticY: readonly number[];
}

export function isStraight({ optical, gridX, elasticX }: DistortionParameters): boolean {
  return optical === 0 && gridX.length === 0 && elasticX.length === 0;
}

/** A map from output points to points of the unbent image, both in continuous pixel coordinates. */
export class Distortion {
  private readonly size: Size;
  private readonly optical: number;
  private readonly columns: readonly number[];
  private readonly lines: readonly number[];
  private readonly fieldX: ElasticField | undefined;
  private readonly fieldY: ElasticField | undefined;
  private readonly pointX = new Float64Array(1);
  private readonly pointY = new Float64Array(1);

  constructor(parameters: DistortionParameters, size: Size) {
    this.size = size;
    this.optical = parameters.optical;
    this.columns = edgesOf(parameters.gridX);
    this.lines = edgesOf(parameters.gridY);
    const elastic = parameters.elasticX.length > 0;
    this.fieldX = elastic ? new ElasticField(parameters.elasticX) : undefined;
    this.fieldY = elastic ? new ElasticField(parameters.elasticY) : undefined;
  }

  /** For the pixel centres of whole rows. */
  rows(): SourceRows {
    const { width, height } = this.size;
    const across = Float64Array.from({ length: width }, (_, x) => alongGrid((x + 0.5) / width, this.columns));
    return (y, xs, ys) => {
      const v = (y + 0.5) / height;
      const down = alongGrid(v, this.lines);
      this.fieldX?.at(v);
      this.fieldY?.at(v);
      for (let x = 0; x < width; x++) this.bend((x + 0.5) / width, across[x]!, down, xs, ys, x);
    };
  }

  /** For one point. */
  source(x: number, y: number): readonly [number, number] {
    const u = x / this.size.width;
    const v = y / this.size.height;
    this.fieldX?.at(v);
    this.fieldY?.at(v);
    this.bend(u, alongGrid(u, this.columns), alongGrid(v, this.lines), this.pointX, this.pointY, 0);
    return [this.pointX[0]!, this.pointY[0]!];
  }

  /** Elastic displacement at column `u` of the row that the fields stand at, added to the grid's place; then the lens. */
  private bend(u: number, gridX: number, gridY: number, xs: Float64Array, ys: Float64Array, i: number): void {
    const { width, height } = this.size;
    let x = gridX;
    let y = gridY;
    if (this.fieldX !== undefined && this.fieldY !== undefined) {
      x += this.fieldX.value(u);
      y += this.fieldY.value(u);
    }
    const dx = 2 * x - 1;
    const dy = 2 * y - 1;
    const factor = 1 + this.optical * (dx * dx + dy * dy);
    xs[i] = ((1 + dx * factor) / 2) * width;
    ys[i] = ((1 + dy * factor) / 2) * height;
  }
}

/** Where the cells end in the source, 0..1. [cells + 1], or empty for an even grid. */
function edgesOf(sizes: readonly number[]): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let edge = 0;
  return sizes.length === 0 ? [] : [0, ...sizes.map((size) => (edge += size) / total)];
}

/** Piecewise linear, and even beyond the ends. */
function alongGrid(t: number, edges: readonly number[]): number {
  if (edges.length === 0 || t <= 0 || t >= 1) return t;
  const at = t * gridCells;
  const cell = Math.floor(at);
  return edges[cell]! + (at - cell) * (edges[cell + 1]! - edges[cell]!);
}
