import { encodeBatch, type Batch } from '../data/batch.js';
import type { ImageSource } from '../data/image-source.js';
import type { BatchDrawer } from '../gate/draw-batch.js';
import type { HeadModule } from '../model/network.js';
import type { AugmentConfig } from '../protocol/protocol.js';
import type { Schedule, Turn } from '../schedule/turn.js';

/** One dataset as a phase trains on it. */
export interface TrainingData {
  readonly source: ImageSource;
  /** Who draws the batches of a turn that trains these heads. */
  readonly drawerOf: (heads: readonly string[]) => BatchDrawer;
}

export interface BatchStreamConfig {
  readonly schedule: Schedule;
  readonly data: Readonly<Record<string, TrainingData>>;
  readonly heads: Readonly<Record<string, HeadModule>>;
  readonly batchSize: number;
  /** Which places of each batch this process reads, where several share it; by default all. */
  readonly places?: readonly number[];
  readonly seed: number;
  /** Absent = images as they are. */
  readonly augment?: AugmentConfig;
  /** Steps whose batches are prepared ahead; default 2. */
  readonly prefetch?: number;
}

export interface PreparedTurn {
  readonly turn: Turn;
  /** One a part. */
  readonly batches: readonly Batch[];
}

const PREFETCH = 2;

/**
 * The batches of steps `from .. to - 1`, read ahead while steps run: at most `prefetch` of them wait. A pure function of (seed, step), whoever
 * reads the images, and in whatever order they come.
 */
export class BatchStream {
  private readonly config: BatchStreamConfig;
  private readonly ahead: Promise<PreparedTurn>[] = [];
  private readonly memory = new BatchMemory();
  private given: PreparedTurn | undefined;
  private step: number;
  private end: number;

  constructor(config: BatchStreamConfig, from: number, to: number) {
    this.config = config;
    this.step = from;
    this.end = to;
    this.fill();
  }

  /**
   * The next step's batches. The images of those before are overwritten: their step has to be done.
   * @throws what reading or encoding them threw, at their own step; RangeError after the last
   */
  async next(): Promise<PreparedTurn> {
    const turn = this.ahead.shift();
    if (turn === undefined) throw new RangeError('the stream has no more batches');
    for (const { images } of this.given?.batches ?? []) this.memory.giveBack(images);
    this.given = undefined;
    this.fill();
    return (this.given = await turn);
  }

  /** Starts no more reading; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.end = this.step;
    await Promise.allSettled(this.ahead.splice(0));
  }

  private fill(): void {
    const { prefetch = PREFETCH } = this.config;
    while (this.step < this.end && this.ahead.length < Math.max(1, prefetch)) {
      const turn = prepareTurn(this.config, this.memory, this.step++);
      turn.catch(() => undefined); // reported when its step comes
      this.ahead.push(turn);
    }
  }
}

/** Memory of batches that are done serves the next ones: fresh pages cost more than what is written into them. */
class BatchMemory {
  private readonly free: Float32Array[] = [];

  /** On shared memory; holds whatever it held. */
  take(length: number): Float32Array {
    const at = this.free.findIndex((images) => images.length === length);
    const [images] = at < 0 ? [] : this.free.splice(at, 1);
    return images ?? new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
  }

  giveBack(images: Float32Array): void {
    this.free.push(images);
  }
}

async function prepareTurn(config: BatchStreamConfig, memory: BatchMemory, step: number): Promise<PreparedTurn> {
  const { schedule, seed, data, batchSize, augment } = config;
  const places = config.places ?? Array.from({ length: batchSize }, (_, place) => place);
  const turn = schedule.turn(step, seed);
  const batches = await Promise.all(
    turn.parts.map(async ({ dataset, heads }, p) => {
      const { source, drawerOf } = data[dataset] as TrainingData;
      const visit = turn.visits[p] as number;
      const drawn = drawerOf(heads).draw(visit, batchSize);
      const indices = places.map((place) => drawn[place] as number);
      const images = memory.take(indices.length * source.size ** 2);
      const draws = places.map((place) => visit * batchSize + place);
      const inputs = await source.readBatch(
        indices,
        images,
        augment === undefined ? undefined : { config: augment, seed, draws },
      );
      return encodeBatch(
        images,
        inputs,
        Object.fromEntries(heads.map((head) => [head, config.heads[head] as HeadModule])),
      );
    }),
  );
  return { turn, batches };
}
