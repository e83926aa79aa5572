// The codecs come without declarations. Each is one function, Emscripten's module factory.
declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const factory: (options: { print(): void; printErr(): void }) => Promise<unknown>;
  export default factory;
}
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const factory: (options: { print(): void; printErr(): void }) => Promise<unknown>;
  export default factory;
}
declare module '@cornerstonejs/codec-openjph/wasmjs' {
  const factory: (options: { print(): void; printErr(): void }) => Promise<unknown>;
  export default factory;
}
