// A typed config
export { defineConfig } from './define-config.js';
export type { ConfigInput, ConfigPlugin } from './define-config.js';

// The command, for programs that want it in their own process
export { commands } from './command-list.js';
export type { OptionSpec, PositionalSpec } from './arguments/argument-spec.js';
export type { CommandContext, CommandResult, CommandSpec, Progress } from './command.js';
export { createContainer } from './create-container.js';
export type { ContainerOptions } from './create-container.js';
