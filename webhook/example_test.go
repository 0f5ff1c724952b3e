package webhook_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/dues-billing/dues/webhook"
)

// A handler that takes notices.
func ExampleVerify() {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" // from your configuration
	hook := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhook.BodyBytesMax))
		if err != nil {
			return
		}
		n, err := webhook.Verify(r.Header, body, time.Now(), secret)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Println(n.Data.Account, "is on", n.Data.Access.Plan)
	}

	body := `{"id": "msg_1", "type": "access.changed", "data": {"account": "ada", "access": {"plan": "premium"}}}`
	key, err := webhook.ParseSecret(secret)
	if err != nil {
		fmt.Println(err)
	}
	for _, secrets := range [][]webhook.Secret{{key}, {}} {
		r := httptest.NewRequest(http.MethodPost, "/hooks/dues", strings.NewReader(body))
		r.Header = webhook.Sign("msg_1", time.Now(), []byte(body), secrets...)
		answer := httptest.NewRecorder()
		hook(answer, r)
		fmt.Println(answer.Code)
	}
	// Output:
	// ada is on premium
	// 200
	// 400
}
