import { tensorflowMembers, type PinnedLibrary, type PinnedWheel } from './pinned-wheel.js';

/** `[member, bytes]`; members lie in the library's folder as they lie in the wheel. */
type Members = readonly (readonly [string, number])[];

function nvidia(requirement: string, file: string, bytes: number, sha256: string, members: Members): PinnedWheel {
  return {
    requirement,
    file,
    bytes,
    sha256,
    pythonVersion: '3.11',
    abi: 'none',
    platform: /(manylinux[^.-]*_x86_64)\.whl$/.exec(file)?.[1] ?? 'manylinux_2_27_x86_64',
    members: Object.fromEntries(members.map(([name, size]) => [name, { name, bytes: size }])),
  };
}

/**
 * TensorFlow's CUDA build with the NVIDIA libraries that its `and-cuda` extra names. TensorFlow looks for them in `$ORIGIN/../nvidia/<part>/lib` (its
 * RUNPATH), so the wheels' own layout is kept and no LD_LIBRARY_PATH is needed. The driver is the machine's.
 */
export const GPU_LIBRARY: PinnedLibrary = {
  version: '2.21.0',
  folder: 'tensorflow-gpu-2.21.0',
  libraries: 'tensorflow',
  wheels: [
    {
      requirement: 'tensorflow==2.21.0',
      file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
      bytes: 572_440_367,
      sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
      pythonVersion: '3.11',
      abi: 'cp311',
      platform: 'manylinux_2_27_x86_64',
      members: tensorflowMembers(1_096_372_272, 162_648_808, 'tensorflow/'),
    },
    nvidia(
      'nvidia-cublas-cu12==12.9.3.13',
      'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl',
      581_217_458,
      'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
      [
        ['nvidia/cublas/lib/libcublas.so.12', 105_140_976],
        ['nvidia/cublas/lib/libcublasLt.so.12', 749_169_616],
        ['nvidia/cublas/lib/libnvblas.so.12', 753_824],
        ['nvidia_cublas_cu12-12.9.3.13.dist-info/licenses/License.txt', 59_262],
      ],
    ),
    nvidia(
      'nvidia-cuda-cupti-cu12==12.8.90',
      'nvidia_cuda_cupti_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      10_248_621,
      'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
      [
        ['nvidia/cuda_cupti/lib/libcheckpoint.so', 1_644_872],
        ['nvidia/cuda_cupti/lib/libcupti.so.12', 7_595_792],
        ['nvidia/cuda_cupti/lib/libnvperf_host.so', 25_825_936],
        ['nvidia/cuda_cupti/lib/libnvperf_target.so', 5_275_312],
        ['nvidia/cuda_cupti/lib/libpcsamplingutil.so', 970_064],
        ['nvidia_cuda_cupti_cu12-12.8.90.dist-info/License.txt', 59_262],
      ],
    ),
    nvidia(
      'nvidia-cuda-nvcc-cu12==12.9.86',
      'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
      40_546_229,
      '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
      [
        ['nvidia/cuda_nvcc/bin/ptxas', 34_931_056],
        ['nvidia/cuda_nvcc/nvvm/lib64/libnvvm.so', 62_581_536],
        ['nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc', 486_168],
        ['nvidia_cuda_nvcc_cu12-12.9.86.dist-info/licenses/License.txt', 59_262],
      ],
    ),
    nvidia(
      'nvidia-cuda-nvrtc-cu12==12.9.86',
      'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
      89_568_129,
      '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
      [
        ['nvidia/cuda_nvrtc/lib/libnvrtc-builtins.alt.so.12.9', 7_169_992],
        ['nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.9', 7_202_760],
        ['nvidia/cuda_nvrtc/lib/libnvrtc.alt.so.12', 106_723_760],
        ['nvidia/cuda_nvrtc/lib/libnvrtc.so.12', 106_244_480],
        ['nvidia_cuda_nvrtc_cu12-12.9.86.dist-info/licenses/License.txt', 59_262],
      ],
    ),
    nvidia(
      'nvidia-cuda-runtime-cu12==12.9.79',
      'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      3_493_179,
      '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
      [
        ['nvidia/cuda_runtime/lib/libcudart.so.12', 741_088],
        ['nvidia_cuda_runtime_cu12-12.9.79.dist-info/licenses/License.txt', 59_262],
      ],
    ),
    nvidia(
      'nvidia-cudnn-cu12==9.28.0.42',
      'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl',
      716_538_495,
      '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
      [
        ['nvidia/cudnn/lib/libcudnn.so.9', 137_432],
        ['nvidia/cudnn/lib/libcudnn_adv.so.9', 232_904_280],
        ['nvidia/cudnn/lib/libcudnn_cnn.so.9', 4_203_992],
        ['nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9', 559_964_512],
        ['nvidia/cudnn/lib/libcudnn_engines_runtime_compiled.so.9', 48_269_792],
        ['nvidia/cudnn/lib/libcudnn_engines_tensor_ir.so.9', 2_099_128],
        ['nvidia/cudnn/lib/libcudnn_ext.so.9', 10_492_448],
        ['nvidia/cudnn/lib/libcudnn_graph.so.9', 115_563_344],
        ['nvidia/cudnn/lib/libcudnn_heuristic.so.9', 96_473_944],
        ['nvidia/cudnn/lib/libcudnn_ops.so.9', 92_284_600],
        ['nvidia_cudnn_cu12-9.28.0.42.dist-info/licenses/License.txt', 18_174],
      ],
    ),
    nvidia(
      'nvidia-cufft-cu12==11.4.1.4',
      'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      200_877_592,
      'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
      [
        ['nvidia/cufft/lib/libcufft.so.11', 291_507_928],
        ['nvidia/cufft/lib/libcufftw.so.11', 2_101_488],
        ['nvidia_cufft_cu12-11.4.1.4.dist-info/licenses/License.txt', 59_262],
      ],
    ),
    nvidia(
      'nvidia-curand-cu12==10.3.10.19',
      'nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl',
      68_295_626,
      '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
      [
        ['nvidia/curand/lib/libcurand.so.10', 166_965_432],
        ['nvidia_curand_cu12-10.3.10.19.dist-info/License.txt', 59_262],
      ],
    ),
    nvidia(
      'nvidia-cusolver-cu12==11.7.5.82',
      'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl',
      338_117_415,
      '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
      [
        ['nvidia/cusolver/lib/libcusolver.so.11', 302_024_152],
        ['nvidia/cusolver/lib/libcusolverMg.so.11', 192_950_912],
        ['nvidia_cusolver_cu12-11.7.5.82.dist-info/licenses/License.txt', 59_262],
      ],
    ),
    nvidia(
      'nvidia-cusparse-cu12==12.5.10.65',
      'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      366_465_088,
      '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
      [
        ['nvidia/cusparse/lib/libcusparse.so.12', 486_556_368],
        ['nvidia_cusparse_cu12-12.5.10.65.dist-info/licenses/License.txt', 59_262],
      ],
    ),
    nvidia(
      'nvidia-nccl-cu12==2.32.3',
      'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl',
      351_526_311,
      'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
      [
        ['nvidia/nccl/lib/libnccl.so.2', 473_614_536],
        ['nvidia_nccl_cu12-2.32.3.dist-info/licenses/License.txt', 1_895],
      ],
    ),
    nvidia(
      'nvidia-nvjitlink-cu12==12.9.86',
      'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
      39_748_338,
      'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
      [
        ['nvidia/nvjitlink/lib/libnvJitLink.so.12', 95_935_344],
        ['nvidia_nvjitlink_cu12-12.9.86.dist-info/licenses/License.txt', 59_262],
      ],
    ),
  ],
};
