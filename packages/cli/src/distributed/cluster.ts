import { isIPv4, isIPv6 } from 'node:net';
import { CliError } from '../errors.js';

/** The processes of one training, as flags or a scheduler name them. */
export interface Cluster {
  /** What named them: `TF_CONFIG`, say. */
  readonly source: string;
  readonly rank: number;
  /** `host:port` of each rank. */
  readonly addresses: readonly string[];
  /** Whether a scheduler starts this command again after a failure, unchanged. */
  readonly scheduled: boolean;
  /** How long the ranks wait for each other at the start; by default {@link MEET_MS}. */
  readonly meetMs?: number;
}

/** A scheduler may start the processes one by one. */
export const MEET_MS = 600_000;

/** Where only one place to meet is known: the ranks tell each other there where they listen. */
export interface MeetingPoint {
  readonly source: string;
  readonly rank: number;
  readonly size: number;
  readonly host: string;
  readonly port: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws CliError CLI_CLUSTER */
export function refuse(source: string, message: string): never {
  throw new CliError('CLI_CLUSTER', `${source}: ${message}`);
}

/** What was got, for a message: quoted, nothing unprintable in it, and not longer than a line. */
export function got(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? 'nothing';
  return `got ${text.length > SHOWN ? `${text.slice(0, SHOWN)}... (${text.length} characters)` : text}`;
}

const SHOWN = 80;

/** A whole number of the environment. @throws CliError CLI_CLUSTER */
export function wholeOf(environment: Environment, name: string): number {
  const text = environment[name];
  return /^\d{1,15}$/.test(text ?? '') ? Number(text) : refuse(name, `a whole number is wanted, ${got(text)}`);
}

/** Every rank asks every other whether it lives; a number beyond this is a mistake, and lists of it would fill the memory. */
const MOST_RANKS = 10_000;

/** @throws CliError CLI_CLUSTER */
export function checkedSize(source: string, size: number): number {
  return size <= MOST_RANKS ? size : refuse(source, `at most ${MOST_RANKS} processes train together, got ${size}`);
}

/**
 * The port is unauthenticated, and whoever reaches it can run code: an address must name one host that the others know, not every interface.
 * @throws CliError CLI_CLUSTER
 */
export function checkedAddresses(source: string, addresses: readonly string[]): readonly string[] {
  checkedSize(source, addresses.length);
  const known = new Map<string, string>();
  for (const address of addresses) {
    const canonical = canonicalAddress(source, address);
    const other = known.get(canonical);
    if (other !== undefined)
      refuse(source, `two ranks have one address, ${other === address ? address : `${other} and ${address}`}`);
    known.set(canonical, address);
  }
  return addresses;
}

/** Longest name that DNS knows, with the brackets and the port about it. */
const LONGEST_ADDRESS = 253 + 8;
/** As URLs write them: 0.0.0.0, :: and ::ffff:0.0.0.0. */
const EVERY_INTERFACE = /^(0\.0\.0\.0|\[::\]|\[::ffff:0:0\]|\*)$/;

/** One spelling of each address, to find two that are the same. */
function canonicalAddress(source: string, address: string): string {
  const [, host = '', port = ''] =
    address.length > LONGEST_ADDRESS ? [] : (/^(\[[\da-f:.]+\]|[\w.*-]+):([1-9]\d{0,4})$/i.exec(address) ?? []);
  const canonical = canonicalHost(host);
  if (EVERY_INTERFACE.test(canonical ?? ''))
    refuse(source, `"${address}" is every interface of a machine; name the one host at which the others find it`);
  if (canonical === undefined || !isHost(host) || Number(port) > 65_535)
    refuse(
      source,
      `an address is host:port, with the name or the number of one host and a port up to 65535, ${got(address)}`,
    );
  return `${canonical}:${port}`;
}

function canonicalHost(host: string): string | undefined {
  const url = `http://${host}`;
  return host !== '' && URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, '') : undefined;
}

/** A name of letters, digits, hyphens and underscores (Slurm's have them), or an address in the usual spelling: 1.2 is none, although systems read it as 1.0.0.2. */
function isHost(host: string): boolean {
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1));
  const labels = host.replace(/\.$/, '').split('.');
  if (/^(\d+|0x[\da-f]*)$/i.test(labels.at(-1) ?? '')) return isIPv4(host);
  return labels.every((label) => /^\w([\w-]{0,61}\w)?$/.test(label));
}

/** A host as it stands before a port. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
