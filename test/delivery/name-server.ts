import { createSocket } from 'node:dgram';

const TYPES = { 1: 4, 28: 16 } as const;

/** The answers of a name server: addresses, or `silence` for none. A name that is not listed does not exist. */
export type Answers = Record<string, { 4?: string[] | 'silence'; 6?: string[] | 'silence' }>;

export interface NameServer {
  address: string;
  /** The names that were asked for, one entry for each query. */
  asked: string[];
  stop(): Promise<void>;
}

/** A name server on loopback (RFC 1035): A and AAAA records. */
export async function nameServer(answers: Answers): Promise<NameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const { name, end } = nameIn(question);
    const type = question.readUInt16BE(end) as keyof typeof TYPES;
    asked.push(name);
    const records = answers[name]?.[type === 28 ? 6 : 4];
    if (records === 'silence') return;
    const known = name in answers;
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(records?.length ?? 0, 6);
    header.writeUInt32BE(0, 8);
    const found = (records ?? []).map((address) => record(type, address));
    socket.send(Buffer.concat([header, question.subarray(12, end + 4), ...found]), from.port, from.address);
  });
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    stop: () => new Promise((closed) => socket.close(() => closed())),
  };
}

function nameIn(question: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at]!; length > 0; length = question[at]!) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function record(type: keyof typeof TYPES, address: string): Buffer {
  const data = type === 1 ? Buffer.from(address.split('.').map(Number)) : ipv6(address);
  const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, TYPES[type]]);
  return Buffer.concat([head, data]);
}

/** The bytes of an address with one `::`. */
function ipv6(address: string): Buffer {
  const [before = [], after = []] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
