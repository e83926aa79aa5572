import type { Box } from '../geometry/box.js';
import type { Size } from '../grey-image.js';
import { affineOf, inverseOf, transformBox, type Affine, type AffineParameters } from './affine.js';
import { Distortion, isStraight, type DistortionParameters } from './distortion.js';
import type { SourceMap } from './resample.js';

/** How image, mask and boxes move, one map for all of them. */
export interface GeometryChange {
  readonly source: SourceMap;
  /** The bounding box of where the box goes; other fields are kept. */
  moveBox<B extends Box>(box: B): B;
}

/** The affine change, then the bends, as one map; undefined when nothing moves. */
export function geometryChange(
  parameters: AffineParameters & DistortionParameters,
  size: Size,
): GeometryChange | undefined {
  const m = affineOf(parameters, size);
  if (isStraight(parameters)) {
    const still = m.a === 1 && m.b === 0 && m.c === 0 && m.d === 0 && m.e === 1 && m.f === 0;
    return still ? undefined : { source: inverseOf(m), moveBox: (box) => transformBox(box, m) };
  }
  const distortion = new Distortion(parameters, size);
  const back = inverseOf(m);
  const bent = distortion.rows();
  return {
    source: (y, xs, ys) => {
      bent(y, xs, ys);
      for (let x = 0; x < xs.length; x++) {
        const px = xs[x]!;
        const py = ys[x]!;
        xs[x] = back.a * px + back.b * py + back.c;
        ys[x] = back.d * px + back.e * py + back.f;
      }
    },
    moveBox: (box) => bentBox(box, m, distortion),
  };
}

/** Points along each side of a box whose way is followed. */
const pointsPerSide = 8;

function bentBox<B extends Box>(box: B, m: Affine, distortion: Distortion): B {
  let [left, upper, right, lower] = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (x: number, y: number) => {
    const [px, py] = outputOf(m.a * x + m.b * y + m.c, m.d * x + m.e * y + m.f, distortion);
    left = Math.min(left, px);
    right = Math.max(right, px);
    upper = Math.min(upper, py);
    lower = Math.max(lower, py);
  };
  for (let i = 0; i < pointsPerSide; i++) {
    const along = i / pointsPerSide;
    visit(box.x + along * box.width, box.y);
    visit(box.x + box.width, box.y + along * box.height);
    visit(box.x + (1 - along) * box.width, box.y + box.height);
    visit(box.x, box.y + (1 - along) * box.height);
  }
  return { ...box, x: left, y: upper, width: right - left, height: lower - upper };
}

/** The output point whose source under the distortion is (x, y): Newton's method with differences over one pixel. */
function outputOf(x: number, y: number, distortion: Distortion): readonly [number, number] {
  let px = x;
  let py = y;
  for (let step = 0; step < 12; step++) {
    const [sx, sy] = distortion.source(px, py);
    const ex = x - sx;
    const ey = y - sy;
    if (Math.abs(ex) < 1e-3 && Math.abs(ey) < 1e-3) break;
    const [ax, ay] = distortion.source(px + 1, py);
    const [bx, by] = distortion.source(px, py + 1);
    const determinant = (ax - sx) * (by - sy) - (bx - sx) * (ay - sy);
    if (determinant < 0.05) break; // folded: no change that the options allow gets here
    px += ((by - sy) * ex - (bx - sx) * ey) / determinant;
    py += ((ax - sx) * ey - (ay - sy) * ex) / determinant;
  }
  return [px, py];
}
