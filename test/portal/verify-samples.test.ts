import { describe, expect, it } from '@jest/globals';
import { Webhook as Standard } from 'standardwebhooks';
import { Webhook } from 'svix';
import { byHand } from '../../portal/src/pages/verify/by-hand.js';
import { fillingOf } from '../../portal/src/pages/verify/filling.js';
import { SAMPLES } from '../../portal/src/pages/verify/samples.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const PAYLOAD = '{"order": 42}';

function headersOf(prefix: 'webhook' | 'svix', payload = PAYLOAD): Record<string, string> {
  const at = new Date();
  return {
    [`${prefix}-id`]: 'msg_1',
    [`${prefix}-timestamp`]: String(Math.floor(at.getTime() / 1000)),
    [`${prefix}-signature`]: new Standard(SECRET).sign('msg_1', at, payload),
  };
}

/** What the JavaScript sample answers to a request, and what it has stored before. `broken`: it can't store anything. */
async function receive(
  headers: object,
  payload: string,
  broken = false,
): Promise<{ path: string; status: number; stored: unknown }> {
  const code = SAMPLES.find(({ id }) => id === 'javascript')!.code({ path: '/hook', port: '9000', prefix: 'webhook' });
  const found = { path: '', status: 0, stored: null as unknown };
  let handled: Promise<void> = Promise.resolve();
  const response = { status: (status: number) => ({ end: () => void (found.status = status) }) };
  const express = Object.assign(
    () => ({
      post(path: string, _body: unknown, handler: (request: object, response: object) => Promise<void>) {
        found.path = path;
        handled = handler({ headers, body: Buffer.from(payload) }, response).catch(() => void (found.status = 500));
      },
      listen: () => {},
    }),
    { raw: () => null },
  );
  const log = (event: unknown) => {
    if (broken) throw new Error('the disk is full');
    found.stored = event;
  };
  const env = { env: { WEBHOOK_SECRET: SECRET } };
  new Function('express', 'Webhook', 'process', 'console', code.replaceAll(/^import .*$/gm, ''))(express, Webhook, env, { log });
  await handled;
  return found;
}

describe('the JavaScript sample of the portal', () => {
  it('takes a genuine message, and stores its payload', async () => {
    expect(await receive(headersOf('webhook'), PAYLOAD)).toEqual({ path: '/hook', status: 204, stored: { order: 42 } });
  });

  it('does not take a message that it can not store', async () => {
    expect(await receive(headersOf('webhook'), PAYLOAD, true)).toMatchObject({ status: 500 });
  });

  it('refuses a forged one', async () => {
    expect(await receive(headersOf('webhook', '{"order": 43}'), PAYLOAD)).toMatchObject({ status: 400, stored: null });
  });
});

describe.each(['webhook', 'svix'] as const)('the sample without a library, with headers that begin with %s', (prefix) => {
  const isGenuine = async (headers: object, payload: string) => {
    const { createHmac, timingSafeEqual } = await import('node:crypto');
    const code = byHand({ path: '/hook', port: '9000', prefix })
      .replaceAll(/^import .*$/gm, '')
      .replace('export ', 'return ');
    const env = { env: { WEBHOOK_SECRET: SECRET } };
    return new Function('createHmac', 'timingSafeEqual', 'process', code)(createHmac, timingSafeEqual, env)(headers, payload);
  };

  it('finds a genuine message genuine, and a forged one not', async () => {
    const headers = headersOf(prefix);

    expect([await isGenuine(headers, PAYLOAD), await isGenuine(headers, '{"order": 43}')]).toEqual([true, false]);
  });
});

it('there is a sample for each language that the API has a library for', () => {
  expect(SAMPLES.map(({ language }) => language).toSorted()).toEqual(
    ['C#', 'Go', 'Java', 'JavaScript', 'Kotlin', 'PHP', 'Python', 'Ruby', 'Rust', 'TypeScript'].toSorted(),
  );
});

it.each(SAMPLES.map((sample) => [sample.language, sample] as const))(
  'the sample in %s is whole: it reads the secret, says where its own code goes, and stores the message there',
  (_language, { code }) => {
    const text = code({ path: '/hook', port: '9000', prefix: 'webhook' });

    expect(text).toContain('WEBHOOK_SECRET');
    expect(text).toMatch(/(function|def|func|fn|fun|void|Task) store\(/i);
    expect(text).toMatch(
      /Your code\. (If it (throws|raises)|After an error) *,? the answer is 500, and the webhook comes again\./,
    );
  },
);

describe('what is filled into the samples', () => {
  it('is the path of the URL, and the port if it names one', () => {
    expect(fillingOf('https://example.com:9000/hooks/a', 'svix')).toEqual({ path: '/hooks/a', port: '9000', prefix: 'svix' });
    expect(fillingOf('https://example.com/', 'webhook')).toEqual({ path: '/', port: '8080', prefix: 'webhook' });
    expect(fillingOf(undefined, 'webhook')).toEqual({ path: '/webhooks', port: '8080', prefix: 'webhook' });
  });

  it.each(['/hooks/a+b', '/a[1]', '/a:b', "/it's"])('is left out if routes would read it as something else: %s', (odd) => {
    expect(fillingOf(`https://example.com${odd}`, 'webhook').path).toBe('/webhooks');
  });

  it('can not end the quotes that it stands in', () => {
    const { path } = fillingOf(`https://example.com/a'b"c\`d$e{f}(g)*!h\\i`, 'webhook');

    expect(path).toBe('/webhooks');
  });
});
