// A webhook receiver for trying things out: prints what arrives, and checks the signature if it is given the endpoint's secret.
//   node examples/receiver.mjs [whsec_…]        listens on http://127.0.0.1:4000/hook (PORT changes the port)
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const secret = process.argv[2] ?? process.env.WEBHOOK_SECRET;
const port = Number(process.env.PORT ?? 4000);

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString('utf8');
  response.writeHead(204).end();
  console.log(`${request.headers['webhook-id']}  ${verdict(body, request.headers)}  ${body}`);
}).listen(port, '127.0.0.1', () => console.log(`Waiting for webhooks on http://127.0.0.1:${port}/hook`));

function verdict(body, headers) {
  if (!secret) return '(no secret given, signature not checked)';
  try {
    new Webhook(secret).verify(body, headers);
    return 'signature verified';
  } catch (error) {
    return `SIGNATURE REFUSED: ${error.message}`;
  }
}
