/** One sample's target for one tensor: a number for shape [1], else data in row-major order of the target's shape. */
export type TargetValue = number | Float32Array;
/** One sample's output: a number where the output's shape is [1], else a copy of its values in row-major order. */
export type OutputValue = number | Float32Array;
