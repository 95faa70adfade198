import { readFileSync, globSync } from 'node:fs';
import { expect, it } from '@jest/globals';

/** Plain POST routes: one calls Idempotency itself; the other changes nothing, and its answer has no limit. */
const PLAIN = [
  'src/api/message/message.controller.ts: @Post()',
  "src/api/environment/environment.controller.ts: @Post('export')",
];

it('every POST of the API that changes something runs once for an idempotency key', () => {
  const plain = globSync('src/api/**/*.controller.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/@Post\([^)]*\)/g)].map(([decorator]) => `${file}: ${decorator}`),
  );
  expect(plain.toSorted()).toEqual(PLAIN.toSorted());
});
