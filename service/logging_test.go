package service_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/dues-billing/dues/service"
)

func TestWhatGoesToTheLogIsClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"550 <ada@example.com>: no such user", "550 <[e-mail]>: no such user"},
		{`Get "https://api.stripe.com/v1/customers?email=ada%2Bx%40example.com&limit=1": EOF`, `Get "https://api.stripe.com/v1/customers?email=[e-mail]&limit=1": EOF`},
		{"postgres://dues:hunter2@db.internal/dues refused", "postgres://[password]@db.internal/dues refused"},
		{"Invalid API Key provided: sk_test_4eC39HqLyjWDarjtT1zdp7dc", "Invalid API Key provided: [secret]"},
		{"Expired key rk_live_51abc, whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "Expired key [secret], [secret]"},
		{"pi_3MtwBwLkdIwHu7ix_secret_YrKJUKribcBjcG8HVhfZluoGH failed", "[secret] failed"},
		{"Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln refused", "Bearer [secret] refused"},
		{"card 4242 4242 4242 4242, or 4242424242424242.", "card [card], or [card]."},
		{"took 1700000000000002 ns", "took 1700000000000002 ns"}, // fails the check sum of cards
		{"customer cus_Ab12, event evt_1vm7lok98rjb1jsM, key welcome:ada, checkout cs_test_a1", "customer cus_Ab12, event evt_1vm7lok98rjb1jsM, key welcome:ada, checkout cs_test_a1"},
		{"task_12345 and risk_level", "task_12345 and risk_level"},
	} {
		if got := service.Clean(c.text); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestEveryPartOfALineIsCleaned(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := service.Logger(slog.New(slog.NewJSONHandler(&out, nil)), nil, func(context.Context) string { return "req_1" })
	const mail = "ada@example.com"
	log.With("with", mail).WithGroup("g").InfoContext(t.Context(), "hello "+mail, "text", mail, "error", fmt.Errorf("x: %w", errors.New(mail)),
		slog.Group("group", "text", mail), "url", &url.URL{Scheme: "mailto", Opaque: mail}, "n", 7)
	if got := out.String(); strings.Contains(got, mail) || strings.Count(got, "[e-mail]") != 6 || !strings.Contains(got, `"request_id":"req_1"`) {
		t.Errorf("the line is %s", got)
	}
	if again := service.Logger(log, nil, nil); again != log {
		t.Error("a logger that cleans is wrapped once more")
	}
}
