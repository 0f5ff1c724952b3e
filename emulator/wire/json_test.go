package wire

import (
	"encoding/json"
	"testing"
)

func TestJSONStandsAsStripeWritesIt(t *testing.T) {
	t.Parallel()
	got := string(encode(object{
		"zeta": int64(-1), "object": "customer", "address": nil, "id": "cus_1", "list": []any{"a", true}, "none": []any{}, "metadata": map[string]string{},
		"inner": object{"b": "2", "a": []string{"x"}},
	}))
	const want = `{
  "id": "cus_1",
  "object": "customer",
  "address": null,
  "inner": {
    "a": [
      "x"
    ],
    "b": "2"
  },
  "list": [
    "a",
    true
  ],
  "metadata": {},
  "none": [],
  "zeta": -1
}
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func FuzzStringsSurviveJSON(f *testing.F) {
	for _, seed := range []string{"", "a\"b\\c\n\r\t\x00\x1f", "zł × €", "\u2028\u2029", "\U0001F600"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendString(nil, s), &back); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := string([]rune(s)); back != want {
			t.Errorf("got %q, want %q", back, want)
		}
	})
}
