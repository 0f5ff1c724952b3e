package httpapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/dues-billing/dues/billing"
)

func TestAnEndUserCancelsAndThinksAgainAndAServerEndsIt(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := s.premium("ada")
	s.do(request{method: "POST", path: "/v1/me/cancel", credential: ada, body: map[string]any{"feedback": "too_expensive", "comment": "Another time."}})
	s.do(request{method: "POST", path: "/v1/me/resume", credential: ada})
	s.do(request{method: "POST", path: "/v1/accounts/ada/cancel", credential: serverKey, body: map[string]any{}})
	s.do(request{method: "POST", path: "/v1/accounts/ada/resume", credential: serverKey})
	s.do(request{method: "POST", path: "/v1/accounts/ada/cancel", credential: serverKey, body: map[string]any{"when": "now"}})
	s.do(request{method: "POST", path: "/v1/me/resume", credential: ada})
	s.check("cancel")
}

func TestTheDocumentNamesTheFeedbackThatIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var document struct {
		Components struct {
			Schemas struct {
				CancelRequest struct {
					Properties struct{ Feedback struct{ Enum []string } }
				}
			}
		}
	}
	if err := json.Unmarshal(w.want(http.StatusOK, request{method: "GET", path: "/openapi.json"}).body, &document); err != nil {
		t.Fatal(err)
	}
	if got := document.Components.Schemas.CancelRequest.Properties.Feedback.Enum; !slices.Equal(got, billing.CancelFeedback) {
		t.Errorf("the document names %q, and %q is taken", got, billing.CancelFeedback)
	}
}
