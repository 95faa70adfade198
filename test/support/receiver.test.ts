import { afterEach, describe, expect, it } from '@jest/globals';
import { Agent, request } from 'undici';
import { startReceiver, type Receiver } from './receiver.js';

describe('the receiver of the tests', () => {
  let receiver: Receiver;
  const agent = new Agent({ connections: 50 });
  afterEach(() => receiver.stop());

  async function post(body: string | Buffer, path = ''): Promise<number> {
    const { statusCode, body: answer } = await request(receiver.url + path, { method: 'POST', body, dispatcher: agent });
    await answer.dump();
    return statusCode;
  }

  it('answers by its script and remembers what came', async () => {
    receiver = await startReceiver(({ path }, index) =>
      path === '/hook/gone' ? { status: 410, headers: { 'x-why': 'gone' } } : 200 + index,
    );

    expect([await post('first'), await post(Buffer.from([0, 255])), await post('', '/gone')]).toEqual([200, 201, 410]);
    const [first, second, third] = await receiver.got(3);
    expect(first!.body.toString()).toBe('first');
    expect(second!.body).toEqual(Buffer.from([0, 255]));
    expect(third).toMatchObject({ method: 'POST', path: '/hook/gone' });
    expect(third!.rawHeaders.length).toBeGreaterThan(0);
  });

  it('says how many came when not all did', async () => {
    receiver = await startReceiver();
    await post('only');

    await expect(receiver.got(2, 50)).rejects.toThrow(/Waited \d+ ms for 2 requests, got 1/);
  });

  it('can leave a request without an answer and still stop', async () => {
    receiver = await startReceiver(() => ({ status: 200, hang: true }));
    const answer = post('waits').catch((error: Error) => error);

    await receiver.got(1);
    await receiver.stop();
    expect(await answer).toBeInstanceOf(Error);
    receiver = await startReceiver();
  });

  it('takes thousands of requests over a few connections', async () => {
    receiver = await startReceiver();
    let left = 2_000;
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        while (left-- > 0) await post('{"order":42}');
      }),
    );

    expect(await receiver.got(2_000)).toHaveLength(2_000);
  });
});
