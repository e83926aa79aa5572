/**
 * Every error code of the packages, read from the sources: `node tools/error-catalogue.mjs` writes docs/errors.md.
 * What a code means is taken from where it is thrown, so that the page cannot say something else than the message.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const CODE = /^([A-Z][A-Z0-9]*(_[A-Z0-9]+)+|INTERRUPTED|INTERNAL)$/;
const CALLS = /^(add|problem|known|refuse|fail|invalid|report|reject)$/;

/** Messages that are put together away from their code. */
const ELSEWHERE = {
  CONFIG_DUPLICATE_KEY: 'a key stands twice in one place of the file',
  CONFIG_UNKNOWN_DATASET: 'there is no dataset "..."; ...',
  CONFIG_UNKNOWN_HEAD: 'there is no head "..."; ...',
  CONFIG_UNREADABLE: 'there is no such file, or it is a folder or cannot be read',
  RUN_PREEMPTED: 'as INTERRUPTED, by SIGTERM or SIGUSR1: a scheduler starts the command again',
  NATIVE_ERROR: "TensorFlow's own message, with the name of the operation",
  INTERNAL: 'a defect of this program; --debug prints the stack',
};

/** @returns {Map<string, { package: string, text: string }>} by code, in alphabetical order */
export function collectErrorCodes() {
  const codes = new Map();
  const note = (code, owner, text, definition) => {
    const known = codes.get(code);
    // Of several places the one that says most; a catalogue of codes defines them.
    if (known === undefined || (!known.definition && (definition || words(text) > words(known.text))))
      codes.set(code, { package: known?.package ?? owner, text, definition });
  };
  for (const { name, folder } of packages())
    for (const file of sourcesOf(folder)) {
      const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
      visit(source, (node) =>
        codesOf(node).forEach(([code, text]) => note(code, name, text, ts.isVariableDeclaration(node) && text !== '')),
      );
    }
  return new Map([...codes].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function formatErrorPage(codes) {
  const groups = Map.groupBy?.([...codes], ([code]) => code.split('_')[0]) ?? groupBy([...codes]);
  const lines = [
    '# Error codes',
    '',
    'Every failure that can be mended has a code that stays: the command prints it, `--json` carries it as `error.code`, and errors of the packages have it as',
    '`code`. Dots stand for what is filled in. This page is written by `node tools/error-catalogue.mjs`.',
    '',
    'Exit codes of the command: 0 done, 1 failed, 2 usage or config error, 130 interrupted, 143 told to end by a scheduler, 200 another process of the training lost or the disk full.',
  ];
  for (const [group, entries] of groups) {
    lines.push('', `## ${group}`, '', '| code | package | says |', '| --- | --- | --- |');
    for (const [code, entry] of entries)
      lines.push(
        `| \`${code}\` | ${entry.package.replace('@multichexnet/', '')} | ${cell(entry.text || ELSEWHERE[code] || '')} |`,
      );
  }
  return `${lines.join('\n')}\n`;
}

function packages() {
  return ['packages', 'packages/datasets'].flatMap((parent) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'datasets')
      .map(({ name }) => {
        const folder = join(root, parent, name);
        return { folder, name: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name };
      }),
  );
}

function sourcesOf(folder) {
  return readdirSync(join(folder, 'src'), { recursive: true })
    .filter((file) => file.endsWith('.ts') && !/\.(test|test-d|bench)\.ts$/.test(file))
    .map((file) => join(folder, 'src', file))
    .sort();
}

function visit(node, look) {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

/** `[code, text]` pairs that a node states. */
function codesOf(node) {
  if (ts.isNewExpression(node) && /Error$/.test(node.expression.getText())) return fromArguments(node.arguments ?? []);
  if (ts.isCallExpression(node) && CALLS.test(lastName(node.expression))) return fromArguments(node.arguments);
  if (ts.isArrayLiteralExpression(node) && node.elements.length === 2)
    return fromArguments(node.elements).filter(([, text]) => text !== '');
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'code' && ts.isObjectLiteralExpression(node.parent)) {
    const message = node.parent.properties.find((property) => property.name?.getText() === 'message');
    return literals(node.initializer).map((code) => [code, message === undefined ? '' : textOf(message.initializer)]);
  }
  if (ts.isVariableDeclaration(node) && /rrorCodes$/.test(node.name.getText())) return fromCatalogue(node);
  if (ts.isVariableDeclaration(node) && node.name.getText() === 'code' && node.initializer !== undefined)
    return literals(node.initializer).map((code) => [code, '']);
  if (ts.isTypeAliasDeclaration(node) && /ErrorCode$/.test(node.name.text))
    return literalTypes(node.type).map((code) => [code, '']);
  return [];
}

function fromArguments(list) {
  const at = list.findIndex((argument) => literals(argument).length > 0);
  if (at < 0 || at > 1) return [];
  const text = list
    .slice(at + 1)
    .map(textOf)
    .find((found) => found.includes(' '));
  return literals(list[at]).map((code) => [code, text ?? '']);
}

function fromCatalogue(node) {
  const found = [];
  visit(node, (inner) => {
    if (ts.isPropertyAssignment(inner) && CODE.test(inner.name.getText()))
      found.push([inner.name.getText(), textOf(inner.initializer)]);
  });
  return found;
}

/** The codes that an expression may be: itself, or the branches of a choice. */
function literals(node) {
  if (ts.isStringLiteral(node)) return CODE.test(node.text) ? [node.text] : [];
  if (ts.isConditionalExpression(node)) return [...literals(node.whenTrue), ...literals(node.whenFalse)];
  return ts.isParenthesizedExpression(node) ? literals(node.expression) : [];
}

function literalTypes(type) {
  const found = [];
  visit(type, (node) => {
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) found.push(node.literal.text);
  });
  return found.filter((code) => CODE.test(code));
}

/** The words of a message, dots for what is filled in. */
function textOf(node) {
  if (node === undefined) return '';
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => `...${span.literal.text}`).join('');
  if (ts.isBinaryExpression(node)) return textOf(node.left) + textOf(node.right);
  if (ts.isConditionalExpression(node)) return textOf(node.whenTrue) || textOf(node.whenFalse);
  return '';
}

function words(text) {
  return (text.match(/[A-Za-z]{2,}/g) ?? []).length;
}

function lastName(expression) {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

function cell(text) {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;').replace(/\s+/g, ' ').trim();
}

function groupBy(entries) {
  const groups = new Map();
  for (const entry of entries) {
    const key = entry[0].split('_')[0];
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return groups;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const codes = collectErrorCodes();
  const file = join(root, 'docs/errors.md');
  writeFileSync(file, await format(formatErrorPage(codes), { ...(await resolveConfig(file)), filepath: file }));
  console.log(`docs/errors.md: ${codes.size} codes`);
}
