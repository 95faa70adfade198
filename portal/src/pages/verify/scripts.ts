import type { Filling } from './filling.js';

/** JavaScript, with Express. */
export const javascript = ({ path, port }: Filling) => `import express from 'express';
import { Webhook } from 'svix';

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
const app = express();

app.post('${path}', express.raw({ type: '*/*' }), async (request, response) => {
  try {
    webhook.verify(request.body, request.headers);
  } catch {
    return response.status(400).end();
  }
  await store(JSON.parse(request.body));
  response.status(204).end();
});

app.listen(${port});

async function store(event) {
  // Your code. If it throws, the answer is 500, and the webhook comes again.
  console.log(event);
}
`;

/** TypeScript, with Express. */
export const typescript = ({ path, port }: Filling) => `import express, { type Request, type Response } from 'express';
import { Webhook } from 'svix';

const webhook = new Webhook(process.env.WEBHOOK_SECRET!);
const app = express();

app.post('${path}', express.raw({ type: '*/*' }), async (request: Request, response: Response) => {
  try {
    webhook.verify(request.body as Buffer, request.headers as Record<string, string>);
  } catch {
    response.status(400).end();
    return;
  }
  await store(JSON.parse(String(request.body)));
  response.status(204).end();
});

app.listen(${port});

async function store(event: unknown): Promise<void> {
  // Your code. If it throws, the answer is 500, and the webhook comes again.
  console.log(event);
}
`;

/** Python, with FastAPI. */
export const python = ({ path }: Filling) => `import json
import os
from fastapi import FastAPI, Request, Response
from svix.webhooks import Webhook, WebhookVerificationError

app = FastAPI()
webhook = Webhook(os.environ["WEBHOOK_SECRET"])

@app.post("${path}")
async def receive(request: Request):
    payload = await request.body()
    try:
        webhook.verify(payload, dict(request.headers))
    except WebhookVerificationError:
        return Response(status_code=400)
    await store(json.loads(payload))
    return Response(status_code=204)

async def store(event):
    # Your code. If it raises, the answer is 500, and the webhook comes again.
    print(event)
`;

/** Ruby, with Sinatra. */
export const ruby = ({ path, port, prefix }: Filling) => `require "json"
require "sinatra"
require "svix"

set :port, ${port}

webhook = Svix::Webhook.new(ENV.fetch("WEBHOOK_SECRET"))

post "${path}" do
  payload = request.body.read
  headers = %w[id timestamp signature].to_h do |name|
    ["${prefix}-#{name}", request.env["HTTP_${prefix.toUpperCase()}_#{name.upcase}"]]
  end
  webhook.verify(payload, headers)
  store JSON.parse(payload)
  status 204
rescue Svix::WebhookVerificationError
  status 400
end

def store(event)
  # Your code. If it raises, the answer is 500, and the webhook comes again.
  puts event
end
`;

/** PHP. Its path is the file that it stands in. */
export const php = () => `<?php
use Svix\\Exception\\WebhookVerificationException;
use Svix\\Webhook;

// Until it is stored: with display_errors on, PHP would answer 200 after an error.
http_response_code(500);
require 'vendor/autoload.php';

$secret = getenv('WEBHOOK_SECRET') ?: throw new Exception('WEBHOOK_SECRET is not set');
$payload = file_get_contents('php://input');
$headers = array_change_key_case(getallheaders(), CASE_LOWER);

try {
    (new Webhook($secret))->verify($payload, $headers);
} catch (WebhookVerificationException $e) {
    http_response_code(400);
    exit;
}
store(json_decode($payload));
http_response_code(204);

function store($event) {
    // Your code. If it throws, the answer is 500, and the webhook comes again.
    error_log(json_encode($event));
}
`;
