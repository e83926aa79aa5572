import * as tf from '@tensorflow/tfjs';

/** Saves a model to memory and loads it as any TensorFlow.js program would, without this project's classes. */
export async function reloadModel(model: tf.LayersModel): Promise<tf.LayersModel> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((saved) => {
      artifacts = saved;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
    }),
  );
  return tf.loadLayersModel(tf.io.fromMemory(artifacts!));
}
