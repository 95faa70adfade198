import { readFileSync, globSync } from 'node:fs';
import { expect, it } from '@jest/globals';

/** Calls Idempotency.once itself. */
const OWN = 'src/api/message/message.controller.ts';

it('every POST of the API runs once for an idempotency key', () => {
  const plain = globSync('src/api/**/*.controller.ts').filter((file) => /@Post\(/.test(readFileSync(file, 'utf8')));
  expect(plain).toEqual([OWN]);
});
