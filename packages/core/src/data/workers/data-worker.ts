import { parentPort, workerData } from 'node:worker_threads';
import type { ImageCacheOptions } from '../image-cache/image-cache.js';
import { createReadPixels } from '../image-cache/create-read-pixels.js';
import { runImageJob } from './image-job.js';
import { ReceivedMemory, toPlainError, type WorkerAnswer, type WorkerRequest } from './worker-messages.js';

/** A thread that prepares images, one at a time. Only what decoding needs is imported: a worker is up in a fraction of a second. */
const port = parentPort;
if (port === null) throw new Error('data-worker is the entry of a worker thread');

const answer = async (request: WorkerRequest): Promise<void> => {
  if (request === 'end') {
    port.close();
    return;
  }
  let reply: WorkerAnswer;
  try {
    const out = request.out === undefined ? {} : { out: memory.view(request.out) };
    reply = { result: await runImageJob({ ...request.job, ...out }, readPixels) };
  } catch (error) {
    reply = { error: toPlainError(error) };
  }
  port.postMessage(reply);
};

const readPixels = createReadPixels((workerData as { readonly cache?: ImageCacheOptions }).cache);
const memory = new ReceivedMemory();
let last = Promise.resolve();
port.on('message', (request: WorkerRequest) => {
  last = last.then(() => answer(request));
});
port.postMessage('ready' satisfies WorkerAnswer);
