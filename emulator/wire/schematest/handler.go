package schematest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// Handler passes requests on and fails the test for every answer below /v1 that leaves Stripe's schema.
func Handler(tb testing.TB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1/") {
			next.ServeHTTP(w, r)
			return
		}
		recorded := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(recorded, r)
		for _, mistake := range AnswerMistakes(r, recorded.status, recorded.body.Bytes()) {
			tb.Errorf("%s %s: off Stripe's schema: %s", r.Method, r.URL.Path, mistake)
		}
	})
}

// recorder keeps a copy of what is answered.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader keeps the status.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write keeps the body.
func (r *recorder) Write(p []byte) (int, error) {
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

// documented is the first version whose shapes are near enough to Stripe's document of today to be held against it.
const documented = "2025-03-31.basil"

// AnswerMistakes lists where an answer leaves the schema of its request's operation, as "path: what is wrong".
func AnswerMistakes(r *http.Request, status int, body []byte) []string {
	if strings.HasSuffix(r.URL.Path, "/pdf") && status == http.StatusOK {
		if !bytes.HasPrefix(body, []byte("%PDF-")) {
			return []string{"no PDF"}
		}
		return nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return []string{"no JSON: " + err.Error()}
	}
	c := &checker{doc: loaded(), version: r.Header.Get("Stripe-Version")}
	if c.version != "" && c.version < documented {
		return nil
	}
	if status != http.StatusOK {
		c.check(&schema{Ref: "#/components/schemas/error"}, value, "error", "")
		return c.mistakes
	}
	path := r.URL.Path
	if before, ok := strings.CutSuffix(path, "/pause"); ok { // it came after the document, and answers what resuming does
		path = before + "/resume"
	}
	op, known := c.operation(r.Method, path)
	if !known && undocumented(r.URL.Path) {
		return nil
	}
	if !known {
		return []string{"answered 200, but Stripe has no such operation"}
	}
	c.check(op.Responses["200"].Content["application/json"].Schema, value, "answer", "")
	c.checkEvents(value)
	return c.mistakes
}

// undocumented are the operations that Stripe's own tools use beside its document.
func undocumented(path string) bool {
	return strings.HasPrefix(path, "/v1/payment_pages/") || strings.HasPrefix(path, "/v1/stripecli/") ||
		strings.HasPrefix(path, "/v1/events/") && strings.HasSuffix(path, "/retry")
}

// checkEvents looks into the events of an answer: the schema leaves what they carry open.
func (c *checker) checkEvents(value any) {
	fields, ok := value.(map[string]any)
	if !ok {
		return
	}
	switch fields["object"] {
	case "list":
		data, _ := fields["data"].([]any)
		for _, element := range data {
			c.checkEvents(element)
		}
	case "event":
		c.mistakes = append(c.mistakes, EventMistakes(fields)...)
	}
}

// EventMistakes lists where an event, and the object it carries, leaves Stripe's schema.
func EventMistakes(event map[string]any) []string {
	mistakes := Mistakes("event", event)
	data, _ := event["data"].(map[string]any)
	carried, _ := data["object"].(map[string]any)
	name, _ := carried["object"].(string)
	if deleted, _ := carried["deleted"].(bool); deleted {
		name = "deleted_" + name
	}
	if name == "entitlements.active_entitlement_summary" { // Stripe's document knows only what is in it
		list, _ := carried["entitlements"].(map[string]any)
		elements, _ := list["data"].([]any)
		for _, element := range elements {
			mistakes = append(mistakes, Mistakes("entitlements.active_entitlement", element)...)
		}
		return mistakes
	}
	if name == "billing.alert_triggered" { // the one object of events that Stripe's document has no schema of
		return mistakes
	}
	return append(mistakes, Mistakes(name, carried)...)
}

// operation finds the operation that a path belongs to.
func (c *checker) operation(method, path string) (operation, bool) {
	segments := strings.Split(path, "/")
	var best operation
	literals, found := -1, false
	for template, methods := range c.doc.Paths {
		op, has := methods[strings.ToLower(method)]
		parts := strings.Split(template, "/")
		if !has || len(parts) != len(segments) {
			continue
		}
		same := 0
		for i, part := range parts {
			if part == segments[i] {
				same++
			} else if !strings.HasPrefix(part, "{") {
				same = -1
				break
			}
		}
		if same > literals {
			best, literals, found = op, same, true
		}
	}
	return best, found
}
