/** Whether ranks end, and why: they must all end after the same step, whichever of them was asked to. */
export type StopReason = 'interrupted' | 'preempted';

/** Votes are added up over the ranks. A preemption outweighs every interrupt, since a scheduler starts the run again. */
const VOTES: Readonly<Record<StopReason, number>> = { interrupted: 1, preempted: 4096 };

export class StopVote {
  /** The ranks' votes in the last step, added up; 0 = go on. */
  agreed = 0;
  private readonly wanted: () => StopReason | undefined;

  /** @param wanted what this rank was asked to do */
  constructor(wanted: () => StopReason | undefined) {
    this.wanted = wanted;
  }

  /** What this rank adds to the next step's sum. */
  get own(): number {
    const reason = this.wanted();
    return reason === undefined ? 0 : VOTES[reason];
  }

  get reason(): StopReason | undefined {
    if (this.agreed === 0) return undefined;
    return this.agreed >= VOTES.preempted ? 'preempted' : 'interrupted';
  }
}
