// Stands in for the service: an HTTP server at HOST and PORT that does what its environment and its callers say.
import { createServer } from 'node:http';
import { spawn } from 'node:child_process';

const { HOST, PORT, CRASH, IGNORE_SIGTERM, SICK } = process.env;
let status = SICK ? 503 : 200;

console.log('the server starts');
if (CRASH) process.exit(Number(CRASH));

const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://server').pathname;
  if (path === '/environment') return void response.end(JSON.stringify(process.env));
  if (path === '/sick') status = 503;
  if (path === '/exit') process.exit(3);
  if (path === '/child') {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    return void response.end(String(child.pid));
  }
  response.writeHead(path === '/sick' ? 200 : status).end();
});
server.listen(Number(PORT), HOST, () => console.log('the server listens'));
process.on('SIGTERM', () => {
  console.log('the server got SIGTERM');
  if (!IGNORE_SIGTERM) process.exit(0);
});
