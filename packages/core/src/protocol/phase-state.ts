import { MultichexnetError } from '../errors.js';
import { loadParameters, resetModule, type HeadModule, type Module, type Parameter } from '../model/network.js';
import type { NamedTensor } from '../store/safetensors.js';
import { parentModule, type ResolvedPhase } from './resolved-phase.js';
import { selects } from './workbench.js';

/** Parameters of a finished phase, by the names in its checkpoint. */
export type PhaseParameters = Readonly<Record<string, NamedTensor>>;

export interface Parent {
  readonly phase: ResolvedPhase;
  readonly parameters: PhaseParameters;
}

/**
 * Puts a phase's network into its starting state: every module afresh, then from its parent where it has one, then `fresh` parts afresh again. A gate takes
 * theta_feats of the parent's classification head and a new decision layer (eq. 11, 13, 15).
 * @throws MultichexnetError PHASE_PARENT when a parent lacks a weight that should be carried over
 */
export function initialiseNetwork(
  phase: ResolvedPhase,
  modules: readonly (Module | HeadModule)[],
  parents: ReadonlyMap<string, Parent>,
): void {
  const fresh = selects(phase.fresh);
  for (const module of modules) {
    resetModule(module);
    const parentName = phase.from[module.name];
    if (parentName === undefined) continue;
    const parent = parents.get(parentName);
    const source = parent === undefined ? undefined : parentModule(parent.phase, module.name);
    if (parent === undefined || source === undefined)
      throw new MultichexnetError(
        'PHASE_PARENT',
        `phase "${phase.name}": "${module.name}" should start from "${parentName}", which does not have it`,
      );
    const carried = module.parameters.filter(
      (parameter) => !fresh(parameter, module.name) && !(source !== module.name && parameter.decision),
    );
    const values = Object.fromEntries(
      carried.map((parameter) => [parameter.name, parent.parameters[renamed(parameter, module.name, source)]]),
    );
    const missing = loadParameters(carried, values as PhaseParameters);
    if (missing.length > 0)
      throw new MultichexnetError(
        'PHASE_PARENT',
        `phase "${phase.name}": "${parentName}" has no ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`,
      );
  }
}

function renamed(parameter: Parameter, module: string, source: string): string {
  return `${source}${parameter.name.slice(module.length)}`;
}
