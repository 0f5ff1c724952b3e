package schematest

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestMistakesAreFound(t *testing.T) {
	t.Parallel()
	const clock = `{"id":"clock_1","object":"test_helpers.test_clock","created":1,"deletes_after":2,"frozen_time":3,"livemode":false,"name":null,"status":"ready","status_details":{}}`
	for _, tc := range []struct{ name, from, to, want string }{
		{"nothing wrong", "", "", ""},
		{"a field is missing", `"created":1,`, ``, "created is missing"},
		{"a field of the wrong type", `"created":1`, `"created":"1"`, "want an integer"},
		{"a fraction in place of an integer", `"created":1`, `"created":1.5`, "want an integer"},
		{"a word that is not in the enum", `"ready"`, `"done"`, "done is none of"},
		{"null where there is none", `"livemode":false`, `"livemode":null`, "null is not allowed"},
		{"a field too many", `"created":1`, `"created":1,"extra":1`, "extra is no field"},
		{"a mistake inside an object", `"status_details":{}`, `"status_details":{"advancing":{}}`, "target_frozen_time is missing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var value any
			if err := json.Unmarshal([]byte(strings.Replace(clock, tc.from, tc.to, 1)), &value); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(Mistakes("test_helpers.test_clock", value), "; ")
			if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
