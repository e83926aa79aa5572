import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { assertNotStopped, MultichexnetError, RunStore, type Logger } from '@multichexnet/core';
import type { CommandResult } from '../command.js';
import { freePorts } from './free-ports.js';
import { PEER_LOST_EXIT } from './with-ranks.js';

export interface WorkersRequest {
  readonly count: number;
  /** The command line of every rank, without what tells them apart. */
  readonly argv: readonly string[];
  /** Run folder; what ranks above 0 print goes to `logs/rank-N.log` in it. */
  readonly out: string;
  /** Of all processes together; by default one a core. */
  readonly threads?: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** After one process has failed, the others find out by themselves within this time, or are ended. */
const FIND_OUT_MS = 40_000;
/** After one has found out that another is lost: that one may hang. */
const LOST_MS = 5_000;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Starts `count` processes of this command on this machine and hands on what rank 0 prints and how it ends.
 * @throws MultichexnetError PEER_LOST when a signal ended rank 0; INTERRUPTED, RUN_PREEMPTED when `signal` is aborted before the processes can end by themselves
 */
export async function startWorkers(request: WorkersRequest): Promise<CommandResult> {
  const { count, out, logger, signal } = request;
  const ports = await freePorts(count);
  const peers = ports.map((port) => `127.0.0.1:${port}`).join(',');
  const threads = Math.max(1, Math.floor((request.threads ?? availableParallelism()) / count));
  logger.info(`workers   ${count} processes with ${threads} ${threads === 1 ? 'thread' : 'threads'} each`);
  assertNotStopped(signal, 'stopped before the processes were started; nothing was changed');
  const logs = join(out, 'logs');
  await mkdir(logs, { recursive: true });
  const files: FileHandle[] = [];
  const children: ChildProcess[] = [];
  let stdout = '';
  for (let rank = 0; rank < count; rank++) {
    const own = ['--rank', `${rank}`, '--world', `${count}`, '--peers', peers, '--threads', `${threads}`];
    const file = rank === 0 ? undefined : await open(join(logs, `rank-${rank}.log`), 'a');
    if (file !== undefined) files.push(file);
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...request.argv, ...own], {
      stdio: ['ignore', file?.fd ?? 'pipe', file?.fd ?? 'inherit', 'ipc'],
      detached: true, // Ctrl-C in a terminal reaches this process alone, which hands it on once
    });
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    children.push(child);
  }
  // However this process ends (a second Ctrl-C, say), none of them lives on and keeps the run locked.
  const killAll = (): void => endAll(children, 'SIGKILL');
  process.once('exit', killAll);
  const handOn = (): void => endAll(children, signal.reason as NodeJS.Signals);
  if (signal.aborted) handOn();
  else signal.addEventListener('abort', handOn, { once: true });
  const ended = children.map((child) => whenEnded(child));
  for (const end of ended)
    void end.then(({ code }) => {
      if (code !== 0) setTimeout(killAll, signal.aborted || code === PEER_LOST_EXIT ? LOST_MS : FIND_OUT_MS).unref();
    });
  const all = await Promise.all(ended);
  process.off('exit', killAll);
  for (const file of files) await file.close();
  const [first] = all as [Ended];
  const goOn = await howToGoOn(out);
  // Else rank 0 has said itself how it ended.
  if (first.signal !== null || first.code === PEER_LOST_EXIT)
    assertNotStopped(signal, `stopped before the processes could end by themselves; ${goOn}`);
  const lost = `${describeEnds(all)}; ${goOn}`;
  if (first.signal !== null) throw new MultichexnetError('PEER_LOST', lost, { file: out });
  warnOfOthers(all, logger);
  return {
    document: parsed(stdout) ?? { error: { code: 'PEER_LOST', message: lost } },
    text: () => stdout.trimEnd(),
    exitCode: first.code ?? PEER_LOST_EXIT,
  };
}

async function howToGoOn(out: string): Promise<string> {
  return (await new RunStore(out).exists('config.json'))
    ? 'the same command with --resume goes on from its last checkpoint'
    : 'it had not begun: the same command starts it';
}

/** `rank 0 was ended by SIGKILL; rank 1 reported PEER_LOST (logs/rank-1.log)`. */
function describeEnds(all: readonly Ended[]): string {
  const ends = all.map(({ code, signal }, rank) => {
    const log = rank === 0 ? '' : ` (${logOf(rank)})`;
    if (signal !== null) return `rank ${rank} was ended by ${signal}${log}`;
    return code === PEER_LOST_EXIT && rank > 0
      ? `rank ${rank} reported PEER_LOST${log}`
      : `rank ${rank} ended with exit code ${code}${log}`;
  });
  return ends.join('; ');
}

const logOf = (rank: number): string => `logs/rank-${rank}.log`;

function endAll(children: readonly ChildProcess[], signal: NodeJS.Signals): void {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill(signal);
}

function whenEnded(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
}

function warnOfOthers(all: readonly Ended[], logger: Logger): void {
  all.forEach(({ code, signal }, rank) => {
    if (rank === 0 || (signal === null && (code === 0 || code === all[0]?.code))) return;
    logger.warn(`rank ${rank} ended with ${signal ?? `exit code ${code}`}: ${logOf(rank)}`);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
