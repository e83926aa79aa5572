import {
  createSchedule,
  explanationOf,
  MultichexnetError,
  suggestion,
  type PluginRegistry,
  type ResolvedPhase,
} from '@multichexnet/core';

/** What a choice of phase is made from. */
export interface Explainable {
  /** In the order of the protocol, those alone whose networks are there. */
  readonly phases: readonly ResolvedPhase[];
  /** Dataset -> findings that its training part labels. */
  readonly labelled: ReadonlyMap<string, ReadonlySet<string>>;
  /** Findings that can be explained. */
  readonly findings: ReadonlySet<string>;
  readonly registry: PluginRegistry;
}

/**
 * The last phase whose own turns taught a head most of the findings; where no phase's did, of what it started from.
 * @param head the only one that counts
 * @throws MultichexnetError EXPLAIN_HEAD_UNKNOWN, EXPLAIN_NOTHING when no head ever was taught one of them
 */
export function chooseExplained(input: Explainable, head: string | undefined): ResolvedPhase {
  const heads = [...new Set(input.phases.flatMap((phase) => Object.keys(phase.heads)))];
  if (head !== undefined && !heads.includes(head))
    throw new MultichexnetError(
      'EXPLAIN_HEAD_UNKNOWN',
      `no finished phase has a head "${head}"; ${suggestion(head, heads)}`,
    );
  for (const inherited of [false, true]) {
    let best: ResolvedPhase | undefined;
    let most = 1;
    for (const phase of input.phases) {
      const names = head === undefined ? Object.keys(phase.heads) : [head];
      const count = Math.max(0, ...names.map((name) => taughtFindings(input, phase, name, inherited).length));
      if (count >= most) [best, most] = [phase, count];
    }
    if (best !== undefined) return best;
  }
  const who = head === undefined ? 'no head' : `no head "${head}"`;
  const findings = [...input.findings].join(', ') || 'there are none';
  throw new MultichexnetError(
    'EXPLAIN_NOTHING',
    `${who} of a finished phase was trained on labels of a finding that has boxes in the test part: ${findings}; train a classifier on them, or name a --phase to see it all the same`,
  );
}

/** Of the findings, those that a head of a phase can be asked for and was taught: by the phase's own turns, and where `inherited` by those that it started from. */
export function taughtFindings(
  { phases, labelled, findings, registry }: Explainable,
  phase: ResolvedPhase,
  head: string,
  inherited = true,
): string[] {
  const choice = phase.heads[head];
  if (choice === undefined) return [];
  const { kind, ...options } = choice;
  const { targets } = explanationOf({ head: registry.head(kind).create(options, { seed: 0 }) });
  const taught = new Set<string>();
  const visit = (at: ResolvedPhase, module: string): void => {
    for (const { parts } of createSchedule(at.schedule, {}).turns)
      for (const { dataset, heads } of parts)
        if (heads.includes(module)) for (const finding of labelled.get(dataset) ?? []) taught.add(finding);
    const parent = phases.find(({ name }) => name === at.from[module]);
    if (!inherited || parent === undefined || at.fresh.some((word) => word.split('.')[0] === module)) return;
    visit(parent, module);
  };
  visit(phase, head);
  return targets.filter((target) => taught.has(target) && findings.has(target));
}
