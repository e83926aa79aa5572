import { ImagingError, type ImagingErrorCode } from '@multichexnet/imaging';
import { isMultichexnetError, MultichexnetError, type ErrorPlace } from '../../errors.js';
import type { ImageJob, ImageResult } from './image-job.js';

/** To a data worker: a job, or to end after the jobs that it has. Jobs are answered in the order in which they came. */
export type WorkerRequest = { readonly job: ImageJob } | 'end';

/** From a data worker. */
export type WorkerAnswer =
  'ready' | { readonly result: ImageResult; readonly error?: never } | { readonly error: PlainError };

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
