// Engine port
export type {
  CompiledStep,
  Engine,
  EngineInfo,
  EngineMemory,
  Optimizer,
  OptimizerConfig,
  SlotValue,
  StepFunction,
} from './engine/engine.js';
