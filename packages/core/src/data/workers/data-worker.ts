import { parentPort, workerData } from 'node:worker_threads';
import { createReadPixels } from '../image-cache/create-read-pixels.js';
import type { ImageCacheOptions } from '../image-cache/image-cache.js';
import { runImageJob } from './image-job.js';
import {
  ReceivedMemory,
  toPlainError,
  type ImageAnswer,
  type SentJob,
  type WorkerAnswer,
  type WorkerRequest,
} from './worker-messages.js';

/** A thread that prepares images, one at a time. Only what decoding needs is imported: a worker is up in a fraction of a second. */
const port = parentPort;
if (port === null) throw new Error('data-worker is the entry of a worker thread');
const { begun, cache } = workerData as { readonly begun: Int32Array; readonly cache?: ImageCacheOptions };

/** Answers wait for each other no longer than that. */
const LATEST_MS = 4;

const readPixels = createReadPixels(cache);
const memory = new ReceivedMemory();
const jobs: SentJob[] = [];
let working = false;
let ending = false;

const answerTo = async ({ job, out }: SentJob): Promise<ImageAnswer> => {
  try {
    const where = out === undefined ? {} : { out: memory.view(out) };
    return { result: await runImageJob({ ...job, ...where }, readPixels, true) };
  } catch (error) {
    return { error: toPlainError(error) };
  }
};

/** Half of the answers at a time: the next jobs come while the other half is worked on. */
const work = async (): Promise<void> => {
  working = true;
  let answers: ImageAnswer[] = [];
  let since = performance.now();
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    Atomics.add(begun, 0, 1);
    answers.push(await answerTo(job));
    const ms = performance.now() - since;
    if (answers.length < jobs.length && ms < LATEST_MS) continue;
    port.postMessage({ answers, ms } satisfies WorkerAnswer);
    answers = [];
    since = performance.now();
  }
  working = false;
  if (ending) port.close();
};

port.on('message', (request: WorkerRequest) => {
  if (request === 'end') ending = true;
  else jobs.push(...request.jobs);
  if (!working) void work();
});
port.postMessage('ready' satisfies WorkerAnswer);
