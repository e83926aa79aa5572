import { Ajv, type DefinedError, type ValidateFunction } from 'ajv';
import { MultichexnetError } from '../errors.js';
import { suggestion } from '../plugin/nearest.js';

/** `verbose` gives the value that was got; coercion is off: in a config `"8"` is a mistake. */
const ajv = new Ajv({
  strict: true,
  allErrors: true,
  useDefaults: true,
  discriminator: true,
  verbose: true,
  allowUnionTypes: true,
});
const compiled = new WeakMap<object, ValidateFunction>();

export interface Validated<T> {
  /** A copy with defaults filled in; meaningless when there are problems. */
  readonly value: T;
  readonly problems: readonly MultichexnetError[];
}

export interface ValidationPlace {
  /** Path of the value in the config, in the user's notation; '' = the whole file. */
  readonly path: string;
  readonly file?: string;
  /** Who wants it, for messages: `head "det" (@multichexnet/head-det)`. */
  readonly owner: string;
}

/**
 * Checks a value against a JSON Schema: cloned first, since defaults are written into what is checked.
 * @throws MultichexnetError PLUGIN_SCHEMA when the schema itself is wrong
 */
export function validate<T>(schema: object, value: unknown, place: ValidationPlace): Validated<T> {
  const check = compile(schema, place.owner);
  let copy: unknown;
  try {
    copy = structuredClone(value);
  } catch (error) {
    const message = `${place.owner}: only plain data can be an option (${error instanceof Error ? error.message : String(error)})`;
    return {
      value: value as T,
      problems: [new MultichexnetError('CONFIG_VALUE', message, at(place.path, place.file))],
    };
  }
  if (check(copy)) return { value: copy as T, problems: [] };
  return { value: copy, problems: toProblems(check.errors as DefinedError[], place) };
}

function compile(schema: object, owner: string): ValidateFunction {
  let check = compiled.get(schema);
  if (check === undefined) {
    try {
      check = ajv.compile(schema);
    } catch (error) {
      throw new MultichexnetError(
        'PLUGIN_SCHEMA',
        `${owner}: its options schema cannot be used: ${error instanceof Error ? error.message : String(error)}`,
        {},
        { cause: error },
      );
    }
    compiled.set(schema, check);
  }
  return check;
}

function at(path: string, file: string | undefined): { path: string; file?: string } {
  return { path, ...(file === undefined ? {} : { file }) };
}

/** `a.b[2].c` from ajv's `/a/b/2/c`, below a prefix. */
export function joinPath(prefix: string, pointer: string): string {
  let path = prefix;
  for (const raw of pointer.split('/').slice(1)) {
    const part = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (/^\d+$/.test(part)) path += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(part)) path += path === '' ? part : `.${part}`;
    else path += `["${part}"]`;
  }
  return path;
}

function toProblems(errors: readonly DefinedError[], place: ValidationPlace): MultichexnetError[] {
  // A failed branch of oneOf/anyOf/if also reports the combination itself, which says nothing of use.
  // What is wrong with a key is said once, by `propertyNames`.
  const useful = errors.filter(
    ({ keyword, propertyName }) =>
      propertyName === undefined && !['oneOf', 'anyOf', 'if', 'allOf', 'not'].includes(keyword),
  );
  return (useful.length > 0 ? useful : errors).map((error) => toProblem(error, place));
}

function toProblem(error: DefinedError, { path: prefix, file, owner }: ValidationPlace): MultichexnetError {
  const path = joinPath(prefix, error.instancePath);
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- `default` passes on what ajv says of the others
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = error.params.additionalProperty;
      const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
      return new MultichexnetError(
        'CONFIG_UNKNOWN_KEY',
        `${owner} has no option "${key}"; ${suggestion(key, known)}`,
        at(joinPath(path, `/${escapePointer(key)}`), file),
      );
    }
    case 'required': {
      const key = error.params.missingProperty;
      return new MultichexnetError(
        'CONFIG_MISSING_KEY',
        `${owner} needs "${key}"`,
        at(joinPath(path, `/${escapePointer(key)}`), file),
      );
    }
    case 'enum': {
      const allowed = (error.params.allowedValues as unknown[]).map(String);
      return new MultichexnetError(
        'CONFIG_VALUE',
        `${owner}: got ${show(error.data)}; ${suggestion(String(error.data), allowed)}`,
        at(path, file),
      );
    }
    case 'type':
      return new MultichexnetError(
        'CONFIG_TYPE',
        `${owner}: wanted ${String(error.params.type)}, got ${show(error.data)}`,
        at(path, file),
      );
    case 'const':
      return new MultichexnetError(
        'CONFIG_VALUE',
        `${owner}: wanted ${show(error.params.allowedValue)}, got ${show(error.data)}`,
        at(path, file),
      );
    case 'propertyNames': {
      const key = error.params.propertyName;
      const { pattern } = error.schema as { readonly pattern?: string };
      return new MultichexnetError(
        'CONFIG_NAME',
        `${owner}: "${key}" cannot be a name here${pattern === undefined ? '' : `; names match ${pattern}`}`,
        at(joinPath(path, `/${escapePointer(key)}`), file),
      );
    }
    case 'discriminator':
      return new MultichexnetError(
        'CONFIG_VALUE',
        `${owner}: "${error.params.tag}" is ${show(error.params.tagValue)}; ${suggestion(
          String(error.params.tagValue),
          branchesOf(error.parentSchema, error.params.tag),
        )}`,
        at(joinPath(path, `/${error.params.tag}`), file),
      );
    default:
      return new MultichexnetError(
        'CONFIG_VALUE',
        `${owner}: ${error.message ?? error.keyword}, got ${show(error.data)}`,
        at(path, file),
      );
  }
}

/** The words that choose a branch of a discriminated `oneOf`. */
function branchesOf(schema: object | undefined, tag: string): string[] {
  const branches = (schema as { oneOf?: readonly { properties?: Record<string, { const?: unknown }> }[] } | undefined)
    ?.oneOf;
  return (branches ?? []).map((branch) => String(branch.properties?.[tag]?.const));
}

/** A key as ajv writes it in a JSON pointer. */
function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
