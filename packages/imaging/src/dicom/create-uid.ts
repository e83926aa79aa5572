import { createHash } from 'node:crypto';

/**
 * A UID under 2.25 (PS3.5 B.2: a UUID as a decimal number) that is a pure function of its keys, so that generated data sets get
 * the same UIDs again. The UUID is version 8 (RFC 9562: custom), from SHA-256.
 */
export function createUid(...keys: readonly (number | string)[]): string {
  const digest = createHash('sha256').update(JSON.stringify(keys)).digest().subarray(0, 16);
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${digest.toString('hex')}`)}`;
}
