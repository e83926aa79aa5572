import type { NodePointer } from '../native/pointers.js';

interface ResourceHistory {
  lastWrite: NodePointer | undefined;
  readsSince: NodePointer[];
}

/**
 * Program order of side effects as control edges: a write of a resource waits for the reads and writes of it that came before, a read for the last
 * write. Without them an executor may update a parameter before its old value is read.
 */
export class EffectOrder {
  readonly #history = new Map<number, ResourceHistory>();
  readonly #effects: NodePointer[] = [];

  /** Nodes that must run whether or not an output depends on them. */
  get effects(): readonly NodePointer[] {
    return this.#effects;
  }

  /** Nodes that a node which touches these resources must wait for. */
  before(resources: readonly number[], writes: boolean): Set<NodePointer> {
    const nodes = new Set<NodePointer>();
    for (const resource of resources) {
      const { lastWrite, readsSince } = this.#of(resource);
      if (lastWrite !== undefined) nodes.add(lastWrite);
      if (writes) for (const read of readsSince) nodes.add(read);
    }
    return nodes;
  }

  add(node: NodePointer, resources: readonly number[], writes: boolean): void {
    for (const resource of resources) {
      const history = this.#of(resource);
      if (writes) {
        history.lastWrite = node;
        history.readsSince = [];
      } else {
        history.readsSince.push(node);
      }
    }
    if (writes) this.#effects.push(node);
  }

  #of(resource: number): ResourceHistory {
    let history = this.#history.get(resource);
    if (history === undefined) this.#history.set(resource, (history = { lastWrite: undefined, readsSince: [] }));
    return history;
  }
}
