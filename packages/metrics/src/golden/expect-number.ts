import { expect } from 'vitest';

/** Equal to 1e-9, or both undefined. */
export function expectNumber(got: number | undefined, golden: number | null | undefined, what: string): void {
  if (golden === null || golden === undefined) expect(got, what).toBeUndefined();
  else expect(Math.abs((got ?? NaN) - golden), `${what}: ${got} for ${golden}`).toBeLessThanOrEqual(1e-9);
}
