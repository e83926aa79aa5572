import { separateOwnKeys } from '../data/own-keys.js';
import { validate } from '../config/validate.js';
import { isMultichexnetError, MultichexnetError } from '../errors.js';
import type { Choice } from '../model/network.js';
import type { AnyHead } from '../plugin/head-plugin.js';
import { suggestion } from '../plugin/nearest.js';
import type { PluginRegistry, PluginRole } from '../plugin/registry.js';

/** Checks plugin choices against the plugins' own schemas, and collects what is wrong with its place in the protocol. */
export class OptionsCheck {
  readonly problems: MultichexnetError[] = [];
  /** Choices whose plugin or options are wrong, of which nothing more can be asked. */
  private readonly wrong = new WeakSet<Choice>();
  private readonly registry: PluginRegistry;
  private readonly file: string | undefined;

  constructor(registry: PluginRegistry, file: string | undefined) {
    this.registry = registry;
    this.file = file;
  }

  problem(code: string, message: string, path: string): void {
    this.problems.push(
      new MultichexnetError(code, message, { path, ...(this.file === undefined ? {} : { file: this.file }) }),
    );
  }

  /** The choice with defaults; `kind`, and some keys of datasets, are core's own. */
  check(role: PluginRole, choice: Choice, path: string, owner: string): Choice {
    const { kind, ...rest } = choice;
    const { own, options: given } = role === 'dataset' ? separateOwnKeys(rest) : { own: {}, options: rest };
    const known = this.registry.kinds(role);
    if (!known.includes(kind)) {
      this.problem('PLUGIN_UNKNOWN', `no ${role} plugin of kind "${kind}"; ${suggestion(kind, known)}`, `${path}.kind`);
      this.wrong.add(choice);
      return choice;
    }
    const schema = this.registry[role](kind).options as object;
    const checked = validate<Record<string, unknown>>(schema, given, {
      path,
      owner: `${owner} (kind ${kind})`,
      ...(this.file === undefined ? {} : { file: this.file }),
    });
    this.problems.push(...checked.problems);
    const complete = { kind, ...checked.value, ...own };
    if (checked.problems.length > 0) this.wrong.add(complete);
    return complete;
  }

  /** The head of a choice, to ask what it can do; undefined where its options are wrong, which is reported. */
  createHead(choice: Choice, path: string): AnyHead | undefined {
    return this.create(choice, path, (kind, options) => this.registry.head(kind).create(options, { seed: 0 }));
  }

  /** Reports what only the encoder itself can say of its options: a size that it cannot take, a file of weights that is not there. */
  tryEncoder(choice: Choice, path: string): void {
    this.create(choice, path, (kind, options) => this.registry.encoder(kind).create(options, { seed: 0 }));
  }

  private create<T>(choice: Choice, path: string, make: (kind: string, options: object) => T): T | undefined {
    if (this.wrong.has(choice)) return undefined;
    const { kind, ...options } = choice;
    try {
      return make(kind, options);
    } catch (error) {
      if (!isMultichexnetError(error)) throw error;
      this.problem(error.code, error.message, error.place.path ?? path);
      return undefined;
    }
  }
}
