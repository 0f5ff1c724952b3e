package stripeprovider

import (
	"encoding/json"
	"strings"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
)

// fold says what becomes of the members of an object that were expanded for us, so that it is kept as Stripe shows it to anybody.
type fold struct {
	in   map[string]fold // members that hold something expanded further down
	drop bool            // the member is there only because it was asked for
	id   bool            // an object in the place of its id
}

// What the requests of this package expand.
var (
	invoiceFold = fold{in: map[string]fold{
		"payments": {drop: true},
		"parent":   {in: map[string]fold{"subscription_details": {in: map[string]fold{"subscription": {id: true}}}}},
	}}
	chargeFold = fold{in: map[string]fold{"refunds": {drop: true}}}
	noFold     = fold{}
)

// original is an object as Stripe sent it, without blanks, and without what we had expanded. It walks over the text instead of decoding it:
// this is done to all that is ever read. An object that came with no answer has no text.
func original(kind billing.ObjectKind, id string, from *stripe.APIResponse, f fold) billing.Object {
	if from == nil {
		return billing.Object{ID: id, Kind: kind}
	}
	w := walker{text: from.RawJSON}
	text := f.copy(&w, make([]byte, 0, len(from.RawJSON)))
	if !w.ended() {
		text = nil // the SDK has decoded it before, so it is JSON
	}
	return billing.Object{ID: id, Kind: kind, Raw: withoutSecrets(string(text))}
}

// copy steps over a value and appends what is kept of it.
func (f fold) copy(w *walker, out []byte) []byte {
	switch {
	case w.peek() != '{' || !f.id && f.in == nil:
		return compact(w.skip(), out)
	case f.id:
		return append(append(append(out, '"'), idIn(w)...), '"')
	}
	out = append(out, '{')
	first := true
	w.members(func() []byte { name, _ := w.token(); return name }, func(name []byte) {
		below := f.in[string(name)]
		if below.drop {
			w.skip()
			return
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(append(append(out, '"'), name...), '"', ':')
		out = below.copy(w, out)
	})
	return append(out, '}')
}

// idIn steps over an object and returns its id.
func idIn(w *walker) (id string) {
	w.object(func(name []byte) {
		if string(name) == "id" {
			id = w.string()
		} else {
			w.skip()
		}
	})
	return id
}

// compact appends JSON without the blanks between its tokens.
func compact(text, out []byte) []byte {
	start := 0
	for w := (walker{text: text}); w.at < len(text) && !w.failed; {
		switch text[w.at] {
		case '"':
			w.token()
		case ' ', '\n', '\r', '\t':
			out = append(out, text[start:w.at]...)
			w.at++
			start = w.at
		default:
			w.at++
		}
	}
	return append(out, text[start:]...)
}

// member returns the text of a member of an object, nil when it has none.
func member(raw []byte, path ...string) []byte {
	for _, name := range path {
		w := walker{text: raw}
		raw = nil
		if w.peek() != '{' {
			return nil
		}
		w.object(func(at []byte) {
			if value := w.skip(); string(at) == name {
				raw = value
			}
		})
	}
	return raw
}

// secretSuffix ends the names of what lets a browser act for a customer, such as client_secret. None of the objects that are kept has
// one, as far as Stripe's reference tells; if one ever does, it is not kept.
const secretSuffix = `_secret"`

func withoutSecrets(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD") // a database of UTF-8 would refuse the whole customer
	if !strings.Contains(text, secretSuffix) {
		return text
	}
	var value any
	reader := json.NewDecoder(strings.NewReader(text))
	reader.UseNumber()
	if reader.Decode(&value) != nil {
		return ""
	}
	var clean func(any)
	clean = func(at any) {
		switch at := at.(type) {
		case map[string]any:
			for name, below := range at {
				if strings.HasSuffix(name+`"`, secretSuffix) {
					delete(at, name)
				} else {
					clean(below)
				}
			}
		case []any:
			for _, below := range at {
				clean(below)
			}
		}
	}
	clean(value)
	kept, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(kept)
}
