import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { isDotSegment } from '../../src/api/http-support/schemas.js';
import { headerNameProblem } from '../../src/domain/custom-headers.js';
import { Sealer } from '../../src/domain/sealing.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';

const WAIT_MS = 60_000;

/** What somebody may think of: the registered fields of HTTP, those of common software, and names that objects have already. */
const NAMES = `
  A-IM Accept Accept-Additions Accept-CH Accept-Charset Accept-Datetime Accept-Encoding Accept-Features Accept-Language Accept-Patch Accept-Post
  Accept-Ranges Access-Control-Allow-Origin Access-Control-Request-Method Age Allow Alt-Svc Alt-Used Authentication-Info Authorization Cache-Control
  Cache-Status Clear-Site-Data Close Connection Content-Digest Content-Disposition Content-Encoding Content-ID Content-Language Content-Length
  Content-Location Content-MD5 Content-Range Content-Security-Policy Content-Type Cookie Cookie2 DASL Date Depth Destination DNT Early-Data ETag Expect
  Expires Forwarded From Host HTTP2-Settings If If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since IM Keep-Alive Last-Modified Link
  Location Lock-Token Max-Forwards MIME-Version Negotiate Origin Overwrite Position Pragma Prefer Priority Proxy-Authenticate Proxy-Authorization
  Proxy-Connection Proxy-Status Public Range Referer Refresh Repr-Digest Retry-After Sec-Fetch-Mode Sec-GPC Sec-WebSocket-Key Sec-WebSocket-Version
  Server Server-Timing Set-Cookie Set-Cookie2 Signature Signature-Input SOAPAction Status-URI Strict-Transport-Security Surrogate-Capability TE Timeout
  Topic traceparent tracestate Trailer Trailers Transfer-Encoding TTL Upgrade Upgrade-Insecure-Requests Urgency User-Agent Variant-Vary Vary Via Want-Digest
  Warning WWW-Authenticate X-Api-Key X-Content-Type-Options X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-HTTP-Method-Override X-Real-IP X-Request-ID
  X-Requested-With webhook x-webhook-id __proto__ constructor hasOwnProperty prototype toString valueOf length 0 1e3 ! # $ % & ' * + - . ^ _ \` | ~
`
  .trim()
  .split(/\s+/);

describe('a custom header', () => {
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;

  beforeAll(async () => {
    app = await startApp();
    receiver = await startReceiver();
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
  });
  afterAll(async () => {
    await receiver?.stop();
    await app?.stop();
  });

  const delivered = async () => {
    const before = receiver.received.length;
    await aMessage(app, appId, { payload: { a: 1 } });
    return (await receiver.got(before + 1, WAIT_MS))[before]!;
  };

  it('is either refused, or arrives with a delivery that is whole', async () => {
    const { id } = await anEndpoint(app, appId, { url: receiver.url });
    const path = `/app/${appId}/endpoint/${id}/headers`;
    const taken: string[] = [];
    for (const [at, name] of NAMES.entries()) {
      const body = `{"headers":{${JSON.stringify(name)}:"value-${at}"}}`;
      const { status } = await app.api.raw('patch', path, { body, headers: { authorization: `Bearer ${app.token}` } });
      expect([name, status]).toEqual([name, headerNameProblem(name) === null && !isDotSegment(name) ? 204 : 422]);
      if (status === 204) taken.push(name);
    }
    const { rawHeaders, body } = await delivered();
    const arrived = new Map(rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1]!] as const] : [])));

    expect(body.toString()).toBe('{"a":1}');
    expect(taken.map((name) => [name, arrived.get(name)])).toEqual(taken.map((name) => [name, `value-${NAMES.indexOf(name)}`]));
    expect(taken.length).toBeGreaterThan(90);
  });

  it('arrives with whatever value it may have', async () => {
    const characters = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
    const { id } = await anEndpoint(app, appId, { url: receiver.url });
    const path = `/app/${appId}/endpoint/${id}/headers`;
    const taken: Record<string, string> = {};
    for (const [code, character] of characters.entries()) {
      const headers = { [`x-${code}`]: `a${character}b` };
      if ((await app.api.patch(path, { headers })).status === 204) Object.assign(taken, headers);
    }

    expect((await delivered()).headers).toMatchObject(taken);
    expect(Object.keys(taken)).toHaveLength(192);
  });

  it('that was kept when more was allowed is left out, with a line in the log, and the delivery goes', async () => {
    const { id } = await anEndpoint(app, appId, { url: receiver.url, headers: { 'x-fine': 'yes' } });
    const sealed = app.nest.get(Sealer, { strict: false }).seal(JSON.stringify({ 'x-fine': 'yes', Expect: '100-continue' }));
    await app.nest
      .get(DataSource)
      .createQueryBuilder()
      .update('endpoint')
      .set({ sealedHeaders: sealed })
      .where('id = :id', { id })
      .execute();
    await app.api.patch(`/app/${appId}/endpoint/${id}`, { description: 'touched' });
    const { headers } = await delivered();

    expect(headers).toMatchObject({ 'x-fine': 'yes' });
    expect(headers).not.toHaveProperty('expect');
    const lines = app.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'delivery.headers_left_out');
    expect(lines).toMatchObject([{ endpointId: id, names: ['Expect'] }]);
  });
});
