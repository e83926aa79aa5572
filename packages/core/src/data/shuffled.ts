import { createRandom } from '@multichexnet/imaging';

/**
 * An endless shuffled reading of a pool, addressable by position: epoch after epoch, each a permutation that depends on (seed, name, epoch) alone. So the
 * data position of a run is a number, and resume needs no state.
 */
export class ShuffledPool<T> {
  private epoch = -1;
  private order: readonly T[] = [];

  private readonly items: readonly T[];
  private readonly seed: number;
  private readonly name: string;

  constructor(items: readonly T[], seed: number, name: string) {
    this.items = items;
    this.seed = seed;
    this.name = name;
  }

  get size(): number {
    return this.items.length;
  }

  /**
   * The item at a position 0, 1, 2, ...
   * @throws RangeError for another position, or when the pool is empty
   */
  at(position: number): T {
    if (this.items.length === 0 || !Number.isSafeInteger(position) || position < 0)
      throw new RangeError(`position ${position} of the ${this.items.length} items of "${this.name}"`);
    const epoch = Math.floor(position / this.items.length);
    if (epoch !== this.epoch) {
      this.order = createRandom(this.seed, 'epoch', this.name, epoch).shuffle([...this.items]);
      this.epoch = epoch;
    }
    return this.order[position % this.items.length] as T;
  }
}
