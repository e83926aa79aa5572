import { Worker, type WorkerOptions } from 'node:worker_threads';
import { MultichexnetError } from '../../errors.js';
import type { ImageJob, ImageResult } from './image-job.js';
import type { ImageReader } from './image-reader.js';
import { fromPlainError, SentMemory, type SentJob, type WorkerAnswer, type WorkerRequest } from './worker-messages.js';

export interface DataWorkersOptions {
  /** Threads. They start when there is work for them. */
  readonly count: number;
  /** JavaScript heap of each thread, MB; pixels lie outside of it. */
  readonly heapMb?: number;
  /** Time for one image, milliseconds. */
  readonly timeoutMs?: number;
  /** Handed to every thread. */
  readonly workerData?: Readonly<Record<string, unknown>>;
  /** Another entry, for tests. */
  readonly entry?: URL;
}

interface Task {
  readonly job: ImageJob;
  readonly resolve: (result: ImageResult) => void;
  readonly reject: (error: Error) => void;
}

interface Lane {
  readonly worker: Worker;
  /** Sent and not answered, in order. */
  readonly tasks: Task[];
  readonly memory: SentMemory;
  /** Jobs that the worker has begun, which it counts itself, and those that it has answered. [1] */
  readonly begun: Int32Array;
  answered: number;
  /** Jobs that it may have. */
  depth: number;
  ready: boolean;
  timer?: NodeJS.Timeout;
}

/** The next job is already there when a worker has done one; of quick ones several, or messages would take longer than images. */
const DEPTH = 2;
const QUICK_DEPTH = 16;
const QUICK_MS = 2;
const HEAP_MB = 1024;
const TIMEOUT_MS = 120_000;
const END_MS = 5000;

/**
 * Threads that prepare images. One that ends or stalls costs the image that it worked on, by an error that names the file; its other jobs go to others.
 * Idle threads do not keep the process alive.
 */
export class DataWorkers implements ImageReader {
  private readonly options: DataWorkersOptions;
  private readonly queue: Task[] = [];
  private readonly lanes = new Set<Lane>();
  private planned = false;
  private closed = false;

  constructor(options: DataWorkersOptions) {
    this.options = options;
  }

  run(job: ImageJob): Promise<ImageResult> {
    return new Promise((resolve, reject) => {
      if (this.closed) {
        reject(closedError());
        return;
      }
      this.queue.push({ job, resolve, reject });
      if (this.planned) return;
      // What is asked for at once goes out together.
      this.planned = true;
      queueMicrotask(() => this.dispatch());
    });
  }

  async close(): Promise<void> {
    this.dispatch();
    this.closed = true;
    for (const { reject } of this.queue.splice(0)) reject(closedError());
    await Promise.all([...this.lanes].map((lane) => this.end(lane)));
  }

  private dispatch(): void {
    this.planned = false;
    const sent = new Map<Lane, SentJob[]>();
    while (this.queue.length > 0) {
      const lane = this.freeLane();
      if (lane === undefined) break;
      const task = this.queue.shift() as Task;
      lane.tasks.push(task);
      if (lane.tasks.length === 1) {
        lane.worker.ref();
        this.watch(lane);
      }
      const { out, ...job } = task.job;
      const place = out === undefined ? {} : { out: lane.memory.place(out) };
      const jobs = sent.get(lane) ?? [];
      if (jobs.push({ job, ...place }) === 1) sent.set(lane, jobs);
    }
    for (const [lane, jobs] of sent) lane.worker.postMessage({ jobs } satisfies WorkerRequest);
  }

  /** The one with least to do; a new one before any gets a second job. */
  private freeLane(): Lane | undefined {
    const idlest = [...this.lanes].sort((a, b) => a.tasks.length - b.tasks.length)[0];
    if (idlest?.tasks.length !== 0 && this.lanes.size < this.options.count) return this.start();
    return idlest !== undefined && idlest.tasks.length < idlest.depth ? idlest : undefined;
  }

  private start(): Lane {
    const { heapMb = HEAP_MB, workerData, entry = workerEntry() } = this.options;
    const begun = new Int32Array(new SharedArrayBuffer(4));
    const worker = startWorker(entry, {
      name: 'multichexnet-data',
      workerData: { ...workerData, begun },
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    const memory = new SentMemory();
    const lane: Lane = { worker, tasks: [], memory, begun, answered: 0, depth: DEPTH, ready: false };
    this.lanes.add(lane);
    worker.on('message', (answer: WorkerAnswer) => this.answered(lane, answer));
    worker.on('messageerror', (error) => this.lose(lane, error.message));
    let reason: string | undefined;
    worker.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? `it used up its ${heapMb} MB of heap` : error.message;
    });
    // Only then have all its answers been received; an error may overtake them.
    worker.on('exit', (code) => this.lose(lane, reason ?? `it exited with code ${code}`));
    return lane;
  }

  private answered(lane: Lane, answer: WorkerAnswer): void {
    if (!this.lanes.has(lane)) return;
    if (answer === 'ready') {
      lane.ready = true;
      return;
    }
    const { answers, ms } = answer;
    lane.answered += answers.length;
    lane.depth = ms < QUICK_MS * answers.length ? QUICK_DEPTH : DEPTH;
    for (const answer of answers) {
      const task = lane.tasks.shift();
      if (answer.error === undefined) task?.resolve(answer.result);
      else task?.reject(fromPlainError(answer.error));
    }
    this.watch(lane);
    if (lane.tasks.length === 0) lane.worker.unref();
    this.dispatch();
  }

  /** The clock of the image that the worker is at. */
  private watch(lane: Lane): void {
    clearTimeout(lane.timer);
    if (lane.tasks.length === 0) return;
    const limit = this.options.timeoutMs ?? TIMEOUT_MS;
    lane.timer = setTimeout(() => this.lose(lane, `it was not done after ${limit / 1000} s`), limit);
    lane.timer.unref();
  }

  private lose(lane: Lane, reason: string): void {
    if (!this.lanes.delete(lane)) return;
    clearTimeout(lane.timer);
    void lane.worker.terminate();
    // Those before it are done, but their answers are lost.
    const at = Math.max(0, Atomics.load(lane.begun, 0) - lane.answered - 1);
    const [current] = lane.tasks.splice(at, 1);
    const others = lane.tasks;
    if (current === undefined) return;
    if (!lane.ready) {
      // Another one would not start either.
      const error = new MultichexnetError('DATA_WORKER_START', `a data worker did not start: ${reason}`);
      for (const { reject } of [current, ...others, ...this.queue.splice(0)]) reject(error);
      return;
    }
    const file = current.job.sample.image;
    current.reject(
      new MultichexnetError('DATA_WORKER_LOST', `a data worker ended while it prepared ${file}: ${reason}`, { file }),
    );
    this.queue.unshift(...others);
    this.dispatch();
  }

  /** Lets the jobs that were sent finish: a codec that is at work is not torn down. */
  private async end(lane: Lane): Promise<void> {
    const exit = new Promise<void>((resolve) => lane.worker.once('exit', () => resolve()));
    lane.worker.ref();
    lane.worker.postMessage('end' satisfies WorkerRequest);
    const timer = setTimeout(() => void lane.worker.terminate(), END_MS);
    await exit;
    clearTimeout(timer);
  }
}

function closedError(): MultichexnetError {
  return new MultichexnetError('DATA_CLOSED', 'the data workers have been closed');
}

function workerEntry(): URL {
  return new URL(isSource(import.meta.url) ? './data-worker.ts' : './data-worker.js', import.meta.url);
}

/** Run from the sources (tests, benchmarks), a worker first loads what Node 20 lacks; from a build it needs nothing. */
function startWorker(entry: URL, options: WorkerOptions): Worker {
  if (!isSource(entry.href)) return new Worker(entry, options);
  const [loader, module] = [import.meta.resolve('tsx/esm/api'), entry.href].map((url) => JSON.stringify(url));
  const script = `import { register } from ${loader}; register(); await import(${module});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
    ...options,
    execArgv: ['--conditions=@multichexnet/source'],
  });
}

function isSource(url: string): boolean {
  return url.endsWith('.ts');
}
