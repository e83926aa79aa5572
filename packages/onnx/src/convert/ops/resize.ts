import type { RecordedOp } from '@multichexnet/core';
import { flag, input, output, type Convert } from '../converter.js';
import { TO_FIRST, type Graph } from '../graph.js';

/** Where a pixel of the result lies in the source. */
const coordinates = (op: RecordedOp): string =>
  flag(op, 'align_corners') ? 'align_corners' : flag(op, 'half_pixel_centers') ? 'half_pixel' : 'asymmetric';

/** TensorFlow rounds in corner-to-corner and half-pixel coordinates (half up), and cuts off in the plain ones. */
const nearest = (op: RecordedOp): string => (coordinates(op) === 'asymmetric' ? 'floor' : 'round_prefer_ceil');

const resize =
  (mode: 'linear' | 'nearest'): Convert =>
  (graph: Graph, op) => {
    const sizes = graph.shapeTensor(TO_FIRST.map((axis) => graph.shape(output(op))[axis] as number));
    graph.setFirst(
      output(op),
      graph.node('Resize', [graph.first(input(op)), '', '', sizes], {
        coordinate_transformation_mode: { string: coordinates(op) },
        mode: { string: mode },
        ...(mode === 'nearest' ? { nearest_mode: { string: nearest(op) } } : {}),
      }),
    );
  };

export const resizing: Readonly<Record<string, Convert>> = {
  ResizeBilinear: resize('linear'),
  ResizeNearestNeighbor: resize('nearest'),
};
