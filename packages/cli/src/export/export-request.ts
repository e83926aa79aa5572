import type { Engine, HeadModule, Logger, ModelPool } from '@multichexnet/core';
import type { SampleImages } from './sample-images.js';

export interface ExportRequest {
  readonly engine: Engine;
  readonly pool: ModelPool;
  readonly heads: readonly HeadModule[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Of values of the outputs. */
  readonly tolerance: number;
  readonly logger: Logger;
  /** What the file is tried on. */
  readonly samples: SampleImages;
}

export interface ExportedOutput {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  /** Largest to the network itself; absent where the file was not checked. */
  readonly difference?: number;
}

/** A network in another form, checked. */
export interface ExportedFile {
  readonly bytes: Uint8Array;
  /** Of the format, in its own words: `opset 17`. */
  readonly version: string;
  readonly input: { readonly name: string; readonly shape: readonly (number | string)[] };
  readonly outputs: readonly ExportedOutput[];
  /** By what and on what it was checked; absent where it was not. */
  readonly checked?: string;
}
