import { testEncoder } from '@multichexnet/testing';
import { densenet } from './plugin.js';

testEncoder(densenet, { options: { depth: 'small', size: 32 } });
