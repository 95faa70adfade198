import { describe } from '@jest/globals';
import { plansContract } from './plans/contract.js';
import { mariaDbRecorder } from './plans/recorder.js';

describe('the plans of MariaDB', () => {
  plansContract(mariaDbRecorder, []);
});
