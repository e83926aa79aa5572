/** One dataset's batch within a turn, and the heads whose losses it feeds. */
export interface TurnPart {
  readonly dataset: string;
  readonly heads: readonly string[];
}

/** What one optimisation step does. */
export interface Turn {
  /** One part, or several whose losses are summed (eq. 8). */
  readonly parts: readonly TurnPart[];
  /** Modules whose parameters, moments and batch-norm statistics move: `encoder` and head names. Everything else stays byte-identical. */
  readonly train: readonly string[];
  /** How often the dataset of each part has been drawn before, which addresses its next batch. */
  readonly visits: readonly number[];
}

/** Pure: the turn of a step depends on the step and the seed alone. */
export interface Schedule {
  /** Every distinct (parts, train) that `turn` can return, so that data and labels can be checked before step 0. */
  readonly turns: readonly Omit<Turn, 'visits'>[];
  turn(step: number, seed: number): Turn;
}
