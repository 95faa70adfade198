import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CERTIFICATE, CERTIFICATE_KEY } from './certificate.js';
import { proxyServer, relay, type ProxyAnswer, type ProxyServer } from './proxy-server.js';
import { bareServer, namesOf, senderRig, type BareServer, type Rig } from './sender-rig.js';
import { silentAddress } from './silent-address.js';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const AGREED = 'HTTP/1.1 200 Connection established\r\n\r\n';
const TLS = { cert: CERTIFICATE, key: CERTIFICATE_KEY };

let rig: Rig | undefined;
const closing: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  rig?.stop();
  for (const server of closing.splice(0)) await server.stop();
});

async function receiver(): Promise<BareServer> {
  const server = await bareServer((socket) => socket.write(ANSWER));
  closing.push(server);
  return server;
}

async function aProxy(...given: Parameters<typeof proxyServer>): Promise<ProxyServer> {
  const proxy = await proxyServer(...given);
  closing.push(proxy);
  return proxy;
}

async function tlsReceiver(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTlsServer(TLS, (socket) => {
    let text = '';
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        text += bytes.toString('latin1');
        const end = text.indexOf('\r\n\r\n');
        if (end < 0 || text.length < end + 4 + Number(/content-length: (\d+)/.exec(text)![1])) return;
        text = '';
        socket.write(ANSWER);
      });
  });
  server.on('connection', (socket: Socket) => sockets.add(socket)).on('tlsClientError', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push({
    async stop() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  });
  return (server.address() as AddressInfo).port;
}

/** A port at which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const names = namesOf({ 'receiver.test': ['127.0.0.1'], 'proxy.test': ['127.0.0.1'], 'two.test': ['127.0.0.2', '127.0.0.1'] });
const events = () => rig!.log.filter(({ msg }) => String(msg).startsWith('proxy.'));

describe('a delivery through a proxy', () => {
  it('reaches the address that was resolved here, and the receiver sees the name', async () => {
    const [target, proxy] = [await receiver(), await aProxy()];
    rig = senderRig({ names, proxy: `http://proxy.test:${proxy.port}` });

    expect(await rig.send(`http://receiver.test:${target.port}/hook`)).toMatchObject({ statusCode: 200, response: 'ok' });
    const address = `127.0.0.1:${target.port}`;
    expect(proxy.requests).toEqual([`CONNECT ${address} HTTP/1.1\r\nhost: ${address}\r\n\r\n`]);
    expect(target.requests[0]).toMatch(new RegExp(`^POST /hook HTTP/1.1\r\nhost: receiver.test:${target.port}\r\n`));
  });

  it('keeps the tunnel for the next request', async () => {
    const [target, proxy] = [await receiver(), await aProxy()];
    rig = senderRig({ names, proxy: `http://127.0.0.1:${proxy.port}` });
    for (let count = 0; count < 3; count++) expect(await rig.send(target.url)).toMatchObject({ statusCode: 200 });

    expect([proxy.connected(), target.connected()]).toEqual([1, 1]);
  });

  it('goes nowhere that the address policy refuses, and the proxy is not even asked', async () => {
    const [target, proxy] = [await receiver(), await aProxy()];
    rig = senderRig({ names, allowed: [], proxy: `http://127.0.0.1:${proxy.port}` });

    expect(await rig.send(target.url)).toMatchObject({ failure: 'blocked', response: 'address range blocked by configuration' });
    expect(await rig.send('http://192.0.2.1:25/')).toMatchObject({ failure: 'blocked' });
    expect(proxy.connected()).toBe(0);
  });

  it('tries the next address when the proxy could not reach the first', async () => {
    const target = await receiver();
    const proxy = await aProxy((client, to, request) => {
      if (to.host === '127.0.0.2') client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      else relay(client, to, request);
    });
    rig = senderRig({ names, proxy: `http://127.0.0.1:${proxy.port}` });

    expect(await rig.send(`http://two.test:${target.port}/`)).toMatchObject({ statusCode: 200 });
    expect(proxy.requests).toHaveLength(2);
  });

  it('tries the next address beside one about which the proxy says nothing', async () => {
    const target = await receiver();
    const proxy = await aProxy((client, to, request) => (to.host === '127.0.0.2' ? undefined : relay(client, to, request)));
    rig = senderRig({ names, proxy: `http://127.0.0.1:${proxy.port}` });

    expect(await rig.send(`http://two.test:${target.port}/`)).toMatchObject({ statusCode: 200 });
  });

  it('writes an IPv6 address in brackets', async () => {
    const proxy = await aProxy((client) => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    rig = senderRig({ proxy: `http://127.0.0.1:${proxy.port}` });
    await rig.send('http://[::1]:8080/');

    expect(proxy.requests[0]).toContain('CONNECT [::1]:8080 HTTP/1.1\r\nhost: [::1]:8080\r\n');
  });

  it('shows the user of the URL to the proxy, and to nobody else', async () => {
    const target = await receiver();
    const proxy = await aProxy();
    rig = senderRig({ names, proxy: `http://user:pa%20ss%40@127.0.0.1:${proxy.port}` });
    expect(await rig.send(target.url)).toMatchObject({ statusCode: 200 });

    expect(proxy.requests[0]).toContain(`\r\nproxy-authorization: Basic ${Buffer.from('user:pa ss@').toString('base64')}\r\n`);
    expect(target.requests[0]).not.toMatch(/proxy-authorization/i);
  });

  it('skips interim answers of the proxy, and ignores a length that a 2xx must not have', async () => {
    const target = await receiver();
    const proxy = await aProxy((client, to, request) => {
      client.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: y\r\n\r\n');
      const write = client.write.bind(client);
      client.write = ((text: string | Buffer, ...rest: never[]) =>
        write(
          text.toString('latin1') === AGREED ? AGREED.replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n') : text,
          ...rest,
        )) as never;
      relay(client, to, request);
    });
    rig = senderRig({ names, proxy: `http://127.0.0.1:${proxy.port}` });

    expect(await rig.send(target.url)).toMatchObject({ statusCode: 200 });
  });

  it('understands an answer that comes byte by byte', async () => {
    const target = await receiver();
    const proxy = await aProxy((client, to) => {
      const bytes = [...AGREED];
      const next = () => {
        const byte = bytes.shift()!;
        if (bytes.length === 0) relayFrom(client, to, byte);
        else client.write(byte, () => setImmediate(next));
      };
      next();
    });
    rig = senderRig({ names, proxy: `http://127.0.0.1:${proxy.port}` });

    expect(await rig.send(target.url)).toMatchObject({ statusCode: 200 });
  });
});

/** Ends the answer with its last byte, and connects. */
function relayFrom(client: Socket, to: { host: string; port: number }, lastByte: string): void {
  const write = client.write.bind(client);
  client.write = ((text: string | Buffer, ...rest: never[]) =>
    write(text.toString('latin1') === AGREED ? lastByte : text, ...rest)) as never;
  relay(client, to, '');
}

describe('over TLS', () => {
  const trusted = getCACertificates('default');

  beforeAll(() => setDefaultCACertificates([...trusted, CERTIFICATE]));
  afterAll(() => setDefaultCACertificates(trusted));

  it.each([
    ['http', 'http'],
    ['http', 'https'],
    ['https', 'http'],
    ['https', 'https'],
  ])('an %s proxy leads to an %s endpoint, and the tunnel is kept', async (proxyProtocol, protocol) => {
    const port = protocol === 'https' ? await tlsReceiver() : (await receiver()).port;
    const proxy = await aProxy(relay, proxyProtocol === 'https' ? { tls: TLS } : {});
    const known = namesOf({ 'receiver.test': ['127.0.0.1'] });
    rig = senderRig({ names: known, proxy: `${proxyProtocol}://receiver.test:${proxy.port}` });
    const body = Buffer.alloc(100_000, 'x');

    for (let count = 0; count < 3; count++)
      expect(await rig.send(`${protocol}://receiver.test:${port}/`, { body })).toMatchObject({ statusCode: 200, response: 'ok' });
    expect(proxy.connected()).toBe(1);
  });

  it('the certificate of the endpoint is checked for its name', async () => {
    const port = await tlsReceiver();
    const proxy = await aProxy();
    rig = senderRig({ names: namesOf({ 'other.test': ['127.0.0.1'] }), proxy: `http://127.0.0.1:${proxy.port}` });

    expect((await rig.send(`https://other.test:${port}/`)).response).toContain('TLS failed: ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('the certificate of the proxy is checked', async () => {
    const target = await receiver();
    const proxy = await aProxy(relay, { tls: TLS });
    rig = senderRig({ names, proxy: `https://proxy.test:${proxy.port}` });

    expect(await rig.send(target.url)).toMatchObject({
      failure: 'proxy',
      response: 'proxy error: TLS failed: ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });
});

describe('a proxy that', () => {
  const says =
    (text: string): ProxyAnswer =>
    (client) =>
      client.end(text);

  it.each<[string, ProxyAnswer, string]>([
    ['answers in another protocol', says('220 mail.example ESMTP\r\n\r\n'), 'proxy error: its answer is not HTTP'],
    [
      'answers with garbage',
      (client) => client.end(Buffer.alloc(2_000, 0xfe).toString('latin1') + '\r\n\r\n'),
      'proxy error: its answer is not HTTP',
    ],
    [
      'answers without an end',
      says('HTTP/1.1 200 OK\r\nX: y\r\n'),
      'proxy error: it closed the connection before it had answered',
    ],
    ['closes the connection', (client) => client.end(), 'proxy error: it closed the connection before it had answered'],
    ['resets the connection', (client) => client.resetAndDestroy(), 'proxy error: ECONNRESET'],
    [
      'sends endless headers',
      (client) => client.write(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`),
      'proxy error: its answer has too many headers',
    ],
    [
      'sends endless interim answers',
      (client) => client.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(4_000)),
      'proxy error: its answer has too many headers',
    ],
    [
      'sends something behind its answer',
      (client) => client.write(`${AGREED}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`),
      'proxy error: it sent something behind its answer',
    ],
    ['switches protocols', says('HTTP/1.1 101 Switching Protocols\r\n\r\n'), 'proxy refused: 101'],
    ['redirects', says('HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n'), 'proxy refused: 302'],
    [
      'wants a password',
      says('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n'),
      'proxy refused: 407',
    ],
    ['forbids the address', says('HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno!'), 'proxy refused: 403'],
  ])('%s fails the attempt, with a reason', async (_, answer, response) => {
    const target = await receiver();
    const proxy = await aProxy(answer);
    rig = senderRig({ names, proxy: `http://user:hidden@127.0.0.1:${proxy.port}` });

    expect(await rig.send(target.url)).toMatchObject({ statusCode: 0, failure: 'proxy', response });
    expect(target.connected()).toBe(0);
  });

  it('sends bytes before it is asked fails the attempt', async () => {
    const target = await receiver();
    const proxy = await aProxy(relay, { onConnection: (client) => client.write('hello\r\n') });
    rig = senderRig({ names, proxy: `http://127.0.0.1:${proxy.port}` });

    expect(await rig.send(target.url)).toMatchObject({ failure: 'proxy', response: 'proxy error: its answer is not HTTP' });
  });

  it.each([502, 503, 504])(
    'could not reach the endpoint (%i) fails the attempt like an endpoint that is away',
    async (status) => {
      const target = await receiver();
      const proxy = await aProxy(says(`HTTP/1.1 ${status} Sorry\r\n\r\n`));
      rig = senderRig({ names, proxy: `http://127.0.0.1:${proxy.port}` });

      expect(await rig.send(target.url)).toMatchObject({
        failure: 'connection',
        response: `proxy refused: ${status}: it could not reach the address`,
      });
      expect(events()).toEqual([]);
    },
  );

  it('does not answer the CONNECT uses up the time limit', async () => {
    const target = await receiver();
    const proxy = await aProxy(() => undefined);
    rig = senderRig({ names, timeoutMs: 500, proxy: `http://127.0.0.1:${proxy.port}` });

    expect(await rig.send(target.url)).toMatchObject({
      failure: 'timeout',
      response: 'timed out while the egress proxy connected',
    });
  });

  it('closes the tunnel before the answer is an endpoint that closed', async () => {
    const target = await receiver();
    const proxy = await aProxy((client) => client.write(AGREED, () => client.once('data', () => client.end())));
    rig = senderRig({ names, proxy: `http://127.0.0.1:${proxy.port}` });

    expect(await rig.send(target.url)).toMatchObject({
      failure: 'connection',
      response: 'request error: the connection was closed before any answer',
    });
  });
});

describe('while the proxy is away', () => {
  it('attempts fail with a reason, and the log says it once, and when it is back', async () => {
    const target = await receiver();
    const port = await closedPort();
    rig = senderRig({ names, proxy: `http://user:hidden@127.0.0.1:${port}` });
    for (let count = 0; count < 3; count++)
      expect(await rig.send(target.url)).toMatchObject({ failure: 'proxy', response: 'proxy error: ECONNREFUSED' });
    expect(events()).toMatchObject([{ msg: 'proxy.away', level: 'warn', proxy: `127.0.0.1:${port}`, reason: 'ECONNREFUSED' }]);

    await aProxy(relay, { at: port });
    expect(await rig.send(target.url)).toMatchObject({ statusCode: 200 });
    expect(events()).toMatchObject([{ msg: 'proxy.away' }, { msg: 'proxy.back', awayMs: expect.any(Number) }]);
  });

  it('a proxy that does not answer at all is not taken for a slow endpoint', async () => {
    const silent = await silentAddress('127.0.0.1');
    closing.push(silent);
    rig = senderRig({ timeoutMs: 500, proxy: `http://127.0.0.1:${silent.port}` });

    expect(await rig.send('http://127.0.0.1:8080/')).toMatchObject({
      failure: 'proxy',
      response: 'proxy error: it did not answer',
    });
  });

  it('a name of the proxy that does not exist is said', async () => {
    rig = senderRig({ proxy: 'http://proxy.invalid:3128' });

    expect(await rig.send('http://127.0.0.1:8080/')).toMatchObject({
      failure: 'proxy',
      response: 'proxy error: its name was not resolved',
    });
  });
});

describe('the log', () => {
  it('names a refusal once, a missing password as an error, and never the password', async () => {
    const target = await receiver();
    let status = 407;
    const proxy = await aProxy((client, _, request) =>
      client.end(`HTTP/1.1 ${status} ${request.replaceAll('\r\n', ' ')}\r\n\r\n`),
    );
    rig = senderRig({ names, proxy: `http://user:hidden@127.0.0.1:${proxy.port}` });
    const results = [await rig.send(target.url), await rig.send(target.url)];
    status = 403;
    results.push(await rig.send(target.url), await rig.send(target.url));

    expect(events()).toMatchObject([
      { msg: 'proxy.refused', level: 'error', statusCode: 407, proxy: `127.0.0.1:${proxy.port}` },
      { msg: 'proxy.refused', level: 'warn', statusCode: 403 },
    ]);
    const shown = JSON.stringify([rig.log, results]);
    for (const secret of ['hidden', Buffer.from('user:hidden').toString('base64')]) expect(shown).not.toContain(secret);
  });
});
