import type { HuffmanTable } from './entropy-reader.js';
import type { JpegFrameHeader } from './jpeg-frame-header.js';

/** A component of the frame header and what its scan header says of it. */
export interface ScanComponent {
  /** Place among the frame's components. */
  readonly index: number;
  readonly quantisation: Uint16Array | undefined;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
}

/** One scan to decode: where it goes and by which tables. */
export interface Scan {
  readonly frame: JpegFrameHeader;
  readonly components: readonly ScanComponent[];
  /** MCUs between restart markers; 0 without. */
  readonly restartInterval: number;
  /** Ss: the predictor of a lossless scan. */
  readonly selection: number;
  /** Al: the point transform of a lossless scan. */
  readonly pointTransform: number;
  /** [height * width * components], interleaved. */
  readonly samples: Uint16Array;
}
