import type { Engine } from '../engine/engine.js';
import { MultichexnetError } from '../errors.js';
import { Heartbeat, type HeartbeatOptions } from './heartbeat.js';
import { RankTalk } from './rank-talk.js';
import { StopVote, type StopReason } from './stop-vote.js';
import type { RankGroup } from '../engine/engine.js';

export interface MeetOptions extends Pick<HeartbeatOptions, 'addresses' | 'everyMs' | 'timeoutMs' | 'onLost'> {
  /** Made with a cluster. */
  readonly engine: Engine;
  /** How long to wait for the other ranks to come, in ms. */
  readonly limitMs: number;
  /** Called once for each rank that is not there yet. */
  readonly onWait: (rank: number, address: string) => void;
  /** What this rank was asked to do, which all then do after the same step. */
  readonly wanted: () => StopReason | undefined;
}

/** What a rank sends last still has to reach the others when it has left. */
const SETTLE_MS = 500;

/** The processes that train together, from when they have met to when they leave. */
export class Ranks {
  readonly group: RankGroup;
  readonly talk: RankTalk;
  readonly stop: StopVote;
  private readonly heartbeat: Heartbeat;
  private gone = false;

  private constructor(group: RankGroup, talk: RankTalk, stop: StopVote, heartbeat: Heartbeat) {
    this.group = group;
    this.talk = talk;
    this.stop = stop;
    this.heartbeat = heartbeat;
  }

  /** Waits for the other ranks. @throws MultichexnetError PEER_MISSING, INTERRUPTED, RUN_PREEMPTED */
  static async meet({ engine, limitMs, onWait, wanted, ...rest }: MeetOptions): Promise<Ranks> {
    const { ranks: group } = engine;
    if (group === undefined) throw new MultichexnetError('PEER_MISSING', 'the engine was made without a cluster');
    const heartbeat = new Heartbeat({ group, ...rest });
    await heartbeat.meet(limitMs, onWait, wanted);
    heartbeat.start();
    return new Ranks(group, new RankTalk(engine, group), new StopVote(wanted), heartbeat);
  }

  /** Whether the ranks have parted: from then on each may end alone. */
  get left(): boolean {
    return this.gone;
  }

  /** Runs `work`; when it fails because a rank is gone, the error says which. @throws MultichexnetError PEER_LOST */
  async watch<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await this.heartbeat.explain(error);
    }
  }

  /** Ends the talk when every rank has come here: from then on each may end its process. */
  async leave(): Promise<void> {
    await this.watch(() => this.talk.barrier());
    this.heartbeat.stop();
    this.gone = true;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }

  /** After a failure: this rank asks no more, and the others will find it gone. */
  abandon(): void {
    this.heartbeat.stop();
  }
}
