// A process of its own for `startTcpProxy`: what the suite itself is busy with must not look like a slow network.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

const [serverPort = ''] = process.argv.slice(2);
const sockets = new Set<Socket>();
let stalled = false;

const server = createServer({ noDelay: true }, (client) => {
  const onward = connect({ port: Number(serverPort), host: '127.0.0.1', noDelay: true });
  for (const [one, other] of [
    [client, onward],
    [onward, client],
  ] as const) {
    sockets.add(one);
    one.on('data', (chunk) => {
      if (!other.write(chunk)) one.pause();
    });
    other.on('drain', () => !stalled && one.resume());
    one.on('end', () => other.end());
    one.on('error', () => other.destroy());
    one.on('close', () => {
      sockets.delete(one);
      other.destroy();
    });
    if (stalled) one.pause();
  }
});

const COMMANDS: Record<string, () => void> = {
  stall() {
    stalled = true;
    for (const socket of sockets) socket.pause();
  },
  flow() {
    stalled = false;
    for (const socket of sockets) socket.resume();
  },
  cut() {
    for (const socket of sockets) socket.destroy();
  },
};

process.on('message', (command: string) => {
  COMMANDS[command]!();
  process.send!('done');
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group: the suite says when it is over.
process.on('SIGINT', () => undefined);
server.listen(0, '127.0.0.1', 4096, () => process.send!((server.address() as AddressInfo).port));
