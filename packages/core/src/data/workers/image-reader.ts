import { runImageJob, type ImageJob, type ImageResult, type ReadPixels } from './image-job.js';

/** Runs image jobs: in this thread, or in workers. The results are the same. */
export interface ImageReader {
  /** @throws ImagingError naming the file; MultichexnetError of a worker that ended */
  run(job: ImageJob): Promise<ImageResult>;
  /** Ends what is queued; no job may follow. */
  close(): Promise<void>;
}

/** Jobs run in the calling thread. */
export function inlineReader(read: ReadPixels): ImageReader {
  return { run: (job) => runImageJob(job, read), close: () => Promise.resolve() };
}
