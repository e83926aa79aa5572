// `npm run test:ops`: TensorFlow.js's published op tests on this package's backend, against the list of expected failures.
// Options: --grep REGEXP runs some; --update writes what failed to op-tests/unlisted.json, to be sorted into expected-failures.json by hand.
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const { values } = parseArgs({ options: { grep: { type: 'string' }, update: { type: 'boolean', default: false } } });
const cache = join(here, '../node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'op-tests-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const engine = join(folder, 'engine.mjs');
const tests = join(folder, 'specs.cjs');
const results = join(folder, 'results.jsonl');
// The engine from its sources, so that nothing need be built first; its packages stay outside.
await build({
  entryPoints: [join(here, '../src/index.ts')],
  outfile: engine,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  conditions: ['@multichexnet/source'],
});
// The tests are marked as free of side effects, which would leave nothing of them: hence ignoreAnnotations.
await build({
  entryPoints: [join(here, 'specs.mjs')],
  outfile: tests,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  ignoreAnnotations: true,
  mainFields: ['module', 'main'],
  logLevel: 'error',
});

const args = [
  join(here, 'run-specs.mjs'),
  '--results',
  results,
  '--engine',
  pathToFileURL(engine).href,
  '--tests',
  tests,
];
if (values.grep !== undefined) args.push('--grep', values.grep);
const log = join(folder, 'output.txt');
let output = '';
const exit = await new Promise((resolve) => {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const keep = (chunk) => (output = (output + chunk).slice(-20_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('close', (code, signal) => resolve(signal ?? code));
});
writeFileSync(log, output);

const lines = (existsSync(results) ? readFileSync(results, 'utf8') : '')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const finished = lines.some((line) => line.done !== undefined);
const specs = lines.filter((line) => line.name !== undefined);
const failed = specs.filter((spec) => spec.status === 'failed');
const passed = specs.filter((spec) => spec.status === 'passed');
const pending = specs.filter((spec) => spec.status === 'pending');

const groups = JSON.parse(readFileSync(join(here, 'expected-failures.json'), 'utf8'));
const expected = new Map(groups.flatMap(({ reason, tests: names }) => names.map((name) => [name, reason])));
const unlisted = failed.filter((spec) => !expected.has(spec.name));
const failedNames = new Set(failed.map((spec) => spec.name));
const ran = new Set(specs.map((spec) => spec.name));
const mayPass = new Set(groups.flatMap((group) => (group.mayPass ? group.tests : [])));
const surplus = [...expected.keys()]
  .filter((name) => !(ran.has(name) && mayPass.has(name)))
  .filter((name) => (values.grep === undefined || ran.has(name)) && !failedNames.has(name));

console.log(
  `TensorFlow.js op tests on Node ${process.version}: ${specs.length} run, ${passed.length} passed, ${failed.length} failed (${failed.length - unlisted.length} as listed), ${pending.length} pending`,
);
for (const { reason, tests: names } of groups) console.log(`  ${String(names.length).padStart(4)} expected: ${reason}`);
for (const spec of unlisted) console.log(`NOT LISTED ${spec.name}\n    ${spec.messages[0]?.split('\n')[0] ?? ''}`);
for (const name of surplus) console.log(`LISTED, BUT ${ran.has(name) ? 'PASSES' : 'NOT RUN'} ${name}`);
if (!finished) {
  const last = lines.findLast((line) => line.started !== undefined);
  console.log(`THE PROCESS ENDED EARLY (${exit}) in: ${last?.started ?? 'no test'}\n${output}`);
}
if (values.update)
  writeFileSync(
    join(here, 'unlisted.json'),
    JSON.stringify(
      unlisted.map(({ name, messages }) => ({ name, message: messages[0] })),
      null,
      2,
    ),
  );
process.exitCode =
  !finished || unlisted.length > 0 || surplus.length > 0 || (values.grep === undefined && passed.length < 3844) ? 1 : 0;
