// The round trip of a message with the official Go client. See test/clients/clients.services.test.ts.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"time"

	svix "github.com/svix/svix-webhooks/go"
	"github.com/svix/svix-webhooks/go/models"
)

type received struct {
	Payload string            `json:"payload"`
	Headers map[string]string `json:"headers"`
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	ctx := context.Background()
	server := must(url.Parse(os.Getenv("SERVER_URL")))
	client := must(svix.New(os.Getenv("TOKEN"), &svix.SvixOptions{ServerUrl: server}))

	app := must(client.Application.Create(ctx, models.ApplicationIn{Name: "Go"}, nil))
	endpoint := must(client.Endpoint.Create(ctx, app.Id, models.EndpointIn{Url: os.Getenv("RECEIVER_URL")}, nil))
	in := models.MessageIn{EventType: "order.paid", Payload: map[string]any{"order": 42}}
	message := must(client.Message.Create(ctx, app.Id, in, nil))
	secret := must(client.Endpoint.GetSecret(ctx, app.Id, endpoint.Id))

	var got received
	line := must(bufio.NewReader(os.Stdin).ReadBytes('\n'))
	if err := json.Unmarshal(line, &got); err != nil {
		panic(err)
	}
	headers := http.Header{}
	for name, value := range got.Headers {
		headers.Set(name, value)
	}
	webhook := must(svix.NewWebhook(secret.Key))
	if err := webhook.Verify([]byte(got.Payload), headers); err != nil {
		panic(err)
	}
	forged := "refused"
	if webhook.Verify([]byte(got.Payload+" "), headers) == nil {
		forged = "accepted"
	}

	statuses := []int{}
	for tries := 0; tries < 100 && len(statuses) == 0; tries++ {
		for _, attempt := range must(client.MessageAttempt.ListByMsg(ctx, app.Id, message.Id, nil)).Data {
			statuses = append(statuses, int(attempt.ResponseStatusCode))
		}
		time.Sleep(100 * time.Millisecond)
	}

	out := map[string]any{
		"app":      must(client.Application.Get(ctx, app.Id)).Name,
		"message":  must(client.Message.Get(ctx, app.Id, message.Id, nil)).Id,
		"statuses": statuses,
		"forged":   forged,
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}
