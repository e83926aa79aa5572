import type { StopReason } from '../distributed/stop-vote.js';
import { MultichexnetError } from '../errors.js';

/** Why a process was asked to end, by a signal that is aborted with that signal's name. Ctrl-C interrupts; a scheduler's signals preempt, and it starts the command again. */
export function stopReason(signal: AbortSignal | undefined): StopReason | undefined {
  if (signal?.aborted !== true) return undefined;
  return signal.reason === 'SIGTERM' || signal.reason === 'SIGUSR1' ? 'preempted' : 'interrupted';
}

/** @param message where it stopped, and how the work goes on */
export function stopError(reason: StopReason, message: string): MultichexnetError {
  return new MultichexnetError(reason === 'preempted' ? 'RUN_PREEMPTED' : 'INTERRUPTED', message);
}

/** @throws MultichexnetError INTERRUPTED, RUN_PREEMPTED when the process was asked to end */
export function assertNotStopped(signal: AbortSignal | undefined, message: string): void {
  const reason = stopReason(signal);
  if (reason !== undefined) throw stopError(reason, message);
}
