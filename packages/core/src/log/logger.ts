/** Where progress and warnings go: a terminal, plain lines or nothing. Results never go through it. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  /** Progress of one named piece of work; the same `name` updates one line. */
  progress(event: ProgressEvent): void;
}

export interface ProgressEvent {
  readonly name: string;
  readonly done: number;
  readonly total: number;
  /** Free text behind the bar: rate, loss. */
  readonly detail?: string;
}

/** Swallows everything; for tests and libraries. */
export const silentLogger: Logger = { info: () => undefined, warn: () => undefined, progress: () => undefined };
