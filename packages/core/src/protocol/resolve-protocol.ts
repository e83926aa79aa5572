import { MultichexnetError } from '../errors.js';
import { validate } from '../config/validate.js';
import type { ExternalPhase } from './external-phases.js';
import type { Choice } from '../model/network.js';
import type { PluginRegistry, PluginRole } from '../plugin/registry.js';
import { suggestion } from '../plugin/nearest.js';
import type { ScheduleConfig } from '../schedule/schedule.js';
import type { PhaseConfig, PhaseSettings, ProtocolConfig } from './protocol.js';
import { protocolSchema } from './protocol-schema.js';

/** A phase with nothing left to look up. */
export interface ResolvedPhase extends Omit<PhaseSettings, 'steps'> {
  readonly name: string;
  readonly steps: number;
  readonly schedule: ScheduleConfig;
  /** Heads of this phase's network with their options; `gate` is a classification head with the one class `positive`. */
  readonly heads: Readonly<Record<string, Choice>>;
  /** Module -> phase that it starts from; a module that is absent starts afresh. */
  readonly from: Readonly<Record<string, string>>;
  readonly fresh: readonly string[];
  readonly freeze: readonly string[];
  /** Dense head -> phase that trained its gate, or `own`. */
  readonly gate: Readonly<Record<string, string>>;
  readonly boxesFromMasks?: { readonly minArea: number };
  readonly crossValidate?: 'auto' | { readonly folds: number; readonly repeats: number };
}

export interface ResolvedProtocol extends Omit<ProtocolConfig, 'phases'> {
  /** In an order in which every phase comes after those that it needs. */
  readonly phases: readonly ResolvedPhase[];
}

export interface Resolution {
  /** Absent when there are problems. */
  readonly protocol?: ResolvedProtocol;
  readonly problems: readonly MultichexnetError[];
}

/** The head that gates: the classification head with the one class `positive`. */
export const GATE = 'gate';
export const POSITIVE = 'positive';

/** Checks a protocol whole - envelope, plugin options, references - and reports every problem at once. */
export function resolveProtocol(
  value: unknown,
  registry: PluginRegistry,
  file?: string,
  externals: ReadonlyMap<string, ExternalPhase> = new Map(),
): Resolution {
  const place = { path: '', owner: 'a protocol', ...(file === undefined ? {} : { file }) };
  const { value: config, problems: envelope } = validate<ProtocolConfig>(protocolSchema, value, place);
  if (envelope.length > 0) return { problems: envelope };
  const problems: MultichexnetError[] = [];
  const options = new OptionsCheck(registry, problems, file);
  const model = {
    encoder: options.check('encoder', config.model.encoder, 'model.encoder', 'encoder'),
    heads: mapValues(config.model.heads, (choice, name) =>
      options.check('head', choice, `model.heads.${name}`, `head "${name}"`),
    ),
  };
  const datasets = mapValues(config.datasets, (choice, name) =>
    options.check('dataset', choice, `datasets.${name}`, `dataset "${name}"`),
  );
  if (problems.length > 0) return { problems };
  const resolver = new PhaseResolver({ ...config, model, datasets }, options, problems, file, externals);
  const phases = resolver.resolveAll();
  checkTables(config, phases, problems, file);
  return problems.length > 0 ? { problems } : { protocol: { ...config, model, datasets, phases }, problems };
}

class PhaseResolver {
  private readonly config: ProtocolConfig;
  private readonly options: OptionsCheck;
  private readonly problems: MultichexnetError[];
  private readonly file: string | undefined;
  private readonly externals: ReadonlyMap<string, ExternalPhase>;
  private readonly resolved = new Map<string, ResolvedPhase>();
  private readonly open = new Set<string>();

  constructor(
    config: ProtocolConfig,
    options: OptionsCheck,
    problems: MultichexnetError[],
    file: string | undefined,
    externals: ReadonlyMap<string, ExternalPhase>,
  ) {
    this.externals = externals;
    this.config = config;
    this.options = options;
    this.problems = problems;
    this.file = file;
  }

  resolveAll(): ResolvedPhase[] {
    for (const name of Object.keys(this.config.phases)) this.resolve(name, `phases.${name}`);
    return [...this.resolved.values()];
  }

  private problem(code: string, message: string, path: string): void {
    this.problems.push(
      new MultichexnetError(code, message, { path, ...(this.file === undefined ? {} : { file: this.file }) }),
    );
  }

  /** Depth first, so that `resolved` is in dependency order. */
  private resolve(name: string, askedAt: string): ResolvedPhase | undefined {
    const done = this.externals.get(name)?.phase ?? this.resolved.get(name);
    if (done !== undefined) return done;
    if (!Object.hasOwn(this.config.phases, name)) {
      this.problem(
        'PROTOCOL_UNKNOWN_PHASE',
        `there is no phase "${name}"; ${suggestion(name, Object.keys(this.config.phases))}`,
        askedAt,
      );
      return undefined;
    }
    if (this.open.has(name)) {
      this.problem('PROTOCOL_CYCLE', `phase "${name}" needs itself (through ${[...this.open].join(' -> ')})`, askedAt);
      return undefined;
    }
    this.open.add(name);
    const phase = this.build(name, this.inherit(name, new Set()));
    this.open.delete(name);
    if (phase !== undefined) this.resolved.set(name, phase);
    return phase;
  }

  /** `like`: the other phase's words with these on top; `train`/`on` replace a schedule and the other way round. */
  private inherit(name: string, seen: Set<string>): PhaseConfig {
    const own = this.config.phases[name] as PhaseConfig;
    if (own.like === undefined) return own;
    const path = `phases.${name}.like`;
    if (seen.has(name) || !Object.hasOwn(this.config.phases, own.like)) {
      if (seen.has(name)) this.problem('PROTOCOL_CYCLE', `phase "${name}" is like itself`, path);
      else
        this.problem(
          'PROTOCOL_UNKNOWN_PHASE',
          `there is no phase "${own.like}"; ${suggestion(own.like, Object.keys(this.config.phases))}`,
          path,
        );
      return own;
    }
    const base = this.inherit(own.like, seen.add(name));
    const { schedule, train, on, ...others } = base;
    if (own.schedule !== undefined || own.train !== undefined || own.on !== undefined)
      return {
        ...others,
        ...(own.schedule === undefined && train !== undefined ? { train } : {}),
        ...(own.schedule === undefined && on !== undefined ? { on } : {}),
        ...own,
      };
    return { ...others, ...(schedule === undefined ? { train, on } : { schedule }), ...own } as PhaseConfig;
  }

  private build(name: string, phase: PhaseConfig): ResolvedPhase | undefined {
    const path = `phases.${name}`;
    const schedule = this.schedule(phase, path);
    if (schedule === undefined) return undefined;
    for (const [i, turn] of schedule.turns.entries())
      if (!Object.hasOwn(this.config.datasets, turn.on))
        this.problem(
          'PROTOCOL_UNKNOWN_DATASET',
          `there is no dataset "${turn.on}"; ${suggestion(turn.on, Object.keys(this.config.datasets))}`,
          phase.schedule === undefined ? `${path}.on` : `${path}.schedule.turns[${i}].on`,
        );
    const names = new Set(schedule.turns.flatMap((turn) => [...turn.train, ...(turn.heads ?? [])]));
    const fromMap = typeof phase.from === 'object' ? phase.from : {};
    const heads = this.heads(
      phase,
      [...new Set([...names, ...Object.keys(fromMap)])].filter((module) => module !== 'encoder'),
      path,
    );
    const from = this.from(phase, ['encoder', ...Object.keys(heads)], path);
    const gate = this.gate(phase, Object.keys(heads), path);
    const steps = this.steps(phase.steps ?? this.config.defaults.steps, path);
    this.checkModules([...(phase.fresh ?? []), ...(phase.freeze ?? [])], heads, path);
    const { defaults } = this.config;
    const { teacherForcing, learningRate } = phase;
    return {
      name,
      schedule,
      heads,
      from,
      gate,
      steps: steps ?? 0,
      fresh: phase.fresh ?? [],
      freeze: phase.freeze ?? [],
      batchSize: phase.batchSize ?? defaults.batchSize,
      optimizer: phase.optimizer ?? defaults.optimizer,
      positivePortion: phase.positivePortion ?? defaults.positivePortion,
      weights: phase.weights ?? defaults.weights,
      batchNorm: phase.batchNorm ?? defaults.batchNorm,
      checkpointEvery: phase.checkpointEvery ?? defaults.checkpointEvery,
      augment: { ...defaults.augment, ...phase.augment },
      learningRate: {
        ...defaults.learningRate,
        ...(typeof learningRate === 'number' ? { base: learningRate } : learningRate),
      },
      teacherForcing: {
        ...defaults.teacherForcing,
        ...(typeof teacherForcing === 'number' ? { probability: teacherForcing } : teacherForcing),
      },
      ...(phase.boxesFromMasks === undefined ? {} : { boxesFromMasks: phase.boxesFromMasks }),
      ...(phase.crossValidate === undefined ? {} : { crossValidate: phase.crossValidate }),
    };
  }

  private schedule(phase: PhaseConfig, path: string): ScheduleConfig | undefined {
    if (phase.schedule !== undefined) {
      if (phase.on !== undefined || phase.train !== undefined)
        this.problem('PROTOCOL_PHASE', 'a phase has either train and on, or a schedule', path);
      return phase.schedule;
    }
    if (phase.train === undefined || phase.on === undefined) {
      this.problem('PROTOCOL_PHASE', 'a phase needs train and on, or a schedule', path);
      return undefined;
    }
    return { kind: 'alternating', turns: [{ on: phase.on, train: phase.train }] };
  }

  private heads(phase: PhaseConfig, names: readonly string[], path: string): Record<string, Choice> {
    const known: Readonly<Record<string, Choice>> = this.config.model.heads;
    const entries = names.flatMap((name): [string, Choice][] => {
      const derived =
        name === GATE && known[GATE] === undefined && known['cls'] !== undefined
          ? { ...known['cls'], classes: [POSITIVE] }
          : known[name];
      if (derived === undefined) {
        this.problem(
          'PROTOCOL_UNKNOWN_HEAD',
          `the model has no head "${name}"; ${suggestion(name, ['encoder', GATE, ...Object.keys(known)])}`,
          path,
        );
        return [];
      }
      const merged = { ...derived, ...phase.heads?.[name] };
      return [[name, this.options.check('head', merged, `${path}.heads.${name}`, `head "${name}"`)]];
    });
    for (const name of Object.keys(phase.heads ?? {}))
      if (!names.includes(name))
        this.problem(
          'PROTOCOL_UNKNOWN_HEAD',
          `this phase has no head "${name}"; ${suggestion(name, names)}`,
          `${path}.heads.${name}`,
        );
    return Object.fromEntries(entries);
  }

  private from(phase: PhaseConfig, modules: readonly string[], path: string): Record<string, string> {
    if (phase.from === undefined || phase.from === 'nothing') return {};
    if (typeof phase.from === 'object') {
      const entries = Object.entries(phase.from).filter(([module, parent]) => {
        const resolved = this.resolve(parent, `${path}.from.${module}`);
        if (resolved !== undefined && parentModule(resolved, module) === undefined)
          this.problem(
            'PROTOCOL_FROM',
            `phase "${parent}" has no module "${module}"; it has encoder, ${Object.keys(resolved.heads).join(', ')}`,
            `${path}.from.${module}`,
          );
        return resolved !== undefined;
      });
      return Object.fromEntries(entries);
    }
    const parent = this.resolve(phase.from, `${path}.from`);
    if (parent === undefined) return {};
    const given = phase.from;
    return Object.fromEntries(
      modules.filter((module) => parentModule(parent, module) !== undefined).map((module) => [module, given]),
    );
  }

  private gate(phase: PhaseConfig, heads: readonly string[], path: string): Record<string, string> {
    if (phase.gate === undefined) return {};
    const gates: Readonly<Record<string, string>> =
      typeof phase.gate === 'object'
        ? phase.gate
        : Object.fromEntries(
            heads.filter((head) => head !== 'cls' && head !== GATE).map((head) => [head, phase.gate as string]),
          );
    for (const [head, gate] of Object.entries(gates)) {
      if (!heads.includes(head))
        this.problem(
          'PROTOCOL_UNKNOWN_HEAD',
          `this phase has no head "${head}"; ${suggestion(head, heads)}`,
          `${path}.gate.${head}`,
        );
      if (gate === 'own') {
        if (!heads.includes('cls'))
          this.problem('PROTOCOL_GATE', 'gate "own" needs the head cls in this phase', `${path}.gate`);
        continue;
      }
      const parent = this.resolve(gate, `${path}.gate`);
      if (parent !== undefined && parent.heads[GATE] === undefined)
        this.problem('PROTOCOL_GATE', `phase "${gate}" trains no gate (train: [encoder, gate])`, `${path}.gate`);
    }
    return gates;
  }

  private steps(steps: PhaseSettings['steps'], path: string): number | undefined {
    return typeof steps === 'number' ? steps : this.resolve(steps.of, `${path}.steps.of`)?.steps;
  }

  private checkModules(words: readonly string[], heads: Readonly<Record<string, Choice>>, path: string): void {
    for (const word of words) {
      const [module = '', part] = word.split('.');
      if (module !== 'encoder' && heads[module] === undefined)
        this.problem(
          'PROTOCOL_UNKNOWN_HEAD',
          `"${word}" names no module of this phase; ${suggestion(module, ['encoder', ...Object.keys(heads)])}`,
          path,
        );
      if (part !== undefined && part !== 'decision' && part !== 'features')
        this.problem('PROTOCOL_PHASE', `"${word}": the parts of a head are decision and features (eq. 15)`, path);
    }
  }
}

/** The module of a parent phase that a module starts from: its namesake, or `cls` for a gate (eq. 11 and 13 train the classification path further). */
export function parentModule(parent: Pick<ResolvedPhase, 'heads'>, module: string): string | undefined {
  if (module === 'encoder' || parent.heads[module] !== undefined) return module;
  return module === GATE && parent.heads['cls'] !== undefined ? 'cls' : undefined;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, fn: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value, key)]));
}
