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
}

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

/** A whole number of the environment. @throws CliError CLI_CLUSTER */
export function wholeOf(environment: Environment, name: string): number {
  const text = environment[name] ?? '';
  return /^\d+$/.test(text) ? Number(text) : refuse(name, `a whole number is wanted, got "${text}"`);
}

/**
 * The port is unauthenticated, and whoever reaches it can run code: an address must name one host that the others know, not every interface.
 * @throws CliError CLI_CLUSTER
 */
export function checkedAddresses(source: string, addresses: readonly string[]): readonly string[] {
  for (const address of addresses) {
    const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/]+):(\d{1,5})$/.exec(address) ?? [];
    if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
      refuse(source, `an address is host:port, got "${address}"`);
    if (/^(0\.0\.0\.0|\[::\]|\*)$/.test(host))
      refuse(source, `"${address}" is every interface of a machine; name the one host at which the others find it`);
  }
  if (new Set(addresses).size < addresses.length) refuse(source, `two ranks have one address: ${addresses.join(', ')}`);
  return addresses;
}
