import type { Filling } from './filling.js';

/** Go, with its own HTTP server. */
export const go = ({ path, port }: Filling) => `package main

import (
	"io"
	"log"
	"net/http"
	"os"

	svix "github.com/svix/svix-webhooks/go"
)

func main() {
	secret := os.Getenv("WEBHOOK_SECRET")
	if secret == "" {
		log.Fatal("WEBHOOK_SECRET is not set")
	}
	webhook, err := svix.NewWebhook(secret)
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
	log.Fatal(http.ListenAndServe(":${port}", nil))
}

func store(payload []byte) error {
	// Your code. After an error the answer is 500, and the webhook comes again.
	log.Print(string(payload))
	return nil
}
`;

/** Java, with Spring. */
export const java = ({ path }: Filling) => `import com.svix.Webhook;
import com.svix.exceptions.EmptyWebhookSecretException;
import com.svix.exceptions.WebhookVerificationException;
import java.net.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.*;

@RestController
class Webhooks {
    private final Webhook webhook;

    Webhooks() throws EmptyWebhookSecretException {
        webhook = new Webhook(System.getenv("WEBHOOK_SECRET"));
    }

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
        System.out.println(payload);
    }
}
`;

/** Kotlin, with Ktor. */
export const kotlin = ({ path, port }: Filling) => `import com.svix.kotlin.Webhook
import com.svix.kotlin.exceptions.WebhookVerificationException
import io.ktor.http.*
import io.ktor.server.cio.*
import io.ktor.server.engine.*
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
    store(payload)
    call.respond(HttpStatusCode.NoContent)
}

fun main() {
    embeddedServer(CIO, port = ${port}) { routing { webhooks() } }.start(wait = true)
}

fun store(payload: String) {
    // Your code. If it throws, the answer is 500, and the webhook comes again.
    println(payload)
}
`;

/** C#, with ASP.NET Core. */
export const csharp = ({ path, port }: Filling) => `using System.Net;
using Svix;
using Svix.Exceptions;

var app = WebApplication.CreateBuilder(args).Build();
var webhook = new Webhook(System.Environment.GetEnvironmentVariable("WEBHOOK_SECRET")!);

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
    await Store(payload);
    return Results.NoContent();
});

app.Run("http://0.0.0.0:${port}");

Task Store(string payload)
{
    // Your code. If it throws, the answer is 500, and the webhook comes again.
    Console.WriteLine(payload);
    return Task.CompletedTask;
}
`;

/** Rust, with axum. */
export const rust = ({ path, port }: Filling) => `use axum::{body::Bytes, http::{HeaderMap, StatusCode}, routing::post, Router};
use svix::webhooks::Webhook;

#[tokio::main]
async fn main() {
    let routes = Router::new().route("${path}", post(receive));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:${port}").await.unwrap();
    axum::serve(listener, routes).await.unwrap();
}

async fn receive(headers: HeaderMap, payload: Bytes) -> StatusCode {
    let secret = std::env::var("WEBHOOK_SECRET").expect("WEBHOOK_SECRET is not set");
    let webhook = Webhook::new(&secret).expect("WEBHOOK_SECRET is not valid");
    if webhook.verify(&payload, &headers).is_err() {
        return StatusCode::BAD_REQUEST;
    }
    match store(payload).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn store(payload: Bytes) -> Result<(), Box<dyn std::error::Error>> {
    // Your code. After an error the answer is 500, and the webhook comes again.
    println!("{}", String::from_utf8(payload.to_vec())?);
    Ok(())
}
`;
