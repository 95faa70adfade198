"""The round trip of a message with the official Python client. See test/clients/clients.services.test.ts."""

import json
import os
import sys
import time

from svix.api import ApplicationIn, EndpointIn, MessageIn, Svix, SvixOptions
from svix.webhooks import Webhook, WebhookVerificationError

svix = Svix(os.environ["TOKEN"], SvixOptions(server_url=os.environ["SERVER_URL"]))

app = svix.application.create(ApplicationIn(name="Python"))
endpoint = svix.endpoint.create(app.id, EndpointIn(url=os.environ["RECEIVER_URL"]))
message = svix.message.create(app.id, MessageIn(event_type="order.paid", payload={"order": 42}))
secret = svix.endpoint.get_secret(app.id, endpoint.id).key

received = json.loads(sys.stdin.readline())
webhook = Webhook(secret)
webhook.verify(received["payload"], received["headers"])
try:
    webhook.verify(received["payload"] + " ", received["headers"])
    forged = "accepted"
except WebhookVerificationError:
    forged = "refused"

attempts = []
for _ in range(100):
    attempts = svix.message_attempt.list_by_msg(app.id, message.id).data
    if attempts:
        break
    time.sleep(0.1)

print(json.dumps({
    "app": svix.application.get(app.id).name,
    "message": svix.message.get(app.id, message.id).id,
    "statuses": [attempt.response_status_code for attempt in attempts],
    "forged": forged,
}))
