import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { koffi } from '../native/koffi.js';

const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const LISTENING = '0A';

/** Whether all these `host:port` are this machine's own loopback. */
export function areLoopback(addresses: readonly string[]): boolean {
  return addresses.every((address) => /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/.test(address));
}

/**
 * TensorFlow's server listens on every interface, without authentication. Where all processes are on one machine nobody else needs to reach it: this
 * binds its listening socket to the loopback device.
 *
 * @returns whether it could be done (Linux 5.7 or newer, or the capability)
 */
export function listenOnLoopbackOnly(port: number): boolean {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(table, port)));
  const sockets = readdirSync('/proc/self/fd').filter((fd) => inodes.has(inodeOf(fd) ?? ''));
  if (sockets.length === 0) return false;
  const setsockopt = koffi().load(null).func('setsockopt', 'int', ['int', 'int', 'int', 'str', 'uint']) as (
    ...args: (number | string)[]
  ) => number;
  return sockets.every((fd) => setsockopt(Number(fd), SOL_SOCKET, SO_BINDTODEVICE, 'lo', 3) === 0);
}

function listeningInodes(table: string, port: number): string[] {
  let text: string;
  try {
    text = readFileSync(`/proc/self/net/${table}`, 'utf8');
  } catch {
    return [];
  }
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    return fields[1]?.endsWith(suffix) === true && fields[3] === LISTENING ? [fields[9] ?? ''] : [];
  });
}

function inodeOf(fd: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
  } catch {
    return undefined; // closed meanwhile
  }
}
