package emulator_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v86"
	"github.com/stripe/stripe-go/v86/rawrequest"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/wire"
	"github.com/dues-billing/dues/emulator/wire/schematest"
	"github.com/dues-billing/dues/emulator/wire/triptest"
)

// The stories are testdata/roundtrips; nodetest takes the same through the library for Node. Each has a world of its own.
func TestTheLibraryForGoReachesEveryServedOperation(t *testing.T) {
	t.Parallel()
	made := &triptest.Log{}
	server := emulator.Start(t, func(o *emulator.Options) {
		o.Wrap = func(h http.Handler) http.Handler { return made.Handler(schematest.Handler(t, h)) }
	})
	stories, err := filepath.Glob("testdata/roundtrips/*.txt")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	t.Run("stories", func(t *testing.T) {
		for _, path := range stories {
			name := strings.TrimSuffix(filepath.Base(path), ".txt")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				traveller := newTraveller(t, server.URL, "sk_test_go_"+name)
				for i, line := range strings.Split(string(text), "\n") {
					if line != "" && line[0] != '#' {
						traveller.at = path + ":" + strconv.Itoa(i+1)
						traveller.travel(line)
					}
				}
			})
		}
	})
	if missing := made.Missing(); !t.Failed() && len(missing) > 0 {
		t.Errorf("%d operations have no round trip in testdata/roundtrips:\n%s", len(missing), strings.Join(missing, "\n"))
	}
}

// traveller takes the trips of one story, in order.
type traveller struct {
	t     *testing.T
	at    string // file and line
	sc    *stripe.Client
	raw   rawrequest.Client
	url   string
	known map[string]any // the answers that have a name
}

func newTraveller(t *testing.T, url, key string) *traveller {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(url), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}, MaxNetworkRetries: stripe.Int64(0),
		HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	})
	return &traveller{
		t: t, url: url, sc: emulator.Client(url, key), known: map[string]any{},
		raw: rawrequest.Client{B: backend.(*stripe.BackendImplementation), Key: key},
	}
}

// trip is one line of a story:
//
//	[NAME: ]METHOD PATH [PARAMETERS] => KIND [FIELDS] | NODE[@KEY] [| GO]
//
// The parameters and the fields that the answer must have are JSON. An id in the path begins with $ or, taken literally, with a colon; $NAME
// is the id of an earlier answer and $NAME.some.path what is there in it. KIND is the object that comes back, list<KIND> one of at least one
// of a kind (list<> of any number), none for anything, or the status and code of a refusal. NODE is the method of the library for Node, or raw (of an older
// version, raw@VERSION); GO is that of stripe-go where its name does not follow from the other.
type trip struct {
	name, method, path string // path with $names and :ids in it
	params             map[string]any
	want               string // the kind of the answer, or the status of an error
	fields             map[string]any
	version            string // asked for, of a raw request; else the key that this request is made with
	service            string // of stripe-go, with its method; raw is a raw request, and control one to the emulator's own API
}

var tripLine = regexp.MustCompile(`^(?:(\w+): )?(GET|POST|DELETE) (\S+)(?: (\{.*\}))? => (\S+(?: [a-z_]+)?)(?: (\{.*\}))? \| ([\w.]+)(?:@(\S+))?(?: \| ([\w.]+))?$`)

func (tr *traveller) parse(line string) trip {
	m := tripLine.FindStringSubmatch(line)
	if m == nil {
		tr.fatal("not a trip: %s", line)
	}
	out := trip{name: m[1], method: m[2], path: m[3], want: m[5], version: m[8], service: m[9]}
	for group, into := range map[int]*map[string]any{4: &out.params, 6: &out.fields} {
		if m[group] != "" {
			if err := json.Unmarshal([]byte(m[group]), into); err != nil {
				tr.fatal("%s: %v", m[group], err)
			}
		}
	}
	if out.service == "" {
		out.service = m[7]
	}
	return out
}

func (tr *traveller) fatal(format string, args ...any) {
	tr.t.Helper()
	tr.t.Fatalf(tr.at+": "+format, args...)
}

// travel makes the request of a line and holds the answer against it.
func (tr *traveller) travel(line string) {
	tr.t.Helper()
	trip := tr.parse(line)
	params, _ := tr.resolve(trip.params).(map[string]any)
	var raw []byte
	var err error
	switch trip.service {
	case "raw":
		raw, err = tr.send(trip, params)
	case "control":
		raw, err = tr.control(trip, params)
	default:
		raw, err = tr.call(trip, params)
	}
	if status, code, _ := strings.Cut(trip.want, " "); status[0] == '4' {
		var second *stripe.V2RawError
		if errors.As(err, &second) && strconv.Itoa(second.HTTPStatusCode) == status && second.Code == code {
			return
		}
		var refused *stripe.Error
		if !errors.As(err, &refused) || strconv.Itoa(refused.HTTPStatusCode) != status || string(refused.Code) != code {
			tr.fatal("got %v, want %s", err, trip.want)
		}
		return
	}
	if err != nil {
		tr.fatal("%v", err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		tr.fatal("%v", err)
	}
	kind, element, isList := strings.Cut(strings.TrimSuffix(trip.want, ">"), "<")
	if kind != "none" && got["object"] != kind {
		tr.fatal("got a %v, want a %s", got["object"], kind)
	}
	if isList && within(got, "data.0.object") != any(element) && element != "" {
		tr.fatal("lists %v, want %s", got["data"], element)
	}
	for path, want := range trip.fields {
		if found := within(got, path); !reflect.DeepEqual(found, tr.resolve(want)) {
			tr.fatal("%s is %v, want %v", path, found, tr.resolve(want))
		}
	}
	if trip.name != "" {
		tr.known[trip.name] = got
	}
}

// within is the value at a path of keys and indexes; nil is none.
func within(value any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

var reference = regexp.MustCompile(`\$(\w+)((?:\.\w+)*)`)

// resolve puts what is known in the place of $name, an id, and $name.path.
func (tr *traveller) resolve(value any) any {
	switch v := value.(type) {
	case string:
		if m := reference.FindStringSubmatch(v); m != nil && m[0] == v {
			return tr.lookUp(m)
		}
		return reference.ReplaceAllStringFunc(v, func(ref string) string {
			text, _ := tr.lookUp(reference.FindStringSubmatch(ref)).(string)
			return text
		})
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			out[i] = tr.resolve(element)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for key, element := range v {
			out[key] = tr.resolve(element)
		}
		return out
	}
	return value
}

func (tr *traveller) lookUp(m []string) any {
	path := strings.TrimPrefix(m[2], ".")
	if path == "" {
		path = "id"
	}
	found := within(tr.known[m[1]], path)
	if found == nil {
		tr.fatal("%s is nothing", m[0])
	}
	return found
}

// ids are the segments of a path that are ids, by their names in Stripe's document.
func (tr *traveller) ids(trip trip) (names, values []string) {
	var path []string
	for segment := range strings.SplitSeq(trip.path, "/") {
		path = append(path, tr.segment(segment))
	}
	r, err := http.NewRequestWithContext(tr.t.Context(), trip.method, strings.Join(path, "/"), nil)
	if err != nil {
		tr.fatal("%v", err)
	}
	_, served, _ := strings.Cut(wire.ServedBy(r), " ")
	for i, segment := range strings.Split(served, "/") {
		if name, isID := strings.CutPrefix(segment, "{"); isID {
			names, values = append(names, strings.TrimSuffix(name, "}")), append(values, path[i])
		}
	}
	return names, values
}

// segment is a segment of a path as it is sent.
func (tr *traveller) segment(segment string) string {
	text, _ := tr.resolve(strings.TrimPrefix(segment, ":")).(string)
	return text
}
