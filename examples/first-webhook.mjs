// The first webhook, from both sides: sends a message, receives the webhook, checks its signature, and looks at the attempt.
//   TOKEN=$(npm run -s token) node examples/first-webhook.mjs       (set SERVER if it isn't http://localhost:3000)
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { Svix } from 'svix';

const svix = new Svix(process.env.TOKEN, { serverUrl: process.env.SERVER ?? process.env.SERVER_URL ?? 'http://localhost:3000' });

// Your customer's side: a server that receives webhooks.
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  response.writeHead(204).end();
  server.emit('webhook', { body, headers: request.headers });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const arrived = once(server, 'webhook', { signal: AbortSignal.timeout(10_000) });

// Your side: an application for the customer, with an endpoint, and a message.
const app = await svix.application.create({ name: 'Acme' });
const endpoint = await svix.endpoint.create(app.id, { url: `http://127.0.0.1:${server.address().port}/hook` });
const message = await svix.message.create(app.id, { eventType: 'order.paid', payload: { order: 1 } });
console.log(`sent       ${message.id}`);

const [{ body, headers }] = await arrived;
const { key } = await svix.endpoint.getSecret(app.id, endpoint.id);
new Webhook(key).verify(body, headers);
console.log(`received   ${headers['webhook-id']}   ${body}   signature verified`);

for (let tries = 0; tries < 50; tries++) {
  const attempts = await svix.messageAttempt.listByMsg(app.id, message.id);
  if (attempts.data.length === 0) await new Promise((wake) => setTimeout(wake, 100));
  else {
    const [attempt] = attempts.data;
    console.log(
      `attempt    ${attempt.id}   ${attempt.statusText}, HTTP ${attempt.responseStatusCode} in ${attempt.responseDurationMs} ms`,
    );
    break;
  }
}
server.close();
server.closeAllConnections();
