import { separateOwnKeys } from '../data/own-keys.js';
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MultichexnetError } from '../errors.js';
import type { Choice } from '../model/network.js';
import { suggestion } from '../plugin/nearest.js';
import type { PluginRegistry, PluginRole } from '../plugin/registry.js';
import type { UserConfig } from './user-config.js';
import { userConfigSchema } from './user-config-schema.js';
import { validate } from './validate.js';

export interface CheckContext {
  readonly registry: PluginRegistry;
  /** For messages. */
  readonly file?: string;
  /** Package and version of a plugin, for messages. */
  readonly packageOf?: (role: PluginRole, kind: string) => string | undefined;
}

export interface CheckedConfig {
  /** With plugin defaults filled in; meaningless when there are problems. */
  readonly config: UserConfig;
  readonly problems: readonly MultichexnetError[];
}

/** Everything wrong with a config that can be known without reading data: envelope, plugin options, names, roots. */
export async function checkUserConfig(value: unknown, context: CheckContext): Promise<CheckedConfig> {
  const place = { path: '', owner: 'a config', ...(context.file === undefined ? {} : { file: context.file }) };
  const { value: config, problems: envelope } = validate<UserConfig>(userConfigSchema, value, place);
  const check = new Check(context);
  // Plugin options are checked even where the envelope is wrong, so that all problems come at once.
  const given = (value ?? {}) as { datasets?: unknown; model?: { heads?: unknown; encoder?: unknown } | null };
  const datasets = check.choices('dataset', given.datasets, 'datasets');
  const heads = check.choices('head', given.model?.heads, 'model.heads');
  const encoder = check.choice('encoder', given.model?.encoder, 'model.encoder', 'encoder');
  if (envelope.length > 0) return { config, problems: [...envelope.map(withoutPhases), ...check.problems] };
  check.names(config);
  await check.roots(config);
  return {
    config: { ...config, datasets: datasets, model: { encoder: encoder as Choice, heads } },
    problems: check.problems,
  };
}

/** Who writes phases into a config has a protocol in mind. */
function withoutPhases(problem: MultichexnetError): MultichexnetError {
  const { code, place } = problem;
  if (code !== 'CONFIG_UNKNOWN_KEY' || place.path !== 'phases') return problem;
  const message =
    'a config trains one phase, whose words stand under train (train.steps); a file with phases is a protocol, which "multichexnet protocol run FILE" takes';
  return new MultichexnetError(code, message, place);
}

class Check {
  readonly problems: MultichexnetError[] = [];
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  choices(role: PluginRole, choices: unknown, path: string): Record<string, Choice> {
    if (typeof choices !== 'object' || choices === null) return {};
    return Object.fromEntries(
      Object.entries(choices).map(([name, choice]) => [
        name,
        this.choice(role, choice, `${path}.${name}`, `${role} "${name}"`) as Choice,
      ]),
    );
  }

  /** The choice with its plugin's defaults; as it is where it is not even an object with a kind, of which the envelope tells. */
  choice(role: PluginRole, choice: unknown, path: string, owner: string): unknown {
    if (typeof choice !== 'object' || choice === null) return choice;
    const { kind, ...given } = choice as Record<string, unknown>;
    if (typeof kind !== 'string') return choice;
    const { registry, file, packageOf } = this.context;
    const known = registry.kinds(role);
    if (!known.includes(kind)) {
      this.add('PLUGIN_UNKNOWN', `no ${role} plugin of kind "${kind}"; ${suggestion(kind, known)}`, `${path}.kind`);
      return choice;
    }
    const { own, options } = role === 'dataset' ? separateOwnKeys(given) : { own: {}, options: given };
    const plugin =
      role === 'head' ? registry.head(kind) : role === 'encoder' ? registry.encoder(kind) : registry.dataset(kind);
    const checked = validate<Record<string, unknown>>(plugin.options as object, options, {
      path,
      owner: `${owner} (${packageOf?.(role, kind) ?? `kind ${kind}`})`,
      ...(file === undefined ? {} : { file }),
    });
    this.problems.push(...checked.problems);
    return { kind, ...checked.value, ...own };
  }

  /** Every name of a dataset, head or module stands for something. */
  names({ datasets, model, train }: UserConfig): void {
    const heads = Object.keys(model.heads);
    const modules = ['encoder', ...heads];
    for (const [i, turn] of train.schedule.turns.entries()) {
      const path = `train.schedule.turns[${i}]`;
      this.known('CONFIG_UNKNOWN_DATASET', 'dataset', turn.dataset, Object.keys(datasets), `${path}.dataset`);
      for (const [j, head] of turn.heads.entries())
        this.known('CONFIG_UNKNOWN_HEAD', 'head', head, heads, `${path}.heads[${j}]`);
    }
    for (const head of Object.keys(train.weights ?? {}))
      this.known('CONFIG_UNKNOWN_HEAD', 'head', head, heads, `train.weights.${head}`);
    for (const key of ['freeze', 'fresh'] as const)
      for (const [i, word] of (train[key] ?? []).entries())
        this.known('CONFIG_UNKNOWN_HEAD', 'module', word.split('.')[0] ?? '', modules, `train.${key}[${i}]`);
    if (typeof train.from === 'object')
      for (const module of Object.keys(train.from))
        this.known('CONFIG_UNKNOWN_HEAD', 'module', module, modules, `train.from.${module}`);
    if (typeof train.gate?.from === 'object')
      for (const head of Object.keys(train.gate.from))
        this.known('CONFIG_UNKNOWN_HEAD', 'head', head, heads, `train.gate.from.${head}`);
  }

  /** A root that is no folder, or holds nothing of its layout. What is wrong inside is found when it is opened. */
  async roots({ datasets }: UserConfig): Promise<void> {
    for (const [name, { kind, root }] of Object.entries(datasets)) {
      if (root === undefined || !this.context.registry.kinds('dataset').includes(kind)) continue;
      const { layout } = this.context.registry.dataset(kind);
      const entries = await readdir(resolve(root)).catch(() => undefined);
      const wanted = topNames(layout);
      if (entries !== undefined && (wanted.length === 0 || wanted.some((entry) => entries.includes(entry)))) continue;
      const what = entries === undefined ? 'is no folder' : `has none of ${wanted.join(', ')}`;
      this.add(
        'DATA_ROOT_MISSING',
        `${root} ${what}; a root of ${kind} holds:\n${layout.map((line) => `  ${line}`).join('\n')}`,
        `datasets.${name}.root`,
      );
    }
  }

  private known(code: string, what: string, name: string, known: readonly string[], path: string): void {
    if (!known.includes(name)) this.add(code, `there is no ${what} "${name}"; ${suggestion(name, known)}`, path);
  }

  private add(code: string, message: string, path: string): void {
    const { file } = this.context;
    this.problems.push(new MultichexnetError(code, message, { path, ...(file === undefined ? {} : { file }) }));
  }
}

/** Names of files and folders that stand directly in a root, from a plugin's description of its layout. */
function topNames(layout: readonly string[]): string[] {
  return [...new Set(layout.flatMap((line) => line.match(/[\w.-]+\.(?:csv|txt|tsv|json)\b|[\w.-]+(?=\/)/g) ?? []))];
}
