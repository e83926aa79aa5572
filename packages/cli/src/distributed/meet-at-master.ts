import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { assertNotStopped } from '@multichexnet/core';
import { CliError } from '../errors.js';
import { bracketed, checkedAddresses, refuse, type Cluster, type MeetingPoint } from './cluster.js';
import { freePorts } from './free-ports.js';

const RETRY_MS = 250;
/** A hello or the answer to it; longer lines are of somebody else. */
const LONGEST = 65_536;

/**
 * Rank 0 listens at the meeting point; every other rank says there at which port it will listen, and learns the addresses of all.
 * @param asked aborted when this process is asked to end
 * @throws CliError CLI_CLUSTER when not all came in time; MultichexnetError INTERRUPTED, RUN_PREEMPTED
 */
export async function meetAtMaster(point: MeetingPoint, limitMs: number, asked?: AbortSignal): Promise<Cluster> {
  const [port = 0] = await freePorts(1);
  const limit = AbortSignal.timeout(limitMs);
  const signal = asked === undefined ? limit : AbortSignal.any([limit, asked]);
  try {
    const addresses = point.rank === 0 ? await listen(point, port, signal) : await announce(point, port, signal);
    return {
      source: point.source,
      rank: point.rank,
      addresses: checkedAddresses(point.source, addresses),
      scheduled: true,
    };
  } catch (error) {
    assertNotStopped(asked, `stopped while waiting for the other ranks at ${bracketed(point.host)}:${point.port}`);
    if (!signal.aborted) {
      if (error instanceof CliError) throw error;
      refuse(
        point.source,
        `rank 0 cannot listen at ${bracketed(point.host)}:${point.port}: ${(error as Error).message}`,
      );
    }
    throw new CliError(
      'CLI_CLUSTER',
      `${point.source}: ${point.size} ranks did not meet at ${point.host}:${point.port} within ${Math.round(limitMs / 1000)} s`,
    );
  }
}

async function listen({ size, host, port: at }: MeetingPoint, port: number, signal: AbortSignal): Promise<string[]> {
  const addresses = [`${bracketed(host)}:${port}`];
  const sockets: Socket[] = [];
  const server = createServer();
  const complete = new Promise<void>((resolve) =>
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      readLine(socket, (hello) => {
        const { rank, port: own } = hello as { rank?: unknown; port?: unknown };
        if (!isBelow(rank, size) || rank === 0 || !isBelow(own, 65_536)) {
          socket.destroy();
          return;
        }
        // A rank that comes again, after a failure of its own, counts as it came last.
        addresses[rank] = `${bracketed(plain(socket.remoteAddress ?? ''))}:${own}`;
        sockets.push(socket);
        if (Object.keys(addresses).length === size) resolve();
      });
    }),
  );
  server.listen(at, isLoopback(host) ? host : undefined);
  try {
    await once(server, 'listening', { signal });
    await Promise.race([complete, once(signal, 'abort').then(() => signal.throwIfAborted())]);
    await Promise.all(
      sockets.map((socket) => new Promise<void>((sent) => socket.end(`${JSON.stringify(addresses)}\n`, sent))),
    );
    return addresses;
  } finally {
    server.close();
    if (signal.aborted) for (const socket of sockets) socket.destroy();
  }
}

async function announce({ rank, host, port: at }: MeetingPoint, port: number, signal: AbortSignal): Promise<string[]> {
  for (;;) {
    signal.throwIfAborted();
    const answer = await new Promise<unknown>((resolve) => {
      const socket = connect({ host, port: at });
      socket.on('connect', () => socket.write(`${JSON.stringify({ rank, port })}\n`));
      socket.on('error', () => resolve(undefined));
      socket.on('close', () => resolve(undefined));
      signal.addEventListener('abort', () => socket.destroy(), { once: true });
      readLine(socket, resolve);
    });
    if (Array.isArray(answer) && answer.every((entry) => typeof entry === 'string')) return answer;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function readLine(socket: Socket, use: (value: unknown) => void): void {
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LONGEST) socket.destroy();
  });
  const lines = createInterface({ input: socket });
  lines.on('error', () => undefined);
  lines.once('line', (line) => {
    try {
      use(JSON.parse(line));
    } catch {
      socket.destroy();
    }
  });
}

const isBelow = (value: unknown, limit: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < limit;
const plain = (address: string): string => address.replace(/^::ffff:/, '');
const isLoopback = (host: string): boolean => host === 'localhost' || host.startsWith('127.') || host === '::1';
