import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTo } from '../store/disk-full.js';
import { encodeEvent } from './encode-event.js';

/** How long numbers wait at most until they are in the file, so that TensorBoard follows a training without a write for every step. */
const FLUSH_MS = 5000;

/** An event file that TensorBoard reads while it grows. Every process writes one of its own. */
export class EventFile {
  private readonly folder: string;
  private readonly file: string;
  private waiting: Uint8Array[];
  private flushed = performance.now();

  /** @param from first step: what earlier files of the folder have from there on is void */
  constructor(folder: string, from: number) {
    const seconds = Date.now() / 1000;
    this.folder = folder;
    this.file = join(folder, `events.out.tfevents.${Math.floor(seconds)}.multichexnet.${process.pid}`);
    this.waiting = [
      encodeEvent(seconds, 0, { version: 'brain.Event:2' }),
      ...(from > 0 ? [encodeEvent(seconds, from, { start: true })] : []),
    ];
  }

  async add(step: number, scalars: Readonly<Record<string, number>>): Promise<void> {
    this.waiting.push(encodeEvent(Date.now() / 1000, step, { scalars }));
    if (performance.now() - this.flushed > FLUSH_MS) await this.flush();
  }

  async flush(): Promise<void> {
    this.flushed = performance.now();
    if (this.waiting.length === 0) return;
    const records = Buffer.concat(this.waiting.splice(0));
    await writeTo(this.file, async () => {
      await mkdir(this.folder, { recursive: true });
      await appendFile(this.file, records);
    });
  }
}

/** Tags by which TensorBoard groups the numbers of a step: losses under `loss/`, others keep the group that their name has. */
export function scalarTags(values: Readonly<Record<string, number>>, learningRate: number): Record<string, number> {
  const named = Object.entries(values).map(([name, value]) => [name.includes('/') ? name : `loss/${name}`, value]);
  return { ...(Object.fromEntries(named) as Record<string, number>), learning_rate: learningRate };
}
