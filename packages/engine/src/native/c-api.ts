import type { KoffiFunc, LibraryHandle } from 'koffi';
import { koffi } from './koffi.js';
import type {
  BufferPointer,
  ContextOptionsPointer,
  ContextPointer,
  DataPointer,
  DeviceListPointer,
  FunctionPointer,
  GraphPointer,
  HandlePointer,
  NodeDescriptionPointer,
  NodeOutput,
  NodePointer,
  OpPointer,
  ShapeListPointer,
  StatusPointer,
  StringPointer,
  TensorPointer,
} from './pointers.js';

type Int64s = BigInt64Array;
type Int32s = Int32Array;

/** The part of TensorFlow's C API (`tensorflow/c/c_api.h`, `eager/c_api.h`, `c_api_experimental.h`) that this package calls. */
export interface CApi {
  TF_Version(): string;
  TF_NewStatus(): StatusPointer;
  TF_DeleteStatus(status: StatusPointer): void;
  TF_SetStatus(status: StatusPointer, code: number, message: string): void;
  TF_GetCode(status: StatusPointer): number;
  TF_Message(status: StatusPointer): string;
  TF_GetAllOpList(): BufferPointer;
  TF_DeleteBuffer(buffer: BufferPointer): void;

  TF_AllocateTensor(dtype: number, dims: Int64s, numDims: number, bytes: number): TensorPointer | null;
  TF_TensorData(tensor: TensorPointer): DataPointer | null;
  TF_TensorByteSize(tensor: TensorPointer): number | bigint;
  TF_DeleteTensor(tensor: TensorPointer): void;
  TF_StringInit(string: StringPointer): void;
  TF_StringCopy(string: StringPointer, bytes: Uint8Array, length: number): void;
  TF_StringGetDataPointer(string: StringPointer): DataPointer;
  TF_StringGetSize(string: StringPointer): number | bigint;
  TF_StringDealloc(string: StringPointer): void;

  TFE_NewTensorHandle(tensor: TensorPointer, status: StatusPointer): HandlePointer | null;
  TFE_DeleteTensorHandle(handle: HandlePointer): void;
  TFE_TensorHandleCopySharingTensor(handle: HandlePointer, status: StatusPointer): HandlePointer | null;
  TFE_TensorHandleResolve: KoffiFunc<(handle: HandlePointer, status: StatusPointer) => TensorPointer | null>;
  TFE_TensorHandleDataType(handle: HandlePointer): number;
  TFE_TensorHandleNumDims(handle: HandlePointer, status: StatusPointer): number;
  TFE_TensorHandleDim(handle: HandlePointer, index: number, status: StatusPointer): number | bigint;

  TFE_NewContextOptions(): ContextOptionsPointer;
  TFE_DeleteContextOptions(options: ContextOptionsPointer): void;
  TFE_ContextOptionsSetConfig(
    options: ContextOptionsPointer,
    proto: Uint8Array,
    length: number,
    status: StatusPointer,
  ): void;
  TFE_NewContext(options: ContextOptionsPointer, status: StatusPointer): ContextPointer | null;
  TFE_ContextListDevices(context: ContextPointer, status: StatusPointer): DeviceListPointer | null;
  TF_DeviceListCount(list: DeviceListPointer): number;
  TF_DeviceListType(list: DeviceListPointer, index: number, status: StatusPointer): string;
  TF_DeleteDeviceList(list: DeviceListPointer): void;
  TFE_DeleteContext(context: ContextPointer): void;
  TFE_ContextClearCaches(context: ContextPointer): void;
  /** `proto`: an encoded `tensorflow.ServerDef`; starts the gRPC server of this process. */
  TFE_EnableCollectiveOps(context: ContextPointer, proto: Uint8Array, length: number, status: StatusPointer): void;
  /** Ends all collectives, also later ones, with the failure that `status` holds. */
  TFE_AbortCollectiveOps(context: ContextPointer, status: StatusPointer): void;
  TFE_CollectiveOpsCheckPeerHealth: KoffiFunc<
    (context: ContextPointer, task: string, timeoutMs: number, status: StatusPointer) => void
  >;
  TFE_ContextAddFunction(context: ContextPointer, f: FunctionPointer, status: StatusPointer): void;
  TFE_ContextRemoveFunction(context: ContextPointer, name: string, status: StatusPointer): void;

  TFE_NewOp(context: ContextPointer, name: string, status: StatusPointer): OpPointer | null;
  TFE_DeleteOp(op: OpPointer): void;
  TFE_OpAddInput(op: OpPointer, handle: HandlePointer, status: StatusPointer): void;
  TFE_OpAddInputList(op: OpPointer, handles: readonly HandlePointer[], count: number, status: StatusPointer): void;
  TFE_OpSetAttrString(op: OpPointer, name: string, bytes: Uint8Array, length: number): void;
  TFE_OpSetAttrStringList(
    op: OpPointer,
    name: string,
    values: readonly Uint8Array[],
    lengths: BigUint64Array,
    count: number,
  ): void;
  TFE_OpSetAttrInt(op: OpPointer, name: string, value: number | bigint): void;
  TFE_OpSetAttrIntList(op: OpPointer, name: string, values: Int64s, count: number): void;
  TFE_OpSetAttrFloat(op: OpPointer, name: string, value: number): void;
  TFE_OpSetAttrFloatList(op: OpPointer, name: string, values: Float32Array, count: number): void;
  TFE_OpSetAttrBool(op: OpPointer, name: string, value: number): void;
  TFE_OpSetAttrType(op: OpPointer, name: string, value: number): void;
  TFE_OpSetAttrTypeList(op: OpPointer, name: string, values: Int32s, count: number): void;
  TFE_OpSetAttrShape(op: OpPointer, name: string, dims: Int64s, numDims: number, status: StatusPointer): void;
  TFE_OpSetAttrFunctionName(op: OpPointer, name: string, value: string, length: number): void;
  /** `outputs` is filled with handles, `count[0]` in: room, out: how many. */
  TFE_Execute: KoffiFunc<
    (op: OpPointer, outputs: (HandlePointer | null)[], count: number[], status: StatusPointer) => void
  >;
  TFE_InferShapes(
    op: OpPointer,
    inputs: ShapeListPointer,
    inputTensors: readonly (TensorPointer | null)[],
    inputTensorsAsShapes: null,
    inputResources: null,
    outputs: (ShapeListPointer | null)[],
    outputResources: null,
    status: StatusPointer,
  ): void;
  TF_NewShapeAndTypeList(count: number): ShapeListPointer;
  TF_ShapeAndTypeListSetShape(list: ShapeListPointer, index: number, dims: Int64s, numDims: number): void;
  TF_ShapeAndTypeListSetUnknownShape(list: ShapeListPointer, index: number): void;
  TF_DeleteShapeAndTypeList(list: ShapeListPointer): void;

  TF_NewGraph(): GraphPointer;
  TF_DeleteGraph(graph: GraphPointer): void;
  TF_NewOperation(graph: GraphPointer, type: string, name: string): NodeDescriptionPointer;
  TF_AddInput(node: NodeDescriptionPointer, input: NodeOutput): void;
  TF_AddInputList(node: NodeDescriptionPointer, inputs: readonly NodeOutput[], count: number): void;
  TF_AddControlInput(node: NodeDescriptionPointer, input: NodePointer): void;
  TF_SetAttrString(node: NodeDescriptionPointer, name: string, bytes: Uint8Array, length: number): void;
  TF_SetAttrStringList(
    node: NodeDescriptionPointer,
    name: string,
    values: readonly Uint8Array[],
    lengths: BigUint64Array,
    count: number,
  ): void;
  TF_SetAttrInt(node: NodeDescriptionPointer, name: string, value: number | bigint): void;
  TF_SetAttrIntList(node: NodeDescriptionPointer, name: string, values: Int64s, count: number): void;
  TF_SetAttrFloat(node: NodeDescriptionPointer, name: string, value: number): void;
  TF_SetAttrFloatList(node: NodeDescriptionPointer, name: string, values: Float32Array, count: number): void;
  TF_SetAttrBool(node: NodeDescriptionPointer, name: string, value: number): void;
  TF_SetAttrType(node: NodeDescriptionPointer, name: string, value: number): void;
  TF_SetAttrTypeList(node: NodeDescriptionPointer, name: string, values: Int32s, count: number): void;
  TF_SetAttrShape(node: NodeDescriptionPointer, name: string, dims: Int64s, numDims: number): void;
  TF_SetAttrTensor(node: NodeDescriptionPointer, name: string, value: TensorPointer, status: StatusPointer): void;
  TF_FinishOperation(node: NodeDescriptionPointer, status: StatusPointer): NodePointer | null;
  TF_OperationOutputType(output: NodeOutput): number;
  TF_OperationNumOutputs(node: NodePointer): number;
  TF_GraphGetTensorNumDims(graph: GraphPointer, output: NodeOutput, status: StatusPointer): number;
  TF_GraphGetTensorShape(
    graph: GraphPointer,
    output: NodeOutput,
    dims: Int64s,
    numDims: number,
    status: StatusPointer,
  ): void;
  TF_GraphSetTensorShape(
    graph: GraphPointer,
    output: NodeOutput,
    dims: Int64s,
    numDims: number,
    status: StatusPointer,
  ): void;
  TF_GraphToFunctionWithControlOutputs(
    graph: GraphPointer,
    name: string,
    appendHash: number,
    numNodes: number,
    nodes: null,
    numInputs: number,
    inputs: readonly NodeOutput[],
    numOutputs: number,
    outputs: readonly NodeOutput[],
    outputNames: null,
    numControls: number,
    controls: readonly NodePointer[],
    controlNames: null,
    options: null,
    description: string | null,
    status: StatusPointer,
  ): FunctionPointer | null;
  TF_DeleteFunction(f: FunctionPointer): void;
}

/** Argument lists as koffi writes them; the result type stands first. */
const SIGNATURES: Readonly<Record<keyof CApi, string>> = {
  TF_Version: 'str|',
  TF_NewStatus: 'ptr|',
  TF_DeleteStatus: 'void|ptr',
  TF_SetStatus: 'void|ptr,int,str',
  TF_GetCode: 'int|ptr',
  TF_Message: 'str|ptr',
  TF_GetAllOpList: 'ptr|',
  TF_DeleteBuffer: 'void|ptr',
  TF_AllocateTensor: 'ptr|int,i64s,int,size_t',
  TF_TensorData: 'ptr|ptr',
  TF_TensorByteSize: 'size_t|ptr',
  TF_DeleteTensor: 'void|ptr',
  TF_StringInit: 'void|ptr',
  TF_StringCopy: 'void|ptr,bytes,size_t',
  TF_StringGetDataPointer: 'ptr|ptr',
  TF_StringGetSize: 'size_t|ptr',
  TF_StringDealloc: 'void|ptr',
  TFE_NewTensorHandle: 'ptr|ptr,ptr',
  TFE_DeleteTensorHandle: 'void|ptr',
  TFE_TensorHandleCopySharingTensor: 'ptr|ptr,ptr',
  TFE_TensorHandleResolve: 'ptr|ptr,ptr',
  TFE_TensorHandleDataType: 'int|ptr',
  TFE_TensorHandleNumDims: 'int|ptr,ptr',
  TFE_TensorHandleDim: 'int64_t|ptr,int,ptr',
  TFE_NewContextOptions: 'ptr|',
  TFE_DeleteContextOptions: 'void|ptr',
  TFE_ContextOptionsSetConfig: 'void|ptr,bytes,size_t,ptr',
  TFE_NewContext: 'ptr|ptr,ptr',
  TFE_ContextListDevices: 'ptr|ptr,ptr',
  TF_DeviceListCount: 'int|ptr',
  TF_DeviceListType: 'str|ptr,int,ptr',
  TF_DeleteDeviceList: 'void|ptr',
  TFE_DeleteContext: 'void|ptr',
  TFE_ContextClearCaches: 'void|ptr',
  TFE_EnableCollectiveOps: 'void|ptr,bytes,size_t,ptr',
  TFE_AbortCollectiveOps: 'void|ptr,ptr',
  TFE_CollectiveOpsCheckPeerHealth: 'void|ptr,str,int64_t,ptr',
  TFE_ContextAddFunction: 'void|ptr,ptr,ptr',
  TFE_ContextRemoveFunction: 'void|ptr,str,ptr',
  TFE_NewOp: 'ptr|ptr,str,ptr',
  TFE_DeleteOp: 'void|ptr',
  TFE_OpAddInput: 'void|ptr,ptr,ptr',
  TFE_OpAddInputList: 'void|ptr,ptrs,int,ptr',
  TFE_OpSetAttrString: 'void|ptr,str,bytes,size_t',
  TFE_OpSetAttrStringList: 'void|ptr,str,buffers,sizes,int',
  TFE_OpSetAttrInt: 'void|ptr,str,int64_t',
  TFE_OpSetAttrIntList: 'void|ptr,str,i64s,int',
  TFE_OpSetAttrFloat: 'void|ptr,str,float',
  TFE_OpSetAttrFloatList: 'void|ptr,str,floats,int',
  TFE_OpSetAttrBool: 'void|ptr,str,uint8_t',
  TFE_OpSetAttrType: 'void|ptr,str,int',
  TFE_OpSetAttrTypeList: 'void|ptr,str,i32s,int',
  TFE_OpSetAttrShape: 'void|ptr,str,i64s,int,ptr',
  TFE_OpSetAttrFunctionName: 'void|ptr,str,str,size_t',
  TFE_Execute: 'void|ptr,outPtrs,inoutInts,ptr',
  TFE_InferShapes: 'void|ptr,ptr,ptrs,ptr,ptr,outPtrs,ptr,ptr',
  TF_NewShapeAndTypeList: 'ptr|int',
  TF_ShapeAndTypeListSetShape: 'void|ptr,int,i64s,int',
  TF_ShapeAndTypeListSetUnknownShape: 'void|ptr,int',
  TF_DeleteShapeAndTypeList: 'void|ptr',
  TF_NewGraph: 'ptr|',
  TF_DeleteGraph: 'void|ptr',
  TF_NewOperation: 'ptr|ptr,str,str',
  TF_AddInput: 'void|ptr,output',
  TF_AddInputList: 'void|ptr,outputs,int',
  TF_AddControlInput: 'void|ptr,ptr',
  TF_SetAttrString: 'void|ptr,str,bytes,size_t',
  TF_SetAttrStringList: 'void|ptr,str,buffers,sizes,int',
  TF_SetAttrInt: 'void|ptr,str,int64_t',
  TF_SetAttrIntList: 'void|ptr,str,i64s,int',
  TF_SetAttrFloat: 'void|ptr,str,float',
  TF_SetAttrFloatList: 'void|ptr,str,floats,int',
  TF_SetAttrBool: 'void|ptr,str,uint8_t',
  TF_SetAttrType: 'void|ptr,str,int',
  TF_SetAttrTypeList: 'void|ptr,str,i32s,int',
  TF_SetAttrShape: 'void|ptr,str,i64s,int',
  TF_SetAttrTensor: 'void|ptr,str,ptr,ptr',
  TF_FinishOperation: 'ptr|ptr,ptr',
  TF_OperationOutputType: 'int|output',
  TF_OperationNumOutputs: 'int|ptr',
  TF_GraphGetTensorNumDims: 'int|ptr,output,ptr',
  TF_GraphGetTensorShape: 'void|ptr,output,mutableI64s,int,ptr',
  TF_GraphSetTensorShape: 'void|ptr,output,i64s,int,ptr',
  TF_GraphToFunctionWithControlOutputs:
    'ptr|ptr,str,uint8_t,int,ptr,int,outputs,int,outputs,ptr,int,ptrs,ptr,ptr,str,ptr',
  TF_DeleteFunction: 'void|ptr',
};

/** Binds every function of `CApi`; koffi looks a symbol up on its first call. */
export function bindCApi(library: LibraryHandle): CApi {
  const output = koffi().struct({ oper: 'void *', index: 'int' });
  const types = {
    ptr: 'void *',
    ptrs: 'void **',
    i64s: 'const int64_t *',
    mutableI64s: 'int64_t *',
    i32s: 'const int *',
    floats: 'const float *',
    sizes: 'const uint64_t *',
    bytes: 'const uint8_t *',
    buffers: 'const uint8_t **',
    output,
    outputs: koffi().pointer(output),
    outPtrs: koffi().out('void **'),
    inoutInts: koffi().inout('int *'),
  };
  const typeOf = (name: string) => (Object.hasOwn(types, name) ? types[name as keyof typeof types] : name);
  const functions: Record<string, unknown> = {};
  for (const [name, signature] of Object.entries(SIGNATURES)) {
    const [result = '', args = ''] = signature.split('|');
    const parameters = args === '' ? [] : args.split(',').map(typeOf);
    functions[name] = library.func(name, typeOf(result) as string, parameters as string[]);
  }
  return functions as unknown as CApi;
}
