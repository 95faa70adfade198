import { describe, expect, it } from '@jest/globals';
import { ownDatabase } from '../support/parts.js';

const AT_ONCE = 12;
const ROUNDS = 4;

describe('the users that migrate makes', () => {
  it('are made while those of other databases are made and removed on the same server', async () => {
    const server = process.env['TEST_DATABASE_URL']!;
    for (let round = 0; round < ROUNDS; round++) {
      const made = await Promise.allSettled(
        Array.from({ length: AT_ONCE }, async (_, n) => {
          const own = await ownDatabase(server, `posthorn_test_users_${process.pid}_${round}_${n}`, { schema: false });
          await own.remove();
        }),
      );
      expect(made.filter(({ status }) => status === 'rejected')).toEqual([]);
    }
  });
});
