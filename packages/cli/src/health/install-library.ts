import type { Logger } from '@multichexnet/core';

/** What happened, in words. */
export interface Installed {
  readonly directory: string;
  readonly detail: string;
}

/**
 * TensorFlow's library: the one that is there, else fetched into the cache.
 * @throws EngineError when it is neither there nor to be had
 */
export async function installWithProgress(logger: Logger, device: 'cpu' | 'gpu' = 'cpu'): Promise<Installed> {
  const { EngineError, findLibrary, installLibrary } = await import('@multichexnet/engine');
  try {
    const { directory, source } = findLibrary({ device });
    return { directory, detail: `in ${directory} (${source})` };
  } catch (error) {
    // A path that was given is never silently replaced by a download.
    const given = (process.env['MULTICHEXNET_TENSORFLOW'] ?? '') !== '';
    if (!(error instanceof EngineError) || error.code !== 'ENGINE_LIBRARY_MISSING' || given) throw error;
  }
  let fetched = 0;
  const { directory } = await installLibrary({
    device,
    onProgress: ({ stage, wheel: { requirement, index, count }, done, total }) => {
      if (stage === 'verify' && done === total) fetched += total;
      logger.progress({
        name: count === 1 ? `library: ${stage}` : `library ${index + 1}/${count}: ${stage} ${requirement}`,
        done,
        total,
        detail: `${megabytes(done)} of ${megabytes(total)} MB`,
      });
    },
  });
  return { directory, detail: `fetched ${megabytes(fetched)} MB, sha256 ok, into ${directory}` };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
