import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FunctionUrl } from '../../rehearsal/lambda/function-url.js';
import { someFunctions } from './support/lambda.js';

describe('the URL of a function', () => {
  let url: FunctionUrl;
  beforeEach(async () => {
    const { functions } = someFunctions();
    url = await FunctionUrl.start({ functions, name: 'stand-in', account: '123456789012', region: 'eu-west-1' });
  });
  afterEach(() => url.close());

  it('makes an event of a request, and an answer of the result', async () => {
    const answer = await fetch(`${url.url}some/path?a=1&b=2&a=3`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'Webhook-Id': 'msg_1', cookie: 'c=1; d=2' },
      body: '{"text":"ü"}',
    });

    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-calls')).toBe('1');
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    const { event } = (await answer.json()) as { event: unknown };
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/some/path',
      rawQueryString: 'a=1&b=2&a=3',
      queryStringParameters: { a: '1,3', b: '2' },
      cookies: ['c=1', 'd=2'],
      headers: { 'webhook-id': 'msg_1', 'content-type': 'application/json' },
      requestContext: {
        accountId: '123456789012',
        domainName: 'standinrehearsal.lambda-url.eu-west-1.on.aws',
        http: { method: 'POST', path: '/some/path' },
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      },
      body: '{"text":"ü"}',
      isBase64Encoded: false,
    });
  });

  it('encodes a body that is not text', async () => {
    const body = Buffer.from([0, 255, 1]);
    const answer = await fetch(url.url, { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body });

    const { event } = (await answer.json()) as { event: unknown };
    expect(event).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true });
  });

  it('answers with the result itself if it has no status', async () => {
    const answer = await fetch(`${url.url}plain`);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toEqual({ calls: 1 });
  });

  it('keeps one process', async () => {
    const pids = await Promise.all([1, 2, 3].map(async () => ((await (await fetch(url.url)).json()) as { pid: number }).pid));

    expect(new Set(pids).size).toBe(1);
  });

  it('answers 502 if the function crashes, and starts it again', async () => {
    expect((await fetch(`${url.url}crash`)).status).toBe(502);
    expect((await fetch(url.url)).status).toBe(201);
  });
});
