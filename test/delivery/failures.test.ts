import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import {
  createSecureContext,
  createServer as createTlsServer,
  getCACertificates,
  setDefaultCACertificates,
  TLSSocket,
} from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { NameNotResolved, hostsIn, NameResolver } from '../../src/delivery/name-resolver.js';
import { failureOf } from '../../src/delivery/send-failure.js';
import { CERTIFICATE, CERTIFICATE_KEY } from './certificate.js';
import { nameServer } from './name-server.js';
import { bareServer, namesOf, senderRig, type Rig } from './sender-rig.js';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let rig: Rig | undefined;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  rig?.stop();
  for (const close of closing.splice(0)) await close();
});

/** Starts the server on a free port. Its `url` has the name receiver.test. */
async function listening(server: ReturnType<typeof createServer>, protocol: string) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(async () => {
    const closed = new Promise((done) => server.close(done));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `${protocol}://receiver.test:${port}/`, connected: () => sockets.size };
}

function tlsServer() {
  const server = createTlsServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    socket.on('error', () => undefined).on('data', () => socket.write(ANSWER));
  });
  return listening(
    server.on('tlsClientError', () => undefined),
    'https',
  );
}

/** Answers over TLS with several records in one write. */
function answerInOneSegment(raw: Socket, texts: readonly string[]) {
  let held: Buffer[] | null = null;
  const gate = new Duplex({
    read: () => undefined,
    write(bytes: Buffer, _, done) {
      if (held) held.push(bytes);
      else raw.write(bytes);
      done();
    },
  });
  raw.on('data', (bytes) => gate.push(bytes)).on('close', () => gate.destroy());
  const secureContext = createSecureContext({ cert: CERTIFICATE, key: CERTIFICATE_KEY });
  const socket = new TLSSocket(gate, { isServer: true, secureContext });
  socket.on('error', () => undefined);
  socket.on('data', () => {
    held = [];
    for (const text of texts.slice(0, -1)) socket.write(text);
    socket.write(texts.at(-1)!, () => {
      raw.write(Buffer.concat(held!));
      held = null;
    });
  });
}

const names = () => namesOf({ 'receiver.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'] });

describe('the reason of a failed attempt names', () => {
  it('a refused connection', async () => {
    const server = await bareServer(() => undefined);
    await server.stop();
    rig = senderRig();

    expect(await rig.send(server.url)).toMatchObject({
      failure: 'connection',
      response: 'request error: ECONNREFUSED: the connection was refused',
    });
  });

  it('the error of several addresses', async () => {
    const server = await bareServer(() => undefined);
    await server.stop();
    rig = senderRig({ names: namesOf({ 'receiver.test': ['127.0.0.1', '127.0.0.2'] }) });
    const { response } = await rig.send(`http://receiver.test:${server.port}/`);

    expect(response).toContain('ECONNREFUSED');
  });

  it('name servers that do not answer', async () => {
    const server = await nameServer({ 'slow.example': { 4: 'silence', 6: 'silence' } });
    closing.push(() => server.stop());
    rig = senderRig({ names: new NameResolver(hostsIn(''), [server.address]) });

    expect(await rig.send('http://slow.example/')).toMatchObject({ failure: 'dns', response: 'name resolution error: ETIMEOUT' });
  }, 60_000);

  it('name resolution, if the time limit ends during it', async () => {
    const server = await nameServer({ 'slow.example': { 4: 'silence', 6: 'silence' } });
    closing.push(() => server.stop());
    rig = senderRig({ names: new NameResolver(hostsIn(''), [server.address]), timeoutMs: 500 });

    expect(await rig.send('http://slow.example/')).toMatchObject({
      failure: 'timeout',
      response: 'timed out while its name was looked up',
    });
  });

  it('the TLS handshake, if the time limit ends during it', async () => {
    const { url } = await listening(createServer(), 'https');
    rig = senderRig({ names: names(), timeoutMs: 3_000 });

    expect(await rig.send(url)).toMatchObject({ failure: 'timeout', response: 'timed out in the TLS handshake' });
  });

  it('a self-signed certificate', async () => {
    const { url } = await tlsServer();
    rig = senderRig({ names: names() });

    const { failure, response } = await rig.send(url);
    expect(failure).toBe('connection');
    expect(response).toContain('TLS failed: DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('a server that does not speak TLS', async () => {
    const { url } = await listening(
      createServer((socket) => socket.on('data', () => socket.end(ANSWER))),
      'https',
    );
    rig = senderRig({ names: names() });

    const { response } = await rig.send(url);
    expect(response).toMatch(/^request error: TLS failed: ERR_SSL_[A-Z_]+: [a-z ]+$/);
  });
});

describe('over TLS', () => {
  const trusted = getCACertificates('default');

  beforeAll(() => setDefaultCACertificates([...trusted, CERTIFICATE]));
  afterAll(() => setDefaultCACertificates(trusted));

  it('requests are answered and the connection is kept', async () => {
    const { url, connected } = await tlsServer();
    rig = senderRig({ names: names() });

    expect(await rig.send(url)).toMatchObject({ statusCode: 200, response: 'ok' });
    expect(await rig.send(url)).toMatchObject({ statusCode: 200, response: 'ok' });
    expect(connected()).toBe(1);
  });

  it('bytes behind a response in the same segment are not taken for the next response', async () => {
    const { url, connected } = await listening(
      createServer((raw) => answerInOneSegment(raw, [ANSWER, ANSWER.replace('200 OK', '500 Forged')])),
      'https',
    );
    rig = senderRig({ names: names() });

    for (let count = 0; count < 3; count++) expect(await rig.send(url)).toMatchObject({ statusCode: 200 });
    expect(connected()).toBe(3);
  });

  it('a certificate for an address is accepted', async () => {
    const { url } = await tlsServer();
    rig = senderRig();

    expect(await rig.send(url.replace('receiver.test', '127.0.0.1'))).toMatchObject({ statusCode: 200 });
  });

  it('a certificate for another name is refused', async () => {
    const { url } = await tlsServer();
    rig = senderRig({ names: names() });

    expect((await rig.send(url.replace('receiver', 'other'))).response).toContain('TLS failed: ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('a handshake that breaks off is repeated once, and the log says so', async () => {
    const { port } = await tlsServer();
    const { connect } = await import('node:net');
    let first = true;
    const { url, connected } = await listening(
      createServer((socket) => {
        if (first) socket.once('data', () => socket.resetAndDestroy());
        else socket.pipe(connect(port, '127.0.0.1').on('error', () => undefined)).pipe(socket);
        first = false;
      }),
      'https',
    );
    rig = senderRig({ names: names() });

    expect(await rig.send(url)).toMatchObject({ statusCode: 200, response: 'ok' });
    expect(connected()).toBe(2);
    expect(rig.log.filter(({ msg }) => msg === 'delivery.connected_again')).toMatchObject([{ host: 'receiver.test' }]);
  });

  it('a handshake that breaks off twice fails the attempt', async () => {
    const { url, connected } = await listening(
      createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
      'https',
    );
    rig = senderRig({ names: names() });

    expect((await rig.send(url)).response).toContain('TLS failed: ECONNRESET');
    expect(connected()).toBe(2);
  });
});

describe('a connection that the system refuses this process', () => {
  const refused = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

  it.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL'])('says nothing about the endpoint (%s)', (code) => {
    const errors = [refused(code), new AggregateError([refused(code), refused(code)]), new NameNotResolved('a.test', code)];
    for (const error of errors)
      expect(failureOf(error, 5)).toMatchObject({
        failure: 'local',
        response: `not sent: the service could not open a connection (${code})`,
      });
  });

  it('is a failure of the endpoint if another of its addresses refused', () => {
    const error = new AggregateError([refused('EADDRNOTAVAIL'), refused('ECONNREFUSED')]);

    expect(failureOf(error, 5)).toMatchObject({ failure: 'connection' });
  });
});
