import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { startChild } from '../support/child.js';
import { freePort } from '../support/services.js';

const SECRET = 'the first, which signs'.replace(',', '\\,');

let app: TestApp;

beforeAll(async () => {
  app = await startApp({ JWT_SECRET: `${SECRET},another` });
});
afterAll(() => app.stop());

async function check(env: Record<string, string> = {}) {
  const usual = { TEST_BASE_URL: app.url, TEST_JWT_SECRET: `${SECRET},another`, TEST_RECEIVER_HOST: '127.0.0.1' };
  const program = resolve(import.meta.dirname, 'check.ts');
  const loader = resolve(import.meta.dirname, '../deploy/check/typescript.mjs');
  const child = startChild(process.execPath, ['--import', loader, program], { ...usual, ...env });
  const { code } = await child.exited;
  return { code, lines: child.lines };
}

describe('the check before the remote tests', () => {
  it('says nothing if the service answers, takes the token and delivers', async () => {
    expect(await check()).toEqual({ code: 0, lines: [] });
  });

  it.each(['TEST_BASE_URL', 'TEST_JWT_SECRET', 'TEST_RECEIVER_HOST'])('names %s if it is missing', async (name) => {
    expect(await check({ [name]: '' })).toEqual({ code: 1, lines: [expect.stringContaining(`${name} is missing`)] });
  });

  it('says that nobody answers', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    expect(await check({ TEST_BASE_URL: nobody })).toEqual({
      code: 1,
      lines: [expect.stringContaining(`${nobody}) is not ready`)],
    });
  });

  it('says that the secret is another', async () => {
    const lines = [expect.stringContaining('refuses tokens that are signed with TEST_JWT_SECRET')];
    expect(await check({ TEST_JWT_SECRET: 'of another installation' })).toEqual({ code: 1, lines });
  });

  it('says that the receiver can not be reached, why, and where to look', async () => {
    const sentence =
      /can not deliver to http:\/\/10\.1\.2\.3:\d+\/hook .*blocked by configuration.* ALLOWED_SUBNETS .* security group/;
    expect(await check({ TEST_RECEIVER_HOST: '10.1.2.3' })).toEqual({ code: 1, lines: [expect.stringMatching(sentence)] });
  });

  it('leaves no application behind', async () => {
    await check();
    const deleted = app.log.map((line) => JSON.parse(line)).filter(({ method, status }) => method === 'DELETE' && status === 204);
    expect(deleted).not.toEqual([]);
  });
});
