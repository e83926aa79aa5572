/**
 * Addresses of native objects. koffi passes every pointer as a plain bigint that knows no type, so the brand is what keeps a tensor from being
 * handed to a function that wants a graph.
 */
export type Pointer<Kind extends string> = bigint & { readonly __pointer: Kind };

export type StatusPointer = Pointer<'TF_Status'>;
export type TensorPointer = Pointer<'TF_Tensor'>;
export type HandlePointer = Pointer<'TFE_TensorHandle'>;
export type ContextOptionsPointer = Pointer<'TFE_ContextOptions'>;
export type ContextPointer = Pointer<'TFE_Context'>;
export type DeviceListPointer = Pointer<'TF_DeviceList'>;
export type OpPointer = Pointer<'TFE_Op'>;
export type GraphPointer = Pointer<'TF_Graph'>;
export type NodeDescriptionPointer = Pointer<'TF_OperationDescription'>;
export type NodePointer = Pointer<'TF_Operation'>;
export type FunctionPointer = Pointer<'TF_Function'>;
export type BufferPointer = Pointer<'TF_Buffer'>;
export type ShapeListPointer = Pointer<'TF_ShapeAndTypeList'>;
export type StringPointer = Pointer<'TF_TString'>;
export type DataPointer = Pointer<'data'>;

/** `TF_Output`: one output of a graph node. */
export interface NodeOutput {
  readonly oper: NodePointer;
  readonly index: number;
}
