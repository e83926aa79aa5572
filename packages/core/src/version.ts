/** Version of core: part of what a phase's hash depends on. Held equal to package.json by a test. */
export const VERSION = '0.1.0';
