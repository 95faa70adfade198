//! The round trip of a message with the official Rust client. See test/clients/clients.services.test.ts.

use std::{env, io, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{json, Value};
use svix::api::{Svix, SvixOptions};
use svix::models::{ApplicationIn, EndpointIn, MessageIn};
use svix::webhooks::Webhook;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = SvixOptions { server_url: Some(env::var("SERVER_URL")?), ..Default::default() };
    let svix = Svix::new(env::var("TOKEN")?, Some(options));

    let app = svix.application().create(ApplicationIn::new("Rust".into()), None).await?;
    let endpoint = svix.endpoint().create(app.id.clone(), EndpointIn::new(env::var("RECEIVER_URL")?), None).await?;
    let sent = MessageIn::new("order.paid".into(), json!({ "order": 42 }));
    let message = svix.message().create(app.id.clone(), sent, None).await?;
    let secret = svix.endpoint().get_secret(app.id.clone(), endpoint.id).await?;

    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let received: Value = serde_json::from_str(&line)?;
    let payload = received["payload"].as_str().ok_or("a payload")?;
    let mut headers = HeaderMap::new();
    for (name, value) in received["headers"].as_object().ok_or("headers")? {
        let value = HeaderValue::from_str(value.as_str().ok_or("a value")?)?;
        headers.insert(HeaderName::from_bytes(name.as_bytes())?, value);
    }
    let webhook = Webhook::new(&secret.key)?;
    webhook.verify(payload.as_bytes(), &headers)?;
    let forged = webhook.verify(format!("{payload} ").as_bytes(), &headers);

    let mut statuses: Vec<i64> = Vec::new();
    for _ in 0..100 {
        let attempts = svix.message_attempt().list_by_msg(app.id.clone(), message.id.clone(), None).await?;
        statuses = attempts.data.iter().map(|attempt| i64::from(attempt.response_status_code)).collect();
        if !statuses.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let out = json!({
        "app": svix.application().get(app.id.clone()).await?.name,
        "message": svix.message().get(app.id, message.id, None).await?.id,
        "statuses": statuses,
        "forged": if forged.is_err() { "refused" } else { "accepted" },
    });
    println!("{out}");
    Ok(())
}
