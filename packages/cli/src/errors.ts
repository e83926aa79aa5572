/** What the command itself refuses: exit 2. */
export type CliErrorCode =
  | 'CLI_UNKNOWN_COMMAND'
  | 'CLI_UNKNOWN_OPTION'
  | 'CLI_OPTION_VALUE'
  | 'CLI_MISSING_ARGUMENT'
  | 'CLI_EXTRA_ARGUMENT'
  | 'CLI_DATA_INVALID'
  | 'CLI_PROTOCOL_NOT_FOUND'
  | 'CLI_CONFIG_NOT_FOUND'
  | 'CLI_OUT_NOT_WRITABLE'
  | 'CLI_CLUSTER';

/** A mistake in the command line. Not core's error class, so that a typo is reported without loading core. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
