import type { RankGroup } from '../engine/engine.js';
import { isMultichexnetError, MultichexnetError } from '../errors.js';
import { stopError } from '../run/stop-signal.js';
import type { StopReason } from './stop-vote.js';

export interface HeartbeatOptions {
  readonly group: Pick<RankGroup, 'rank' | 'size' | 'check' | 'abort'>;
  /** `host:port` of each rank, for the message. */
  readonly addresses: readonly string[];
  /** Between two rounds of questions, default 10 s. */
  readonly everyMs?: number;
  /** For one answer, default 10 s; a rank that twice gives none is lost. With the defaults that takes 32 s at most. */
  readonly timeoutMs?: number;
  /** Called once, right after what waits for the lost rank was ended. */
  readonly onLost?: (error: MultichexnetError) => void;
}

const EVERY_MS = 10_000;
const TIMEOUT_MS = 10_000;
const AGAIN_MS = 2_000;
/** For an answer while the ranks meet: a process that is asked to end meanwhile does so after it. */
const MEETING_MS = 2_000;

/** Asks every other rank again and again whether it lives, and ends what waits for one that does not. */
export class Heartbeat {
  private readonly options: HeartbeatOptions;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private asking: Promise<void> | undefined;
  private lost: MultichexnetError | undefined;

  constructor(options: HeartbeatOptions) {
    this.options = options;
  }

  /**
   * Resolves when every other rank has answered once.
   * @param limitMs how long to wait for them
   * @param onWait called when a rank is not there yet, once for each
   * @param wanted what this process was asked to do meanwhile
   * @throws MultichexnetError PEER_MISSING naming the rank that did not come, INTERRUPTED, RUN_PREEMPTED
   */
  async meet(
    limitMs: number,
    onWait: (rank: number, address: string) => void,
    wanted: () => StopReason | undefined = () => undefined,
  ): Promise<void> {
    const { group, addresses, timeoutMs = TIMEOUT_MS } = this.options;
    const end = performance.now() + limitMs;
    for (const rank of this.others()) {
      let wrong: string | undefined;
      let said = false;
      while ((wrong = await group.check(rank, Math.min(timeoutMs, MEETING_MS))) !== undefined) {
        if (performance.now() > end)
          throw new MultichexnetError(
            'PEER_MISSING',
            `rank ${rank} at ${addresses[rank]} did not come within ${Math.round(limitMs / 1000)} s: ${firstLine(wrong)}`,
          );
        const reason = wanted();
        if (reason !== undefined) throw stopError(reason, `stopped while waiting for rank ${rank}`);
        if (!said) onWait(rank, addresses[rank] ?? '');
        said = true;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
  }

  start(): void {
    this.timer = setTimeout(() => void this.beat(), this.options.everyMs ?? EVERY_MS);
    this.timer.unref();
  }

  /** The others may end from now on. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /**
   * What an error of a step really means: a collective that fails because a rank is gone does not say which.
   * @returns PEER_LOST, or the error itself when every rank lives
   */
  async explain(error: unknown): Promise<unknown> {
    if (isMultichexnetError(error)) return error;
    if (this.lost === undefined && !this.stopped) await this.ask();
    return this.lost ?? error;
  }

  private async beat(): Promise<void> {
    await this.ask();
    if (!this.stopped && this.lost === undefined) this.start();
  }

  private ask(): Promise<void> {
    this.asking ??= this.askAll().finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async askAll(): Promise<void> {
    const { group, addresses, timeoutMs = TIMEOUT_MS, onLost } = this.options;
    for (const rank of this.others()) {
      if ((await group.check(rank, timeoutMs)) === undefined) continue;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      const wrong = await group.check(rank, timeoutMs);
      if (wrong === undefined || this.stopped || this.lost !== undefined) continue;
      this.lost = new MultichexnetError(
        'PEER_LOST',
        `rank ${rank} at ${addresses[rank]} is lost (${firstLine(wrong)}); the run goes on from its last checkpoint when all ranks are started again with --resume`,
      );
      group.abort(`rank ${rank} is lost`);
      onLost?.(this.lost);
    }
  }

  private others(): number[] {
    const { rank, size } = this.options.group;
    return Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
  }
}

/** TensorFlow's messages repeat themselves over several lines. */
function firstLine(text: string): string {
  const line = text.split('\n')[0] ?? '';
  const code = /\(([A-Z_]+)\)$/.exec(text)?.[1];
  return code === undefined || line.endsWith(`(${code})`) ? line : `${line} (${code})`;
}
