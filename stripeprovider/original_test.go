package stripeprovider

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stripe/stripe-go/v86"
	"pgregory.net/rapid"

	"github.com/dues-billing/dues/billing"
)

func TestAnObjectIsKeptAsItWasSentWithoutWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, sent, want string
		fold             fold
	}{
		{"blanks between tokens go, those in texts stay", "{\n  \"id\": \"in_1\",\n  \"note\": \"a  \\\" b\"\n}", `{"id":"in_1","note":"a  \" b"}`, noFold},
		{"what was expanded is its id again",
			`{"id":"in_1","parent":{"type":"x","subscription_details":{"metadata":{"a":"b"},"subscription":{"items":{"id":"no"},"id":"sub_1"}}}}`,
			`{"id":"in_1","parent":{"type":"x","subscription_details":{"metadata":{"a":"b"},"subscription":"sub_1"}}}`, invoiceFold},
		{"what was not stays", `{"parent":{"subscription_details":{"subscription":"sub_1"}}}`, `{"parent":{"subscription_details":{"subscription":"sub_1"}}}`, invoiceFold},
		{"nothing above it either", `{"id":"in_1","parent":null}`, `{"id":"in_1","parent":null}`, invoiceFold},
		{"a member that is there only for us goes", `{"payments":{"data":[]},"id":"in_1"}`, `{"id":"in_1"}`, invoiceFold},
		{"and so do the refunds of a charge", `{"id":"ch_1","refunds":{"data":[{"id":"re_1"}]}}`, `{"id":"ch_1"}`, chargeFold},
		{"a secret is not kept, however deep", `{"id":"in_1","confirmation_secret":{"a":1},"x":[{"client_secret":"pi_secret"}],"n":1e400}`, `{"id":"in_1","n":1e400,"x":[{}]}`, noFold},
		{"what no database of texts takes", "{\"id\":\"in_1\",\"note\":\"a\xff\"}", "{\"id\":\"in_1\",\"note\":\"a\uFFFD\"}", noFold},
		{"what is no JSON", `{"id":`, ``, noFold},
	} {
		got := original(billing.InvoiceObject, "in_1", &stripe.APIResponse{RawJSON: []byte(c.sent)}, c.fold)
		if got != (billing.Object{ID: "in_1", Kind: billing.InvoiceObject, Raw: c.want}) {
			t.Errorf("%s: got %+v, want %s", c.name, got, c.want)
		}
	}
}

func TestWithoutBlanksAnObjectSaysTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		sent, err := json.MarshalIndent(rapid.MapOf(rapid.String(), rapid.String()).Draw(r, "object"), " \t", "\r  ")
		if err != nil {
			r.Fatal(err)
		}
		var want bytes.Buffer
		if err := json.Compact(&want, sent); err != nil {
			r.Fatal(err)
		}
		if got := compact(sent, nil); !bytes.Equal(got, want.Bytes()) {
			r.Errorf("got %s, want %s", got, want.Bytes())
		}
	})
}
