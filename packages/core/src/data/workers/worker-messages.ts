import { ImagingError, type ImagingErrorCode } from '@multichexnet/imaging';
import { isMultichexnetError, MultichexnetError, type ErrorPlace } from '../../errors.js';
import type { ImageJob, ImageResult } from './image-job.js';

/** To a data worker: jobs, or to end after those that it has. They are answered in the order in which they came. */
export type WorkerRequest = { readonly jobs: readonly SentJob[] } | 'end';

export interface SentJob {
  readonly job: Omit<ImageJob, 'out'>;
  readonly out?: SharedPlace;
}

/** Part of a batch's memory. The memory itself comes with the first job that needs it: handed over anew for each image, it would be all that a collector does. */
export interface SharedPlace {
  readonly memory: number;
  readonly buffer?: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly length: number;
}

/** Batches whose memory a worker remembers; who sends and who receives forget the oldest alike. */
const REMEMBERED = 8;

/** Of the sender, for one worker. */
export class SentMemory {
  private readonly known: number[] = [];

  place(out: Float32Array): SharedPlace {
    const { buffer, byteOffset, length } = out;
    if (!(buffer instanceof SharedArrayBuffer)) throw new TypeError('a worker writes to shared memory alone');
    const memory = numberOf(buffer);
    if (this.known.includes(memory)) return { memory, byteOffset, length };
    if (this.known.push(memory) > REMEMBERED) this.known.shift();
    return { memory, buffer, byteOffset, length };
  }
}

/** Of the worker. */
export class ReceivedMemory {
  private readonly known = new Map<number, SharedArrayBuffer>();

  view({ memory, buffer, byteOffset, length }: SharedPlace): Float32Array {
    if (buffer !== undefined) {
      this.known.set(memory, buffer);
      if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value as number);
    }
    return new Float32Array(this.known.get(memory) as SharedArrayBuffer, byteOffset, length);
  }
}

const numbers = new WeakMap<SharedArrayBuffer, number>();
let next = 0;

function numberOf(buffer: SharedArrayBuffer): number {
  let number = numbers.get(buffer);
  if (number === undefined) numbers.set(buffer, (number = next++));
  return number;
}

/** From a data worker. `ms`: the time that these jobs took together. */
export type WorkerAnswer = 'ready' | { readonly answers: readonly ImageAnswer[]; readonly ms: number };

export type ImageAnswer = { readonly result: ImageResult; readonly error?: never } | { readonly error: PlainError };

/** An error as plain data: a structured clone would lose its class and its code. */
export interface PlainError {
  readonly kind: 'imaging' | 'multichexnet' | 'other';
  readonly code: string;
  readonly message: string;
  readonly place: ErrorPlace & { readonly offset?: number | undefined };
}

export function toPlainError(error: unknown): PlainError {
  if (error instanceof ImagingError) {
    const { code, reason, path, offset } = error;
    return { kind: 'imaging', code, message: reason, place: { ...(path === undefined ? {} : { file: path }), offset } };
  }
  if (isMultichexnetError(error))
    return { kind: 'multichexnet', code: error.code, message: error.message, place: error.place };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'other', code: '', message, place: {} };
}

export function fromPlainError({ kind, code, message, place }: PlainError): Error {
  switch (kind) {
    case 'imaging':
      return new ImagingError(code as ImagingErrorCode, message, { path: place.file, offset: place.offset });
    case 'multichexnet':
      return new MultichexnetError(code, message, place);
    case 'other':
      return new Error(message);
  }
}
