import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomOf } from '../random.js';
import type { Receipt } from '../records.js';
import { hashOf, numberIn } from './payloads.js';

/** What a customer's server is like. `broken` always answers 500; the others accept each message sooner or later. */
export type Character = 'good' | 'slow' | 'flaky' | 'hanging' | 'resetting' | 'garbled' | 'broken';
/** What all but the good ones do for a while, whatever they are like. */
export type Mood = 'hang' | 'reset' | 'garble' | 'error';

type Answer = { status: number; delayMs: number } | 'hang' | 'reset' | 'garble';

export interface Receivers {
  receipts: Receipt[];
  mood: Mood | null;
  /** How long a request hangs that is not to be answered: then it is reset. Null for ever. */
  hangMs: number | null;
  /** The URL for an endpoint of this character, whose id is told with `assign`. */
  urlFor(character: Character): { url: string; assign(endpointId: string): void };
  stop(): Promise<void>;
}

interface Place {
  character: Character;
  endpointId: string;
}

/** The customers' servers: one that listens, with a path for each endpoint. */
export async function startReceivers(seed: number, onReceipt: (receipt: Receipt) => void): Promise<Receivers> {
  const random = randomOf(seed);
  const places: Place[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const place = places[Number(request.url!.slice(1))];
      if (!place) return void response.writeHead(404).end();
      const receipt = receiptOf(request, Buffer.concat(chunks), place);
      receivers.receipts.push(receipt);
      answer(response, { what: answerOf(place.character, receivers.mood, random), hangMs: receivers.hangMs }, (code) => {
        receipt.code = code;
        onReceipt(receipt);
      });
    });
  });
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', 4096, listening));
  const { port } = server.address() as AddressInfo;
  const receivers: Receivers = {
    receipts: [],
    mood: null,
    hangMs: null,
    urlFor(character) {
      const place: Place = { character, endpointId: '' };
      const at = places.push(place) - 1;
      return {
        url: `http://127.0.0.1:${port}/${at}`,
        assign: (endpointId) => {
          place.endpointId = endpointId;
        },
      };
    },
    async stop() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
  return receivers;
}

function receiptOf(request: IncomingMessage, body: Buffer, { endpointId }: Place): Receipt {
  const msg = String(request.headers['webhook-id']);
  return { msg, ep: endpointId, n: numberIn(body.toString('utf8')), hash: hashOf(body), at: Date.now(), code: null };
}

function answerOf(character: Character, mood: Mood | null, random: ReturnType<typeof randomOf>): Answer {
  if (character === 'good') return { status: 200, delayMs: 0 };
  if (mood === 'error') return { status: 503, delayMs: 0 };
  if (mood) return mood;
  if (character === 'broken') return { status: 500, delayMs: 0 };
  if (character === 'slow') return { status: 204, delayMs: random.between(100, 600) };
  if (character === 'hanging' && random.chance(0.05)) return 'hang';
  if (character === 'resetting' && random.chance(0.15)) return 'reset';
  if (character === 'garbled' && random.chance(0.15)) return 'garble';
  if (character === 'flaky' && random.chance(0.25)) return { status: random.pick([500, 404, 429, 302]), delayMs: 0 };
  return { status: 200, delayMs: random.between(0, 20) };
}

/** Calls `done` with the status once the answer has left. */
function answer(
  response: ServerResponse,
  { what, hangMs }: { what: Answer; hangMs: number | null },
  done: (code: number) => void,
): void {
  if (what === 'hang') {
    if (hangMs !== null) setTimeout(() => response.socket?.resetAndDestroy(), hangMs);
    return;
  }
  if (what === 'reset') return void response.socket?.resetAndDestroy();
  if (what === 'garble') return void response.socket?.end('HTTP/1.1 \u0000 not a status\r\n\r\n{');
  const send = () => {
    response.once('finish', () => done(what.status));
    response.writeHead(what.status).end();
  };
  if (what.delayMs === 0) send();
  else setTimeout(send, what.delayMs);
}
