import { open } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { Composer, isMap, isScalar, isSeq, LineCounter, Parser, type Document, type Node, type YAMLError } from 'yaml';
import { MultichexnetError, type ErrorPlace } from '../errors.js';
import { splitPath } from './config-path.js';

/** A config or protocol as text said it, before any schema. */
export interface ConfigFile {
  /** Absolute. */
  readonly file: string;
  readonly value: Record<string, unknown>;
  /** 1-based line of a config path, or of the nearest part of it that the file has. */
  lineOf: (path: string) => number | undefined;
}

const MAX_BYTES = 2 ** 20;
const MAX_DEPTH = 64;
/** Expansions of one anchor. */
const MAX_ALIASES = 1000;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads a JSON or YAML file; `.json` is held to JSON.
 * @throws MultichexnetError CONFIG_UNREADABLE, CONFIG_TOO_LARGE, CONFIG_SYNTAX, CONFIG_DUPLICATE_KEY, CONFIG_TOO_DEEP, CONFIG_FORBIDDEN_KEY,
 *   CONFIG_NOT_AN_OBJECT
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const file = resolve(path);
  return parseConfigText(await readText(file), file);
}

/** {@link readConfigFile} of text already read; `file` is for messages and tells JSON from YAML by its ending. */
export function parseConfigText(text: string, file: string): ConfigFile {
  if (Buffer.byteLength(text) > MAX_BYTES) throw tooLarge(file);
  const lines = new LineCounter();
  const json = extname(file).toLowerCase() === '.json';
  const strict = json ? parseStrictJson(text, file) : undefined;
  const document = parseYaml(text, file, lines);
  const fault = [...document.errors, ...document.warnings].find((error) => !json || error.code === 'DUPLICATE_KEY');
  if (fault !== undefined) throw syntaxError(fault, file, lines);
  const lineOf = (where: string): number | undefined => findLine(document.contents, splitPath(where), lines);
  const value = json ? strict : expandAliases(document, file);
  checkShape(value, file, lineOf);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MultichexnetError('CONFIG_NOT_AN_OBJECT', `wanted keys with values, got ${kindOf(value)}`, {
      file,
      line: 1,
    });
  return { file, value: value as Record<string, unknown>, lineOf };
}

/** The same problem with the line of its config path, where it is about this file. */
export function withLine(problem: MultichexnetError, { file, lineOf }: ConfigFile): MultichexnetError {
  const { place } = problem;
  if (place.line !== undefined || place.path === undefined || (place.file !== undefined && place.file !== file))
    return problem;
  const line = lineOf(place.path);
  return new MultichexnetError(problem.code, problem.message, {
    ...place,
    file,
    ...(line === undefined ? {} : { line }),
  });
}

async function readText(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      if (size > MAX_BYTES) throw tooLarge(file);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof MultichexnetError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'this is a folder' : String(error);
    throw new MultichexnetError('CONFIG_UNREADABLE', reason, { file });
  }
}

function parseStrictJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    const { message } = error as SyntaxError;
    const position = /end of JSON/.test(message) ? text.length : Number(/position (\d+)/.exec(message)?.[1]);
    // Short texts are quoted whole in the message instead.
    const line = Number.isNaN(position) ? {} : { line: text.slice(0, position).split('\n').length };
    throw new MultichexnetError('CONFIG_SYNTAX', `not JSON: ${message}`, { file, ...line });
  }
}

/** What `parseDocument` of yaml does, with a look at the depth in between: composing is recursive, and a full stack inside a regular expression aborts the process. */
function parseYaml(text: string, file: string, lineCounter: LineCounter): Document.Parsed {
  const tokens = [...new Parser(lineCounter.addNewLine).parse(text)];
  if (isDeeperThan(tokens, MAX_TOKEN_DEPTH)) throw tooDeep(file, {});
  const composer = new Composer({ uniqueKeys: true, version: '1.2' });
  const documents = [...composer.compose(tokens, true, text.length)];
  const [first] = documents;
  if (first === undefined) throw new MultichexnetError('CONFIG_SYNTAX', 'no document', { file });
  if (documents.length > 1)
    throw new MultichexnetError('CONFIG_SYNTAX', 'a config is one document', {
      file,
      line: lineCounter.linePos(documents[1]?.range[0] ?? 0).line,
    });
  return first;
}

/** Tokens of one level of a config nest up to three deep: collection, item, value. */
const MAX_TOKEN_DEPTH = 4 * MAX_DEPTH;

function isDeeperThan(tokens: readonly unknown[], limit: number): boolean {
  const stack = tokens.map((token): [unknown, number] => [token, 0]);
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const [token, depth] = entry;
    if (typeof token !== 'object' || token === null) continue;
    if (depth > limit) return true;
    const { key, value, items } = token as { key?: unknown; value?: unknown; items?: readonly unknown[] };
    for (const inner of [key, value, ...(items ?? [])]) stack.push([inner, depth + 1]);
  }
  return false;
}

function expandAliases(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
  } catch (error) {
    throw new MultichexnetError('CONFIG_SYNTAX', error instanceof Error ? error.message : String(error), { file });
  }
}

function syntaxError(error: YAMLError, file: string, lines: LineCounter): MultichexnetError {
  const { line } = lines.linePos(error.pos[0]);
  const code = error.code === 'DUPLICATE_KEY' ? 'CONFIG_DUPLICATE_KEY' : 'CONFIG_SYNTAX';
  return new MultichexnetError(code, error.message, { file, line });
}

/** Plain data of bounded depth whose keys cannot reach a prototype. An alias may make it a graph, which is a tree all the same after `--set` clones it. */
function checkShape(root: unknown, file: string, lineOf: ConfigFile['lineOf']): void {
  const stack: { value: unknown; path: string; depth: number }[] = [{ value: root, path: '', depth: 0 }];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { value, path, depth } = entry;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) throw tooDeep(file, { path, ...lineAt(lineOf(path)) });
    for (const key of Object.keys(value)) {
      const where = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      if (FORBIDDEN.has(key))
        throw new MultichexnetError('CONFIG_FORBIDDEN_KEY', `"${key}" cannot be a key`, {
          file,
          path: where,
          ...lineAt(lineOf(where)),
        });
      stack.push({ value: (value as Record<string, unknown>)[key], path: where, depth: depth + 1 });
    }
  }
}

function findLine(contents: unknown, keys: readonly (string | number)[], lines: LineCounter): number | undefined {
  let node: unknown = contents;
  let offset = (contents as Node | null)?.range?.[0];
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      const item = node.items[key] as Node | undefined;
      if (item === undefined) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

function tooLarge(file: string): MultichexnetError {
  return new MultichexnetError('CONFIG_TOO_LARGE', `more than ${MAX_BYTES / 1024} KiB; a config is a few KiB`, {
    file,
  });
}

function tooDeep(file: string, place: ErrorPlace): MultichexnetError {
  return new MultichexnetError('CONFIG_TOO_DEEP', `nested deeper than ${MAX_DEPTH} levels`, { file, ...place });
}

function lineAt(line: number | undefined): { line?: number } {
  return line === undefined ? {} : { line };
}

function kindOf(value: unknown): string {
  return value === null ? 'nothing' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
