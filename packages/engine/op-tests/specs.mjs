import './environment.mjs';
import '@tensorflow/tfjs-core/dist/tests';
