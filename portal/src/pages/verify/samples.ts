/** What is filled in: the path of the endpoint, and how the names of the headers begin. */
export interface Filling {
  path: string;
  prefix: 'webhook' | 'svix';
}

export interface Sample {
  id: string;
  language: string;
  install: string;
  code: (filling: Filling) => string;
}

const javascript = ({ path }: Filling) => `import express from 'express';
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

app.listen(8080);

async function store(event) {
  // Your code. If it throws, the answer is 500, and the webhook comes again.
  console.log(event);
}
`;

const typescript = ({ path }: Filling) => `import express, { type Request, type Response } from 'express';
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

app.listen(8080);

async function store(event: unknown): Promise<void> {
  // Your code. If it throws, the answer is 500, and the webhook comes again.
  console.log(event);
}
`;

const python = ({ path }: Filling) => `import json
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

const go = ({ path }: Filling) => `package main

import (
	"io"
	"log"
	"net/http"
	"os"

	svix "github.com/svix/svix-webhooks/go"
)

func main() {
	webhook, err := svix.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("POST ${path}", func(w http.ResponseWriter, r *http.Request) {
		payload, err := io.ReadAll(r.Body)
		if err != nil || webhook.Verify(payload, r.Header) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if store(payload) != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

func store(payload []byte) error {
	// Your code. After an error the answer is 500, and the webhook comes again.
	log.Print(string(payload))
	return nil
}
`;

const rust = ({ path }: Filling) => `use axum::{body::Bytes, http::{HeaderMap, StatusCode}, routing::post, Router};
use svix::webhooks::Webhook;

async fn receive(headers: HeaderMap, payload: Bytes) -> StatusCode {
    let secret = std::env::var("WEBHOOK_SECRET").expect("WEBHOOK_SECRET is not set");
    let webhook = Webhook::new(&secret).expect("WEBHOOK_SECRET is not valid");
    if webhook.verify(&payload, &headers).is_err() {
        return StatusCode::BAD_REQUEST;
    }
    // Your code. After an error the answer is 500, and the webhook comes again.
    match store(payload).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

pub fn routes() -> Router {
    Router::new().route("${path}", post(receive))
}
`;

const java = ({ path }: Filling) => `import com.svix.Webhook;
import com.svix.exceptions.WebhookVerificationException;
import java.net.http.HttpHeaders;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.*;

@RestController
class Webhooks {
    private final Webhook webhook = new Webhook(System.getenv("WEBHOOK_SECRET"));

    @PostMapping("${path}")
    ResponseEntity<Void> receive(@RequestBody String payload, @RequestHeader MultiValueMap<String, String> headers) {
        try {
            webhook.verify(payload, HttpHeaders.of(headers, (name, value) -> true));
        } catch (WebhookVerificationException e) {
            return ResponseEntity.badRequest().build();
        }
        store(payload);
        return ResponseEntity.noContent().build();
    }

    private void store(String payload) {
        // Your code. If it throws, the answer is 500, and the webhook comes again.
    }
}
`;

const kotlin = ({ path }: Filling) => `import com.svix.kotlin.Webhook
import com.svix.kotlin.exceptions.WebhookVerificationException
import io.ktor.http.*
import io.ktor.server.application.*
import io.ktor.server.request.*
import io.ktor.server.response.*
import io.ktor.server.routing.*
import io.ktor.util.*
import java.net.http.HttpHeaders as JavaHeaders

val webhook = Webhook(System.getenv("WEBHOOK_SECRET"))

fun Route.webhooks() = post("${path}") {
    val payload = call.receiveText()
    val headers = JavaHeaders.of(call.request.headers.toMap()) { _, _ -> true }
    try {
        webhook.verify(payload, headers)
    } catch (e: WebhookVerificationException) {
        return@post call.respond(HttpStatusCode.BadRequest)
    }
    // Your code. If it throws, the answer is 500, and the webhook comes again.
    store(payload)
    call.respond(HttpStatusCode.NoContent)
}
`;

const ruby = ({ path, prefix }: Filling) => `require "json"
require "sinatra"
require "svix"

webhook = Svix::Webhook.new(ENV.fetch("WEBHOOK_SECRET"))

post "${path}" do
  payload = request.body.read
  headers = %w[id timestamp signature].to_h do |name|
    ["${prefix}-#{name}", request.env["HTTP_${prefix.toUpperCase()}_#{name.upcase}"]]
  end
  webhook.verify(payload, headers)
  # Your code. If it raises, the answer is 500, and the webhook comes again.
  store JSON.parse(payload)
  status 204
rescue Svix::WebhookVerificationError
  status 400
end
`;

const csharp = ({ path }: Filling) => `using System.Net;
using Svix;
using Svix.Exceptions;

var app = WebApplication.CreateBuilder(args).Build();
var webhook = new Webhook(Environment.GetEnvironmentVariable("WEBHOOK_SECRET")!);

app.MapPost("${path}", async (HttpRequest request) =>
{
    var payload = await new StreamReader(request.Body).ReadToEndAsync();
    var headers = new WebHeaderCollection();
    foreach (var (name, value) in request.Headers) headers.Set(name, value);
    try
    {
        webhook.Verify(payload, headers);
    }
    catch (WebhookVerificationException)
    {
        return Results.BadRequest();
    }
    // Your code. If it throws, the answer is 500, and the webhook comes again.
    await Store(payload);
    return Results.NoContent();
});

app.Run();
`;

const php = () => `<?php
use Svix\\Exception\\WebhookVerificationException;
use Svix\\Webhook;

require 'vendor/autoload.php';

$payload = file_get_contents('php://input');
$headers = array_change_key_case(getallheaders(), CASE_LOWER);

try {
    (new Webhook(getenv('WEBHOOK_SECRET')))->verify($payload, $headers);
} catch (WebhookVerificationException $e) {
    http_response_code(400);
    exit;
}
// Your code. If it throws, the answer is 500, and the webhook comes again.
store(json_decode($payload));
http_response_code(204);
`;

/** By how many people write receivers in them. */
export const SAMPLES: readonly Sample[] = [
  { id: 'javascript', language: 'JavaScript', install: 'npm install svix express && npm pkg set type=module', code: javascript },
  {
    id: 'typescript',
    language: 'TypeScript',
    install: 'npm install svix express @types/express && npm pkg set type=module',
    code: typescript,
  },
  { id: 'python', language: 'Python', install: "pip install svix 'fastapi[standard]'", code: python },
  { id: 'go', language: 'Go', install: 'go get github.com/svix/svix-webhooks', code: go },
  { id: 'java', language: 'Java', install: "implementation 'com.svix:svix:+'", code: java },
  { id: 'kotlin', language: 'Kotlin', install: 'implementation("com.svix.kotlin:svix-kotlin:+")', code: kotlin },
  { id: 'ruby', language: 'Ruby', install: 'gem install svix sinatra', code: ruby },
  { id: 'csharp', language: 'C#', install: 'dotnet add package Svix', code: csharp },
  { id: 'php', language: 'PHP', install: 'composer require svix/svix', code: php },
  { id: 'rust', language: 'Rust', install: 'cargo add svix axum', code: rust },
];
