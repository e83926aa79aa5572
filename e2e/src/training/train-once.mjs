// Loads train-once.ts from the packages' sources, as the tests do: node train-once.mjs PROTOCOL-JSON OUT
import { runnerImport } from 'vite';

const conditions = ['@multichexnet/source', 'module', 'node', 'development|production'];
const [protocol, out] = process.argv.slice(2);
const { module } = await runnerImport(new URL('./train-once.ts', import.meta.url).pathname, {
  configFile: false,
  logLevel: 'error',
  resolve: { conditions, externalConditions: ['@multichexnet/source'] },
  ssr: { resolve: { conditions, externalConditions: ['@multichexnet/source'] } },
});
await module.trainOnce(JSON.parse(protocol), out);
