import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { patient } from './until.js';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  rawHeaders: string[];
  body: Buffer;
  /** Unix milliseconds at which the last byte was here. */
  at: number;
}

/** A status, or more: `hang` never answers. */
export type ScriptedAnswer =
  | number
  | { status: number; headers?: Record<string, string | string[]>; body?: string | Buffer; delayMs?: number; hang?: boolean };
export type Script = (request: Received, index: number) => ScriptedAnswer;

export interface Receiver {
  url: string;
  /** Every request so far, in the order of arrival. */
  received: Received[];
  /** All requests, once there are `count` of them. */
  got(count: number, usualMs?: number): Promise<Received[]>;
  waitFor(predicate: (received: Received[]) => boolean, usualMs?: number): Promise<Received[]>;
  stop(): Promise<void>;
}

/** The name under which an installation in another container reaches this one. */
const OUTSIDE = process.env['TEST_RECEIVER_HOST'];

/** A customer's server on loopback: answers what the test scripted (200 without a script) and remembers what it got. */
export async function startReceiver(script: Script = () => 200): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = toReceived(request, Buffer.concat(chunks));
      received.push(one);
      answer(response, script(one, received.length - 1));
      for (const look of waiting) look();
    });
  });
  // A connection is ended by its client or by stop(): an idle one that the server closes could meet a request under way.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((listening) => server.listen(0, OUTSIDE ? '0.0.0.0' : '127.0.0.1', 4096, listening));
  const { port } = server.address() as AddressInfo;

  const waitFor = (predicate: (received: Received[]) => boolean, usualMs = 10_000) =>
    new Promise<Received[]>((done, failed) => {
      const look = () => {
        if (!predicate(received)) return;
        end();
        done(received);
      };
      const late = () => {
        end();
        failed(new Error(`Waited ${patient(usualMs)} ms for requests that did not come; ${received.length} came`));
      };
      const timer = setTimeout(late, patient(usualMs));
      const end = () => {
        clearTimeout(timer);
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });

  return {
    url: `http://${OUTSIDE ?? '127.0.0.1'}:${port}/hook`,
    received,
    waitFor,
    async got(count, usualMs = 10_000) {
      return waitFor(() => received.length >= count, usualMs).catch(() => {
        throw new Error(`Waited ${patient(usualMs)} ms for ${count} requests, got ${received.length}`);
      });
    },
    async stop() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function toReceived(request: IncomingMessage, body: Buffer): Received {
  const { method = '', url: path = '', headers, rawHeaders } = request;
  return { method, path, headers, rawHeaders, body, at: Date.now() };
}

function answer(response: ServerResponse, scripted: ScriptedAnswer): void {
  if (typeof scripted === 'number') {
    response.writeHead(scripted).end();
    return;
  }
  if (scripted.hang) return;
  const send = () => response.writeHead(scripted.status, scripted.headers).end(scripted.body);
  if (scripted.delayMs) setTimeout(send, scripted.delayMs).unref();
  else send();
}
