/** Version of this package, equal to package.json (a test holds it). */
export const VERSION = '0.1.0';

/** Who wrote a file, in its own words. */
export const PRODUCER = { name: 'multichexnet', version: VERSION } as const;
