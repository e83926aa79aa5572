import { attr } from '../native/attributes.js';
import { DType } from '../native/dtype.js';
import type { NativeRuntime } from '../native/native-runtime.js';
import type { Trace } from '../trace/trace.js';
import { ResourceVariable } from '../variables/resource-variable.js';
import { select } from './select.js';

const PAGE = 1024;
const none = (trace: Trace): number => trace.constantOf([], DType.INT32, [0]);

/** The counts that one recording of a step raised, per page: names in the order of the tensor's elements. */
export interface RaisedCounts {
  readonly names: readonly string[];
  /** Symbolic id, int32 [names.length]. */
  readonly counts: number;
}

/**
 * How often each parameter was updated, in vectors of 1,024: one addition raises the counts of all the parameters of a step, and one small computation
 * gives all their bias corrections.
 */
export class StepCounts {
  readonly #runtime: NativeRuntime;
  readonly #pages: ResourceVariable[] = [];
  readonly #places = new Map<string, number>();
  readonly #onDestroy: (variable: ResourceVariable) => void;

  constructor(runtime: NativeRuntime, onDestroy: (variable: ResourceVariable) => void) {
    this.#runtime = runtime;
    this.#onDestroy = onDestroy;
  }

  get resources(): number {
    return this.#pages.length;
  }

  has(name: string): boolean {
    return this.#places.has(name);
  }

  /** Makes room for a parameter, at count 0. */
  add(name: string): void {
    if (this.#places.has(name)) return;
    const place = this.#places.size;
    this.#places.set(name, place);
    if (place % PAGE === 0) {
      this.#pages.push(
        ResourceVariable.of(
          this.#runtime,
          `steps_${this.#pages.length}`,
          [PAGE],
          DType.INT32,
          new Int32Array(PAGE),
          this.#onDestroy,
        ),
      );
    }
  }

  /** Records: add one to each of these counts, and read them. @param when symbolic id, bool []: whether to add at all */
  raise(trace: Trace, names: readonly string[], when?: number): RaisedCounts[] {
    return this.#pages.flatMap((page, pageIndex) => {
      const here = names.filter((name) => Math.floor(this.#place(name) / PAGE) === pageIndex);
      if (here.length === 0) return [];
      const at = here.map((name) => this.#place(name) % PAGE);
      const ones = new Int32Array(PAGE);
      for (const index of at) ones[index] = 1;
      const handle = trace.captureResource(page);
      const added = trace.constantOf([PAGE], DType.INT32, ones);
      trace.addOp(
        'AssignAddVariableOp',
        [attr.type('dtype', DType.INT32)],
        [handle, when === undefined ? added : select(trace, DType.INT32, when, added, none(trace))],
        0,
      );
      const all = trace.readResource(page);
      const indices = trace.constantOf([at.length], DType.INT32, Int32Array.from(at));
      const axis = trace.constantOf([], DType.INT32, [0]);
      const attributes = [
        attr.type('Tparams', DType.INT32),
        attr.type('Tindices', DType.INT32),
        attr.type('Taxis', DType.INT32),
        attr.int('batch_dims', 0),
      ];
      const [counts] = trace.addOp('GatherV2', attributes, [all, indices, axis], 1);
      return [{ names: here, counts: counts?.id as number }];
    });
  }

  read(): Map<string, number> {
    const pages = this.#pages.map((page) => page.values() as Int32Array);
    return new Map(
      [...this.#places].map(([name, place]) => [name, pages[Math.floor(place / PAGE)]?.[place % PAGE] ?? 0]),
    );
  }

  /** Sets every count; a name without one starts at 0. */
  write(counts: ReadonlyMap<string, number>): void {
    for (const name of counts.keys()) this.add(name);
    this.#pages.forEach((page, pageIndex) => {
      const values = new Int32Array(PAGE);
      for (const [name, place] of this.#places)
        if (Math.floor(place / PAGE) === pageIndex) values[place % PAGE] = counts.get(name) ?? 0;
      page.writeValues(values);
    });
  }

  destroy(): void {
    for (const page of this.#pages.splice(0)) page.destroy();
    this.#places.clear();
  }

  #place(name: string): number {
    return this.#places.get(name) as number;
  }
}
