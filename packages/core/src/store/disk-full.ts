import { MultichexnetError } from '../errors.js';

/**
 * Does a write to `file`. The system's own error of a full disk names no file and says nothing of the run that it ended.
 * @throws MultichexnetError DISK_FULL for ENOSPC and EDQUOT; other errors as they are
 */
export async function writeTo<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw new MultichexnetError(
      'DISK_FULL',
      `${code === 'ENOSPC' ? 'the disk is full' : "the user's quota of the disk is used up"}; free space, then go on with --resume: what was saved before is whole`,
      { file },
      { cause: error },
    );
  }
}
