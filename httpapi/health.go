package httpapi

import (
	"errors"
	"net/http"

	"github.com/dues-billing/dues/billing"
)

type health struct {
	Status string `json:"status"`
}

// healthy says that the process runs and answers; it asks nobody else, so that a slow database does not get it restarted.
func (a *api) healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	writeJSON(w, health{Status: "ok"})
}

// ready says whether requests should be sent here.
func (a *api) ready(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if err := a.service.Ready(r.Context()); err != nil {
		a.log.WarnContext(r.Context(), "http: not ready", "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		why := "the database does not answer or is not migrated"
		var known *billing.Error
		if errors.As(err, &known) {
			why = known.Message
		}
		writeJSON(w, health{Status: "not ready: " + why})
		return
	}
	writeJSON(w, health{Status: "ok"})
}
