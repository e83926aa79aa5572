/** Name of the backend in tfjs; its kernels look it up under this name. */
export const BACKEND_NAME = 'tensorflow';
