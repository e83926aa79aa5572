import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { avoidProxy, encodeServerDef } from './server-def.js';

const source = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** A process that meets the other rank and then does `body`, with `engine`, `group`, `tf` and `print` at hand. */
function rank(index: number, addresses: readonly string[], body: string) {
  const script = `
    import * as tf from '@tensorflow/tfjs';
    import { createEngine } from ${JSON.stringify(source('../create-engine.ts'))};
    const engine = await createEngine({ threads: 1, cluster: ${JSON.stringify({ rank: index, addresses })} });
    const group = engine.ranks;
    const print = (value) => console.log(JSON.stringify(value));
    while ((await group.check(1 - group.rank, 1000)) !== undefined) await new Promise((wait) => setTimeout(wait, 50));
    ${body}
    engine.dispose();
  `;
  const args = ['--conditions=@multichexnet/source', '--import', 'tsx', '--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { cwd: source('.'), stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = new Promise<{ code: number | null; lines: unknown[]; stderr: string }>((resolve) =>
    child.on('close', (code) =>
      resolve({
        code,
        lines: stdout
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as unknown),
        stderr,
      }),
    ),
  );
  return { child, finished };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function twoAddresses(): Promise<string[]> {
  return [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
}

test('two processes add up their tensors and gather them in a traced step, in every run of it, and end in order', async () => {
  const addresses = await twoAddresses();
  const body = `
    const step = engine.compile('sums', ([x]) => [group.sum(x), tf.sum(group.sum(tf.mul(x, 10))), group.gather(x)]);
    for (const at of [0, 1, 2]) {
      const x = tf.tensor2d([[group.rank + 1, at, 0.5]]);
      const [sum, total, all] = await step.run([x]);
      print([sum.arraySync(), total.arraySync(), all.arraySync()]);
    }
    print(group.exposed);
  `;
  const both = await Promise.all([0, 1].map((index) => rank(index, addresses, body).finished));
  const expected = [0, 1, 2].map((at) => [
    [[3, 2 * at, 1]],
    10 * (4 + 2 * at),
    [
      [1, at, 0.5],
      [2, at, 0.5],
    ],
  ]);
  for (const { code, lines, stderr } of both) {
    expect(lines.slice(0, 3), stderr).toEqual(expected);
    expect(typeof lines[3]).toBe('boolean');
    expect(code).toBe(0);
  }
});

test.each(['SIGKILL', 'SIGSTOP'] as const)(
  'after %s of the other the check says so and abort ends the step',
  async (signal) => {
    const addresses = await twoAddresses();
    const first = rank(
      0,
      addresses,
      `
    const step = engine.compile('sum', ([x]) => [group.sum(x)]);
    const x = tf.ones([4]);
    await step.run([x]);
    const failed = step.run([x]).then(() => 'no failure', String);
    let wrong;
    while ((wrong = await group.check(1, 2000)) === undefined) await new Promise((wait) => setTimeout(wait, 100));
    group.abort('rank 1 is gone');
    print([wrong, await failed]);
  `,
    );
    const second = rank(
      1,
      addresses,
      `
    await engine.compile('sum', ([x]) => [group.sum(x)]).run([tf.ones([4])]);
    await new Promise((wait) => setTimeout(wait, 500)); // the other has what it needs of the first sum
    process.kill(process.pid, '${signal}');
  `,
    );
    const { code, lines, stderr } = await first.finished;
    second.child.kill('SIGKILL');
    await second.finished;
    expect(code, stderr).toBe(0);
    const [[wrong, failed]] = lines as [[string, string]];
    expect(wrong).toMatch(/UNAVAILABLE|DEADLINE_EXCEEDED/);
    expect(failed).toMatch(/^EngineError: NATIVE_ERROR: .*rank 1 is gone/s);
  },
);

test('no proxy stands between ranks', () => {
  const environment: NodeJS.ProcessEnv = { no_proxy: 'intranet' };
  avoidProxy(['a.ns.svc:1', 'a.ns.svc:2', '[::1]:3'], environment);
  expect(environment['no_grpc_proxy']).toBe('intranet,a.ns.svc,::1');
});

test('a cluster that cannot be one is refused', () => {
  const encode =
    (rank: number, ...addresses: string[]) =>
    () =>
      encodeServerDef({ rank, addresses }, new Uint8Array());
  const refused = expect.objectContaining({ code: 'COLLECTIVE_OPTIONS' }) as unknown;
  expect(encode(0, 'a:1')).toThrow(refused);
  expect(encode(2, 'a:1', 'b:1')).toThrow(refused);
  expect(encode(0, 'a:1', 'a:1')).toThrow(refused);
  expect(encode(0, 'a:1', 'b')).toThrow(refused);
  expect(encode(0, 'a b:1', 'b:1')).toThrow(refused);
  expect(encode(1, '[::1]:1', 'host.ns.svc:2222')()).toBeInstanceOf(Uint8Array);
});
