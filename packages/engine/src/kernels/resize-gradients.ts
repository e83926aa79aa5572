import { attr, type OpAttribute } from '../native/attributes.js';
import { kernel, typeOf, withInt32 } from './kernel.js';

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

const modeOf = ({ alignCorners, halfPixelCenters }: ResizeAttributes): OpAttribute[] => [
  attr.bool('align_corners', alignCorners),
  attr.bool('half_pixel_centers', halfPixelCenters),
];

/** Gradients of resizing: tfjs-node's own leave `halfPixelCenters` out, which makes them wrong where the forward pass uses it. */
export const resizeGradientKernels = [
  kernel<'images' | 'dy', ResizeAttributes>('ResizeNearestNeighborGrad', (backend, { images, dy }, attributes) =>
    withInt32(backend, images.shape.slice(1, 3), [2], (size) =>
      backend.executeSingleOutput(
        'ResizeNearestNeighborGrad',
        [typeOf(backend, images), ...modeOf(attributes)],
        [dy, size],
      ),
    ),
  ),
  kernel<'images' | 'dy', ResizeAttributes>('ResizeBilinearGrad', (backend, { images, dy }, attributes) =>
    backend.executeSingleOutput('ResizeBilinearGrad', [typeOf(backend, images), ...modeOf(attributes)], [dy, images]),
  ),
];
