import { validate } from '../config/validate.js';
import { isMultichexnetError, type MultichexnetError } from '../errors.js';
import { encoderDifference, type ExternalPhase } from './external-phases.js';
import type { Choice } from '../model/network.js';
import type { AnyHead } from '../plugin/head-plugin.js';
import { suggestion } from '../plugin/nearest.js';
import type { PluginRegistry } from '../plugin/registry.js';
import { createSchedule, type ScheduleConfig } from '../schedule/schedule.js';
import type { Schedule } from '../schedule/turn.js';
import { checkTables } from './check-tables.js';
import { OptionsCheck } from './options-check.js';
import { phaseSettings, settingsProblems } from './phase-settings.js';
import type { PhaseConfig, PhaseSettings, ProtocolConfig } from './protocol.js';
import { protocolSchema } from './protocol-schema.js';
import { GATE, POSITIVE, parentModule, type ResolvedPhase, type ResolvedProtocol } from './resolved-phase.js';

export interface Resolution {
  /** Absent when there are problems. */
  readonly protocol?: ResolvedProtocol;
  readonly problems: readonly MultichexnetError[];
}

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
  const check = new OptionsCheck(registry, file);
  const { problems } = check;
  const model = {
    encoder: check.check('encoder', config.model.encoder, 'model.encoder', 'encoder'),
    heads: mapValues(config.model.heads, (choice, name) =>
      check.check('head', choice, `model.heads.${name}`, `head "${name}"`),
    ),
  };
  check.tryEncoder(model.encoder, 'model.encoder');
  const datasets = mapValues(config.datasets, (choice, name) =>
    check.check('dataset', choice, `datasets.${name}`, `dataset "${name}"`),
  );
  if (problems.length > 0) return { problems };
  const phases = new PhaseResolver({ ...config, model, datasets }, check, externals).resolveAll();
  checkTables(config, phases, check);
  return problems.length > 0 ? { problems } : { protocol: { ...config, model, datasets, phases }, problems };
}

class PhaseResolver {
  private readonly config: ProtocolConfig;
  private readonly checks: OptionsCheck;
  private readonly externals: ReadonlyMap<string, ExternalPhase>;
  private readonly resolved = new Map<string, ResolvedPhase>();
  private readonly open = new Set<string>();

  constructor(config: ProtocolConfig, checks: OptionsCheck, externals: ReadonlyMap<string, ExternalPhase>) {
    this.externals = externals;
    this.config = config;
    this.checks = checks;
  }

  resolveAll(): ResolvedPhase[] {
    const { weights } = this.config.defaults;
    this.checkNames(Object.keys(weights), [...Object.keys(this.config.model.heads), GATE], 'defaults.weights');
    for (const name of Object.keys(this.config.phases)) this.resolve(name, `phases.${name}`);
    return [...this.resolved.values()];
  }

  private problem(code: string, message: string, path: string): void {
    this.checks.problem(code, message, path);
  }

  /** A gate is handed the very images that the gated network sees. */
  private assertSameImages(gate: string, path: string): void {
    const external = this.externals.get(gate);
    const { crop = 'none' } = this.config.preprocessing ?? {};
    if (external === undefined || external.crop === crop) return;
    this.problem(
      'PROTOCOL_PREPROCESSING',
      `the run ${external.run} was trained with preprocessing.crop ${external.crop}, here it is ${crop}, so its networks cannot gate: take its word here, or make that run with this one`,
      path,
    );
  }

  /** Depth first, so that `resolved` is in dependency order. */
  private resolve(name: string, askedAt: string): ResolvedPhase | undefined {
    const external = this.externals.get(name);
    if (external !== undefined) {
      const difference = encoderDifference(external, this.config.model.encoder);
      if (difference !== undefined) this.problem('PROTOCOL_ENCODER', difference, askedAt);
      return external.phase;
    }
    const done = this.resolved.get(name);
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
    let turns: Schedule['turns'] = [];
    try {
      turns = createSchedule(schedule, {}).turns;
    } catch (error) {
      if (!isMultichexnetError(error)) throw error;
      this.problem(error.code, error.message, phase.schedule === undefined ? path : `${path}.schedule`);
    }
    if (phase.crossValidate !== undefined && new Set(schedule.turns.map(({ on }) => on)).size > 1)
      this.problem('PROTOCOL_PHASE', 'cross-validation deals the folds of one dataset', `${path}.crossValidate`);
    const names = new Set(schedule.turns.flatMap((turn) => [...turn.train, ...(turn.heads ?? [])]));
    const fromMap = typeof phase.from === 'object' ? phase.from : {};
    const heads = this.heads(
      phase,
      [...new Set([...names, ...Object.keys(fromMap)])].filter((module) => module !== 'encoder'),
      path,
    );
    const from = this.from(phase, ['encoder', ...Object.keys(heads)], path);
    const gate = this.gate(phase, heads, path);
    this.checkOneGate(schedule, gate, path);
    const steps = this.steps(phase.steps ?? this.config.defaults.steps, path);
    this.checkNames(Object.keys(phase.weights ?? {}), Object.keys(heads), `${path}.weights`);
    this.checkModules([...(phase.fresh ?? []), ...(phase.freeze ?? [])], heads, path);
    const settings = phaseSettings(phase, this.config.defaults, steps ?? 0);
    const metricsOf = (choice: Choice, head: string): string[] | undefined =>
      this.createHead(choice, `${path}.heads.${head}`)?.metrics.map(({ name: metric }) => metric);
    const metrics = settings.select === undefined ? {} : mapValues(heads, metricsOf);
    for (const problem of settingsProblems(settings, { turns, metrics }))
      this.problem('PROTOCOL_PHASE', problem.message, `${path}.${problem.path}`);
    return {
      name,
      schedule,
      heads,
      from,
      gate,
      steps: steps ?? 0,
      fresh: phase.fresh ?? [],
      freeze: phase.freeze ?? [],
      ...settings,
      ...(phase.boxesFromMasks === undefined ? {} : { boxesFromMasks: phase.boxesFromMasks }),
      ...(phase.crossValidate === undefined ? {} : { crossValidate: phase.crossValidate }),
      ...(phase.shots === undefined ? {} : { shots: phase.shots }),
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
          : Object.hasOwn(known, name)
            ? known[name]
            : undefined;
      if (derived === undefined) {
        this.problem(
          'PROTOCOL_UNKNOWN_HEAD',
          `the model has no head "${name}"; ${suggestion(name, ['encoder', GATE, ...Object.keys(known)])}`,
          path,
        );
        return [];
      }
      const merged = { ...derived, ...phase.heads?.[name] };
      return [[name, this.checks.check('head', merged, `${path}.heads.${name}`, `head "${name}"`)]];
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
        return resolved !== undefined && this.leavesOneNetwork(resolved, 'PROTOCOL_FROM', `${path}.from.${module}`);
      });
      return Object.fromEntries(entries);
    }
    const parent = this.resolve(phase.from, `${path}.from`);
    if (parent === undefined || !this.leavesOneNetwork(parent, 'PROTOCOL_FROM', `${path}.from`)) return {};
    const given = phase.from;
    return Object.fromEntries(
      modules.filter((module) => parentModule(parent, module) !== undefined).map((module) => [module, given]),
    );
  }

  private leavesOneNetwork(parent: ResolvedPhase, code: string, path: string): boolean {
    const single = parent.crossValidate === undefined || parent.crossValidate === 'auto';
    if (!single)
      this.problem(
        code,
        `phase "${parent.name}" is cross-validated: it trains a network for each fold and leaves none`,
        path,
      );
    return single;
  }

  private gate(phase: PhaseConfig, choices: Readonly<Record<string, Choice>>, path: string): Record<string, string> {
    if (phase.gate === undefined) return {};
    const heads = Object.keys(choices);
    const gates: Readonly<Record<string, string>> =
      typeof phase.gate === 'object'
        ? phase.gate
        : Object.fromEntries(
            heads.filter((head) => head !== 'cls' && head !== GATE).map((head) => [head, phase.gate as string]),
          );
    for (const [head, gate] of Object.entries(gates)) {
      const own = `${path}.gate.${head}`;
      this.checkNames([head], heads, `${path}.gate`);
      const created = heads.includes(head) ? this.createHead(choices[head], own) : undefined;
      if (created !== undefined && created.empty === undefined)
        this.problem('PROTOCOL_GATE', `head "${head}" cannot stand behind a gate: it has no empty(geometry)`, own);
      if (gate === 'own') {
        if (!heads.includes('cls'))
          this.problem('PROTOCOL_GATE', 'gate "own" needs the head cls in this phase', `${path}.gate`);
        else this.checkGates(choices['cls'], 'cls', own);
        continue;
      }
      this.assertSameImages(gate, `${path}.gate`);
      const parent = this.resolve(gate, `${path}.gate`);
      if (parent === undefined || !this.leavesOneNetwork(parent, 'PROTOCOL_GATE', `${path}.gate`)) continue;
      if (parent.heads[GATE] === undefined)
        this.problem('PROTOCOL_GATE', `phase "${gate}" trains no gate (train: [encoder, gate])`, `${path}.gate`);
      else this.checkGates(parent.heads[GATE], GATE, own);
    }
    return gates;
  }

  /** The heads of one batch see the same images, so that one gate lets them through. */
  private checkOneGate(schedule: ScheduleConfig, gate: Readonly<Record<string, string>>, path: string): void {
    const batches = new Map<string, Set<string>>();
    for (const [i, { on, train, heads = train }] of schedule.turns.entries()) {
      const key = schedule.kind === 'joint' ? on : `${on} ${i}`;
      const gates = batches.get(key) ?? new Set();
      for (const head of heads) if (gate[head] !== undefined) gates.add(gate[head]);
      batches.set(key, gates);
      if (gates.size > 1)
        this.problem(
          'PROTOCOL_GATE',
          `the heads of one batch of "${on}" have several gates: ${[...gates].join(', ')}`,
          `${path}.gate`,
        );
    }
  }

  private checkGates(choice: Choice | undefined, head: string, path: string): void {
    const created = this.createHead(choice, path);
    if (created !== undefined && created.gateScore === undefined)
      this.problem('PROTOCOL_GATE', `head "${head}" cannot gate: it has no gateScore`, path);
  }

  private createHead(choice: Choice | undefined, path: string): AnyHead | undefined {
    return choice === undefined ? undefined : this.checks.createHead(choice, path);
  }

  private isDivided(choice: Choice | undefined, path: string): boolean {
    const head = this.createHead(choice, path);
    return head === undefined || (head.decisionLayers ?? []).length > 0;
  }

  private checkNames(names: readonly string[], known: readonly string[], path: string): void {
    for (const name of names)
      if (!known.includes(name))
        this.problem(
          'PROTOCOL_UNKNOWN_HEAD',
          `${path.startsWith('defaults') ? 'the model' : 'this phase'} has no head "${name}"; ${suggestion(name, known)}`,
          `${path}.${name}`,
        );
  }

  private steps(steps: PhaseSettings['steps'], path: string): number | undefined {
    return typeof steps === 'number' ? steps : this.resolve(steps.of, `${path}.steps.of`)?.steps;
  }

  private checkModules(words: readonly string[], heads: Readonly<Record<string, Choice>>, path: string): void {
    for (const word of words) {
      const [module = '', ...parts] = word.split('.');
      const choice = Object.hasOwn(heads, module) ? heads[module] : undefined;
      if (module !== 'encoder' && choice === undefined)
        this.problem(
          'PROTOCOL_UNKNOWN_HEAD',
          `"${word}" names no module of this phase; ${suggestion(module, ['encoder', ...Object.keys(heads)])}`,
          path,
        );
      if (parts.length === 0) continue;
      if (parts.join() !== 'decision' && parts.join() !== 'features')
        this.problem('PROTOCOL_PHASE', `"${word}": the parts of a head are decision and features (eq. 15)`, path);
      else if (module === 'encoder' || !this.isDivided(choice, path))
        this.problem(
          'PROTOCOL_PHASE',
          `"${word}": "${module}" has no decision layers that would divide it (eq. 15)`,
          path,
        );
    }
  }
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, fn: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value, key)]));
}
