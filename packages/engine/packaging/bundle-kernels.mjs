// Bundles the kernels of tfjs-node-gpu (its JavaScript alone) into dist/kernels.cjs, so that the published package depends neither on its native addon
// nor on its install script. tfjs stays outside: there must be one copy of it. In the repository the package itself is used and this need not run.
import { build } from 'esbuild';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const published = join(root, 'dist/kernels.cjs');
const { values } = parseArgs({ options: { out: { type: 'string', default: published } } });

const replacements = {
  // Two helpers of Node's util that Node 23 removed.
  util: 'exports.isNullOrUndefined = (value) => value === null || value === undefined; exports.isArray = Array.isArray;',
  // Messages of its TensorBoard callback, which is not part of the bundle.
  './proto/api_pb': 'module.exports = {};',
};

await build({
  stdin: {
    contents: `
      require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels');
      exports.NodeJSKernelBackend = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend').NodeJSKernelBackend;`,
    resolveDir: root,
  },
  outfile: values.out,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['@tensorflow/tfjs'],
  legalComments: 'inline',
  banner: {
    js: '/* Kernels of @tensorflow/tfjs-node-gpu 4.22.0, Copyright Google LLC, Apache License 2.0; see NOTICE. */',
  },
  plugins: [
    {
      name: 'replace',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({ path: '@tensorflow/tfjs', external: true }));
        onResolve({ filter: /^(util|\.\/proto\/api_pb)$/ }, ({ path }) => ({ path, namespace: 'replaced' }));
        onLoad({ filter: /.*/, namespace: 'replaced' }, ({ path }) => ({ contents: replacements[path], loader: 'js' }));
      },
    },
  ],
});
if (values.out === published) copyFileSync(join(root, '../../LICENSE'), join(root, 'dist/LICENSE'));
