// Loaded into a process that is measured (node --import): counts writes to each remote port and tells when asked.
// A database driver writes each packet at once and then waits for the answer, so that its writes are its round trips.
import { Socket } from 'node:net';

const writes = {};
const { write } = Socket.prototype;

Socket.prototype.write = function (...args) {
  const port = this.remotePort;
  if (port !== undefined) writes[port] = (writes[port] ?? 0) + 1;
  return write.apply(this, args);
};
process.on('message', (question) => {
  if (question === 'writes') process.send({ writes });
});
// Being asked is no reason to stay alive.
process.channel?.unref();
