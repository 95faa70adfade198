import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as a collector gets it. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** Empty for the first of a trace. */
  parentSpanId: string;
  name: string;
  /** 2 server, 3 client, 4 producer, 5 consumer */
  kind: number;
  attributes: Record<string, string | number | boolean>;
}

/** A collector of traces on loopback (OTLP, protobuf over HTTP). */
export interface OtlpReceiver {
  url: string;
  spans: ReceivedSpan[];
  /** Attributes of what the spans came from. */
  resource: Record<string, unknown>;
  /** All that came, as text: to look for what must not be in it. */
  text(): string;
  stop(): Promise<void>;
}

/** `hang`: takes everything and never answers. */
export async function startOtlpReceiver({ hang = false } = {}): Promise<OtlpReceiver> {
  const bodies: Buffer[] = [];
  const spans: ReceivedSpan[] = [];
  const resource: Record<string, unknown> = {};
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (hang) return;
      const body = Buffer.concat(chunks);
      bodies.push(body);
      for (const ofResource of all(body, 1)) {
        for (const described of all(ofResource, 1)) Object.assign(resource, attributesOf(described, 1));
        for (const ofScope of all(ofResource, 2)) spans.push(...all(ofScope, 2).map(spanOf));
      }
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    resource,
    text: () => Buffer.concat(bodies).toString('latin1'),
    async stop() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function spanOf(span: Buffer): ReceivedSpan {
  const hex = (field: number) => all(span, field)[0]?.toString('hex') ?? '';
  return {
    traceId: hex(1),
    spanId: hex(2),
    parentSpanId: hex(4),
    name: all(span, 5)[0]?.toString() ?? '',
    kind: Number(fieldsOf(span).find(({ field }) => field === 6)?.number ?? 0),
    attributes: attributesOf(span, 9),
  };
}

function attributesOf(message: Buffer, field: number): Record<string, string | number | boolean> {
  return Object.fromEntries(
    all(message, field).map((pair) => {
      const key = all(pair, 1)[0]?.toString() ?? '';
      const [value] = fieldsOf(all(pair, 2)[0] ?? Buffer.alloc(0));
      if (value?.field === 1) return [key, value.bytes!.toString()];
      if (value?.field === 4) return [key, value.bytes!.readDoubleLE()];
      return [key, value?.field === 2 ? value.number === 1n : Number(value?.number ?? 0)];
    }),
  );
}

/** Every occurrence of a field that holds bytes: a text, or a message of its own. */
function all(message: Buffer, field: number): Buffer[] {
  return fieldsOf(message).flatMap((found) => (found.field === field && found.bytes ? [found.bytes] : []));
}

interface Field {
  field: number;
  number?: bigint;
  bytes?: Buffer;
}

/** The fields of one protobuf message, as far as that can be told without knowing its type. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => message.subarray(at, (at += length));
  while (at < message.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    const type = tag & 7;
    if (type === 0) fields.push({ field, number: varint() });
    else if (type === 1) fields.push({ field, bytes: take(8) });
    else if (type === 5) fields.push({ field, bytes: take(4) });
    else fields.push({ field, bytes: take(Number(varint())) });
  }
  return fields;
}
