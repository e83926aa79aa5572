import { validate } from '../config/validate.js';
import { isMultichexnetError, MultichexnetError } from '../errors.js';
import type { Choice } from '../model/network.js';
import type { AnyHead } from '../plugin/head-plugin.js';
import { suggestion } from '../plugin/nearest.js';
import type { PluginRegistry, PluginRole } from '../plugin/registry.js';

/** Validates the options of one plugin choice; `kind`, and `root` for datasets, are core's own keys. */
export class OptionsCheck {
  private readonly registry: PluginRegistry;
  private readonly problems: MultichexnetError[];
  private readonly file: string | undefined;

  constructor(registry: PluginRegistry, problems: MultichexnetError[], file: string | undefined) {
    this.registry = registry;
    this.problems = problems;
    this.file = file;
  }

  check(role: PluginRole, choice: Choice, path: string, owner: string): Choice {
    const { kind, root, ...rest } = choice;
    const given = role === 'dataset' || root === undefined ? rest : { ...rest, root };
    const known = this.registry.kinds(role);
    const at = this.file === undefined ? {} : { file: this.file };
    if (!known.includes(kind)) {
      this.problems.push(
        new MultichexnetError('PLUGIN_UNKNOWN', `no ${role} plugin of kind "${kind}"; ${suggestion(kind, known)}`, {
          path: `${path}.kind`,
          ...at,
        }),
      );
      return choice;
    }
    const plugin =
      role === 'head'
        ? this.registry.head(kind)
        : role === 'encoder'
          ? this.registry.encoder(kind)
          : this.registry.dataset(kind);
    const checked = validate<Record<string, unknown>>(plugin.options, given, {
      path,
      owner: `${owner} (kind ${kind})`,
      ...at,
    });
    this.problems.push(...checked.problems);
    return { kind, ...checked.value, ...(role === 'dataset' && root !== undefined ? { root } : {}) };
  }
}

