// Loaded into a process that is measured (node --import): counts writes to each remote port, and measures turns of the event loop and the
// memory, and tells when asked.
// A database driver writes each packet at once and then waits for the answer, so that its writes are its round trips.
import { Socket } from 'node:net';

const writes = {};
const { write } = Socket.prototype;

Socket.prototype.write = function (...args) {
  const port = this.remotePort;
  if (port !== undefined) writes[port] = (writes[port] ?? 0) + 1;
  return write.apply(this, args);
};
// The longest turn of the event loop since the last question, by the CPU time of its thread: other processes of the machine, and waiting,
// do not count.
let longestMs = 0;
let watching = false;
let last = 0;

function threadMs() {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function watch() {
  const now = threadMs();
  longestMs = Math.max(longestMs, now - last);
  last = now;
  setImmediate(watch).unref();
}

/** The heap after a collection, if node has --expose-gc. */
function memory() {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  return { heapBytes: heapUsed, externalBytes: external, timers };
}

process.on('message', (question) => {
  if (question === 'writes') process.send({ writes });
  if (question === 'memory') process.send(memory());
  if (question !== 'longest turn') return;
  process.send({ longestMs });
  if (!watching) {
    watching = true;
    last = threadMs();
    watch();
  }
  longestMs = 0;
});
// Being asked is no reason to stay alive.
process.channel?.unref();
