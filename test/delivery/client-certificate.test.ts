import type { AddressInfo, Socket } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates, type TLSSocket, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parseClientCertificate, type ClientCertificate } from '../../src/config/client-certificate.js';
import { CERTIFICATE, CERTIFICATE_KEY } from './certificate.js';
import { AUTHORITY, CLIENT_CERTIFICATE, CLIENT_KEY } from './client-certificate-files.js';
import { namesOf, senderRig, type Rig } from './sender-rig.js';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const own = parseClientCertificate(CLIENT_CERTIFICATE + CLIENT_KEY) as ClientCertificate;
const trusted = getCACertificates('default');

let rig: Rig | undefined;
let stop: (() => Promise<void>) | undefined;

beforeAll(() => setDefaultCACertificates([...trusted, CERTIFICATE]));
afterAll(() => setDefaultCACertificates(trusted));
afterEach(async () => {
  rig?.stop();
  await stop?.();
});

/** An https receiver; `shown` are the names in the certificates that clients showed. */
async function receiver(options: TlsOptions): Promise<{ url: string; shown: (string | undefined)[] }> {
  const sockets = new Set<Socket>();
  const shown: (string | undefined)[] = [];
  const server = createServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY, ca: AUTHORITY, ...options }, (socket: TLSSocket) => {
    shown.push(socket.getPeerCertificate()?.subject?.CN as string | undefined);
    socket.on('error', () => undefined).on('data', () => socket.write(ANSWER));
  });
  server.on('connection', (socket: Socket) => sockets.add(socket)).on('tlsClientError', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  stop = async () => {
    const closed = new Promise((done) => server.close(done));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { url: `https://receiver.test:${(server.address() as AddressInfo).port}/`, shown };
}

const names = namesOf({ 'receiver.test': ['127.0.0.1'] });

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('over %s an endpoint', (version) => {
  const wanting = { minVersion: version, maxVersion: version, requestCert: true, rejectUnauthorized: true };

  it('that asks for a client certificate gets it', async () => {
    const { url, shown } = await receiver(wanting);
    rig = senderRig({ names, clientCertificate: own });

    expect(await rig.send(url)).toMatchObject({ statusCode: 200 });
    expect(shown).toEqual(['posthorn.test']);
  });

  it('that does not ask is not shown it', async () => {
    const { url, shown } = await receiver({ ...wanting, requestCert: false });
    rig = senderRig({ names, clientCertificate: own });

    expect(await rig.send(url)).toMatchObject({ statusCode: 200 });
    expect(shown).toEqual([undefined]);
  });

  it('that asks fails the attempt with a reason if there is none', async () => {
    const { url } = await receiver(wanting);
    rig = senderRig({ names });

    expect(await rig.send(url)).toMatchObject({
      statusCode: 0,
      failure: 'connection',
      response: expect.stringMatching(/^request error: /),
    });
  });
});

it('a server with a certificate that nobody trusts is refused with a client certificate too', async () => {
  const { url } = await receiver({ cert: CLIENT_CERTIFICATE, key: CLIENT_KEY, requestCert: true });
  rig = senderRig({ names, clientCertificate: own });

  expect((await rig.send(url)).response).toContain('TLS failed: ');
});

describe('the log at the start', () => {
  const DAY_MS = 24 * 3_600_000;
  const at = (fromDays: number, toDays: number) => ({
    ...own,
    validFrom: new Date(Date.now() + fromDays * DAY_MS).toISOString(),
    validTo: new Date(Date.now() + toDays * DAY_MS).toISOString(),
  });

  it.each([
    ['says nothing of a valid certificate', -1, 31, 0],
    ['warns of one that ends soon', -1, 29, 1],
    ['warns of one that has expired', -9, -1, 1],
    ['warns of one that is not valid yet', 1, 400, 1],
  ])('%s', (_, from, to, lines) => {
    rig = senderRig({ clientCertificate: at(from, to) });

    expect(rig.log.filter(({ msg }) => msg === 'delivery.client_certificate_expires')).toHaveLength(lines);
    expect(JSON.stringify(rig.log)).not.toContain('PRIVATE KEY');
  });
});
