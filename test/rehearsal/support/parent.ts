// A program that starts a process which never ends, says its number, and waits.
import { Processes } from '../../../rehearsal/ecs/processes.js';

const child = new Processes().start({
  command: ['node', '-e', 'setInterval(() => {}, 1000)'],
  cwd: import.meta.dirname,
  env: {},
  onLine: () => {},
});
process.stdout.write(`${child.process.pid}\n`);
setInterval(() => {}, 1_000);
