import { testHead } from '@multichexnet/testing';
import age from './index.js';

testHead(age, { labels: [31, 64, undefined] });
