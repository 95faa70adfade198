import { describe } from '@jest/globals';
import { plansContract } from './plans/contract.js';
import { mariaDbRecorder } from './plans/recorder.js';

describe('the plans of MariaDB', () => {
  plansContract(mariaDbRecorder, [
    { statement: /^DELETE attempt_total FROM .* IN \(\(\?\)\)$/, why: 'it removes most rows of a table that is small here' },
  ]);
});
