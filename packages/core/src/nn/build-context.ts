import { MultichexnetError } from '../errors.js';
import { createSlot } from './global-slot.js';

/** What layers need while a model is built: where their weights come from and which names are taken. */
export interface BuildContext {
  /** Seed of this model's initial weights; each layer derives its own from it and its name. */
  readonly seed: number;
  /** Name of the model (`encoder`, or the head's key in the config); keeps equally named dropout layers of two heads independent. */
  readonly scope: string;
  /** `loaded`: the caller loads every value afterwards, so that none is drawn and kernels start as zeros. Default `drawn`. */
  readonly initial?: 'drawn' | 'loaded';
}

interface ActiveBuild extends BuildContext {
  readonly names: Set<string>;
}

const active = createSlot<ActiveBuild>('build-context');

/** Runs `fn`, in which core's layers may be created. Layer names need be unique within one context only. */
export function withBuildContext<T>(context: BuildContext, fn: () => T): T {
  return active.run({ ...context, names: new Set() }, fn);
}

/** @throws {MultichexnetError} NN_NO_BUILD_CONTEXT */
export function currentBuild(): BuildContext {
  const build = active.get();
  if (build === undefined) {
    throw new MultichexnetError(
      'NN_NO_BUILD_CONTEXT',
      'a layer was created outside of a model: call it inside build(), and a test builds with buildHead of @multichexnet/testing',
    );
  }
  return build;
}

/**
 * Reserves a layer name: the one given, or `kind`, `kind_1`, ... in order of creation.
 *
 * @throws {MultichexnetError} NN_LAYER_NAME_TAKEN, NN_NO_BUILD_CONTEXT
 */
export function claimName(kind: string, name: string | undefined): string {
  const { names, scope } = currentBuild() as ActiveBuild;
  if (name !== undefined) {
    if (names.has(name)) {
      throw new MultichexnetError(
        'NN_LAYER_NAME_TAKEN',
        `"${scope}" has two layers named "${name}": give each its own name`,
      );
    }
    names.add(name);
    return name;
  }
  let free = kind;
  for (let i = 1; names.has(free); i++) free = `${kind}_${i}`;
  names.add(free);
  return free;
}
