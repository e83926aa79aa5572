import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { ParsedArguments } from '../arguments/parse-arguments.js';
import type { MeetingPoint } from './cluster.js';
import { freePorts } from './free-ports.js';
import { meetAtMaster } from './meet-at-master.js';
import { trainCluster } from './train-cluster.js';

async function points(size: number): Promise<MeetingPoint[]> {
  const [port = 0] = await freePorts(1);
  return Array.from({ length: size }, (_, rank) => ({ source: 'test', rank, size, host: '127.0.0.1', port }));
}

test('ranks that come in any order learn the addresses of all; a stranger is not listened to', async () => {
  const [first, second, third] = (await points(3)) as [MeetingPoint, MeetingPoint, MeetingPoint];
  const early = meetAtMaster(third, 20_000);
  const head = meetAtMaster(first, 20_000);
  for (const words of ['GET / HTTP/1.1\r\n\r\n', '{"rank": 9, "port": 1}\n', '{"rank": 0, "port": 1}\n', '[]\n'])
    await new Promise((closed) => connect(first.port, '127.0.0.1').on('close', closed).on('error', closed).end(words));
  const clusters = await Promise.all([head, meetAtMaster(second, 20_000), early]);
  clusters.forEach((cluster, rank) => {
    expect(cluster).toMatchObject({ rank, scheduled: true });
    expect(cluster.addresses).toEqual(clusters[0]?.addresses);
  });
  expect(new Set(clusters[0]?.addresses).size).toBe(3);
  for (const address of clusters[0]?.addresses ?? []) expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
});

test('who waits in vain says where', async () => {
  const [first, second] = (await points(2)) as [MeetingPoint, MeetingPoint];
  const refused = expect.objectContaining({
    code: 'CLI_CLUSTER',
    message: expect.stringContaining('did not meet') as string,
  }) as Error;
  await expect(meetAtMaster(first, 300)).rejects.toEqual(refused);
  await expect(meetAtMaster(second, 300)).rejects.toEqual(refused);
});

test.each([
  ['SIGINT', 'INTERRUPTED'],
  ['SIGTERM', 'RUN_PREEMPTED'],
])('%s ends the waiting of every rank', async (reason, code) => {
  const controller = new AbortController();
  const [first, second] = (await points(2)) as [MeetingPoint, MeetingPoint];
  for (const point of [first, second]) {
    const { signal } = controller;
    const waiting = expect(meetAtMaster({ ...point, size: 3 }, 20_000, signal)).rejects.toMatchObject({ code });
    setTimeout(() => controller.abort(reason), 50);
    await waiting;
  }
});

test('while it waits it says where and how long, and the limit is an option', async () => {
  const [point] = (await points(2)) as [MeetingPoint];
  const environment = { RANK: '1', WORLD_SIZE: '2', MASTER_ADDR: '127.0.0.1', MASTER_PORT: `${point.port}` };
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const logger = { info: say, warn: say, progress: () => undefined };
  const args = new ParsedArguments([], new Map([['meet-within', ['1']]]));
  await expect(trainCluster(args, environment, logger, new AbortController().signal)).rejects.toThrow(
    'did not meet at 127.0.0.1:',
  );
  expect(said).toEqual([`waiting until 2 ranks meet at 127.0.0.1:${point.port}, up to 1 second`]);
});

test('a port that somebody else has is said to be that', async () => {
  const [first] = (await points(2)) as [MeetingPoint];
  const server = createServer().listen(first.port, '127.0.0.1');
  await once(server, 'listening');
  try {
    await expect(meetAtMaster(first, 20_000)).rejects.toMatchObject({
      code: 'CLI_CLUSTER',
      message: expect.stringMatching(/rank 0 cannot listen at 127\.0\.0\.1:\d+: .*EADDRINUSE/) as string,
    });
  } finally {
    server.close();
  }
});
