// Must be imported before the tests: they are described for the environments that are set by then.
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';

setTestEnvs([{ name: 'test-tensorflow', backendName: 'tensorflow', isDataSync: true }]);
