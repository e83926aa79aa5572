// Child process: runs TensorFlow.js's own op tests on this package's backend and writes one JSON line per spec to the file named in argv[2].
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    results: { type: 'string' },
    engine: { type: 'string' },
    tests: { type: 'string' },
    grep: { type: 'string' },
  },
});
const require = createRequire(import.meta.url);
const write = (line) => appendFileSync(values.results, `${JSON.stringify(line)}\n`);

const { createEngine } = await import(values.engine);
await createEngine();

const jasmineCore = require('jasmine-core');
const jasmine = jasmineCore.boot(jasmineCore);
const env = jasmine.getEnv();
const grep = values.grep === undefined ? undefined : new RegExp(values.grep);
env.configure({
  random: false,
  failFast: false,
  ...(grep === undefined ? {} : { specFilter: (spec) => grep.test(spec.getFullName()) }),
});
env.addReporter({
  specStarted: (spec) => write({ started: spec.fullName }),
  specDone: (spec) => {
    if (spec.status === 'excluded') return;
    write({
      name: spec.fullName,
      status: spec.status,
      messages: spec.failedExpectations.map((failure) => failure.message.slice(0, 400)),
    });
  },
  suiteDone: (suite) => {
    if (suite.failedExpectations.length > 0)
      write({
        name: `${suite.fullName} (suite)`,
        status: 'failed',
        messages: suite.failedExpectations.map((failure) => failure.message),
      });
  },
  jasmineDone: (summary) => {
    write({ done: summary.overallStatus });
    process.exit(0);
  },
});
require(values.tests);
env.execute();
