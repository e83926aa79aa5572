import * as tf from '@tensorflow/tfjs';
import type { CompiledStep, Engine, RankGroup } from '../engine/engine.js';
import { MultichexnetError } from '../errors.js';
import { changedFields, type ChangedField } from '../run/changed-fields.js';
import { hashValue } from '../store/hash.js';

/** What ranks tell each other outside of training steps. Every rank must say the same kinds of things in the same order. */
export class RankTalk {
  readonly group: RankGroup;
  private readonly step: CompiledStep;

  /** @param group of the engine */
  constructor(engine: Engine, group: RankGroup) {
    this.group = group;
    this.step = engine.compile('ranks talk', ([own]) => [group.sum(own as tf.Tensor)]);
  }

  /** Each rank's bytes, by rank; as many on every rank. Resolves when all have said theirs. */
  async gather(bytes: Uint8Array): Promise<Uint8Array[]> {
    const { rank, size } = this.group;
    // The sum of rows of which each rank fills its own; bytes are exact as floats.
    const rows = new Float32Array(size * bytes.length);
    rows.set(bytes, rank * bytes.length);
    const own = tf.tensor2d(rows, [size, bytes.length]);
    try {
      const [sum] = (await this.step.run([own])) as [tf.Tensor];
      const all = Uint8Array.from(await sum.data<'float32'>());
      sum.dispose();
      return Array.from({ length: size }, (_, r) => all.slice(r * bytes.length, (r + 1) * bytes.length));
    } finally {
      own.dispose();
    }
  }

  /** Resolves when every rank has come here. */
  async barrier(): Promise<void> {
    await this.gather(new Uint8Array(1));
  }

  /** Rank 0's number, on every rank. @param own a whole number from 0 below 2^48; only rank 0's counts */
  async fromFirst(own: number): Promise<number> {
    const bytes = Buffer.alloc(6);
    bytes.writeUIntBE(own, 0, 6);
    const [first] = await this.gather(bytes);
    return Buffer.from(first as Uint8Array).readUIntBE(0, 6);
  }

  /**
   * Makes sure that all ranks have the same of everything.
   * @param facts what -> its SHA-256 in hex; the same names on every rank
   * @throws MultichexnetError RANKS_DIFFER on every rank, naming what differs on which rank
   */
  async agree(facts: Readonly<Record<string, string>>): Promise<void> {
    const names = Object.keys(facts);
    const all = await this.gather(Buffer.from(names.map((name) => facts[name]).join(''), 'hex'));
    const hash = (rank: number, i: number): string =>
      Buffer.from(all[rank] as Uint8Array).toString('hex', i * HASH_BYTES, (i + 1) * HASH_BYTES);
    const differences = names.flatMap((name, i) => {
      const others = all.flatMap((_, rank) => (hash(rank, i) === hash(0, i) ? [] : [rank]));
      return others.length === 0 ? [] : [`${name} (rank ${others.join(', ')})`];
    });
    if (differences.length > 0) refuse(differences);
  }

  /**
   * As {@link agree} for one thing whose fields can be told.
   * @param value plain JSON data
   * @throws MultichexnetError RANKS_DIFFER on every rank, naming the first fields that differ, and what they are
   */
  async agreeOn(name: string, value: unknown): Promise<void> {
    const hashes = (await this.gather(Buffer.from(hashValue(value), 'hex'))).map((hash) =>
      Buffer.from(hash).toString('hex'),
    );
    if (hashes.every((hash) => hash === hashes[0])) return;
    // Only now does each rank tell its whole value; JSON may end in spaces.
    const own = Buffer.from(JSON.stringify(value));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(own.length);
    const lengths = (await this.gather(length)).map((bytes) => Buffer.from(bytes).readUInt32BE());
    const [first, ...others] = (
      await this.gather(Buffer.alloc(Math.max(...lengths), ' ').fill(own, 0, own.length))
    ).map((bytes): unknown => JSON.parse(Buffer.from(bytes).toString()));
    refuse(
      others.flatMap((other, i) =>
        hashes[i + 1] === hashes[0] ? [] : [`${name} (rank ${i + 1}: ${describeFields(changedFields(first, other))})`],
      ),
    );
  }

  dispose(): void {
    this.step.dispose();
  }
}

const HASH_BYTES = 32;
/** Fields that are named; who has mended these sees the next ones. */
const SHOWN = 3;
const SECRET = /secret|token|password|credential|api.?key/i;

function refuse(differences: readonly string[]): never {
  throw new MultichexnetError(
    'RANKS_DIFFER',
    `not the same as on rank 0: ${differences.join('; ')}. Every process must run the same command with the same files`,
  );
}

function describeFields(fields: readonly ChangedField[]): string {
  const named = fields
    .slice(0, SHOWN)
    .map(({ path, before, after }) =>
      SECRET.test(path) ? path : `${path} is ${shortJson(after)}, on rank 0 ${shortJson(before)}`,
    );
  return [...named, ...(fields.length > SHOWN ? [`and ${fields.length - SHOWN} more`] : [])].join('; ');
}

function shortJson(value: unknown): string {
  const text = value === undefined ? 'not there' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
