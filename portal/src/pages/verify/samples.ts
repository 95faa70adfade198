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

app.post('${path}', express.raw({ type: '*/*' }), (request, response) => {
  try {
    webhook.verify(request.body, request.headers);
  } catch {
    return response.status(400).end();
  }
  response.status(204).end();
  handle(JSON.parse(request.body));
});
`;

const typescript = ({ path }: Filling) => `import express, { type Request, type Response } from 'express';
import { Webhook } from 'svix';

const webhook = new Webhook(process.env.WEBHOOK_SECRET!);
const app = express();

app.post('${path}', express.raw({ type: '*/*' }), (request: Request, response: Response) => {
  try {
    webhook.verify(request.body as Buffer, request.headers as Record<string, string>);
  } catch {
    response.status(400).end();
    return;
  }
  response.status(204).end();
  handle(JSON.parse(String(request.body)));
});
`;

const python = ({ path }: Filling) => `import json
import os
from fastapi import BackgroundTasks, FastAPI, Request, Response
from svix.webhooks import Webhook, WebhookVerificationError

app = FastAPI()
webhook = Webhook(os.environ["WEBHOOK_SECRET"])

@app.post("${path}")
async def receive(request: Request, tasks: BackgroundTasks):
    payload = await request.body()
    try:
        webhook.verify(payload, dict(request.headers))
    except WebhookVerificationError:
        return Response(status_code=400)
    tasks.add_task(handle, json.loads(payload))
    return Response(status_code=204, background=tasks)
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
		w.WriteHeader(http.StatusNoContent)
		go handle(payload)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
`;

const rust = ({ path }: Filling) => `use axum::{body::Bytes, http::{HeaderMap, StatusCode}, routing::post, Router};
use svix::webhooks::Webhook;

async fn receive(headers: HeaderMap, payload: Bytes) -> StatusCode {
    let secret = std::env::var("WEBHOOK_SECRET").expect("WEBHOOK_SECRET is not set");
    let webhook = Webhook::new(&secret).expect("WEBHOOK_SECRET is not valid");
    match webhook.verify(&payload, &headers) {
        Ok(()) => {
            tokio::spawn(handle(payload));
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::BAD_REQUEST,
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
        queue.add(payload);
        return ResponseEntity.noContent().build();
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
    call.respond(HttpStatusCode.NoContent)
    handle(payload)
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
  queue << JSON.parse(payload)
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
    queue.Enqueue(payload);
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
http_response_code(204);
$queue->push(json_decode($payload));
`;

/** By how many people write receivers in them. */
export const SAMPLES: readonly Sample[] = [
  { id: 'javascript', language: 'JavaScript', install: 'npm install svix', code: javascript },
  { id: 'typescript', language: 'TypeScript', install: 'npm install svix', code: typescript },
  { id: 'python', language: 'Python', install: 'pip install svix', code: python },
  { id: 'go', language: 'Go', install: 'go get github.com/svix/svix-webhooks', code: go },
  { id: 'java', language: 'Java', install: "implementation 'com.svix:svix:+'", code: java },
  { id: 'kotlin', language: 'Kotlin', install: 'implementation("com.svix.kotlin:svix-kotlin:+")', code: kotlin },
  { id: 'ruby', language: 'Ruby', install: 'gem install svix', code: ruby },
  { id: 'csharp', language: 'C#', install: 'dotnet add package Svix', code: csharp },
  { id: 'php', language: 'PHP', install: 'composer require svix/svix', code: php },
  { id: 'rust', language: 'Rust', install: 'cargo add svix', code: rust },
];
