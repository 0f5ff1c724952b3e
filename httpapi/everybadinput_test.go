package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
)

// property is a member of a body, as the document says.
type property struct {
	Type any // a word, or several
}

// is says whether a member may be of a type.
func (p property) is(kind string) bool {
	if several, ok := p.Type.([]any); ok {
		return slices.Contains(several, any(kind))
	}
	return p.Type == kind
}

// described is an operation with its body.
type described struct {
	method, path string
	Security     []map[string][]string
	RequestBody  *struct {
		Content map[string]struct {
			Schema struct {
				Ref string `json:"$ref"`
			}
		}
	}
	properties map[string]property
	required   []string
}

func (w *world) described() (all []described) {
	w.t.Helper()
	var document struct {
		Paths      map[string]map[string]described
		Components struct {
			Schemas map[string]struct {
				Properties map[string]property
				Required   []string
			}
		}
	}
	if err := json.Unmarshal(w.want(http.StatusOK, request{method: "GET", path: "/openapi.json"}).body, &document); err != nil {
		w.t.Fatal(err)
	}
	for path, methods := range document.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), path
			if op.RequestBody != nil {
				_, name, _ := strings.Cut(op.RequestBody.Content["application/json"].Schema.Ref, "#/components/schemas/")
				op.properties, op.required = document.Components.Schemas[name].Properties, document.Components.Schemas[name].Required
			}
			all = append(all, op)
		}
	}
	return all
}

// parameters stand in a path for what is there, and for what is not.
var (
	known   = strings.NewReplacer("{id}", "ada", "{method}", "pm_none", "{asset}", "handbook", "{invoice}", "in_none", "{purchase}", "one_none", "{key}", "none", "{line}", "none", "{grant}", "none")
	unknown = strings.NewReplacer("{id}", "nobody", "{method}", "pm_none", "{asset}", "handbook", "{invoice}", "in_none", "{purchase}", "one_none", "{key}", "none", "{line}", "none", "{grant}", "none")
)

// credentials returns who may ask for an operation, and somebody who may not.
func (op described) credentials(user, admin string) (may, mayNot string) {
	switch {
	case op.Security[0]["userToken"] != nil:
		return user, serverKey
	case slices.Contains(slices.Concat(op.Security[0]["serverKey"], op.Security[0]["operatorKey"]), string(billing.Admin)):
		return admin, operatorKey
	case op.Security[0]["operatorKey"] != nil:
		return operatorKey, user
	}
	return serverKey, user
}

// wrong are bodies in which one member is of another type than the document says.
func (op described) wrong(credential string) (all []refusal) {
	for _, name := range slices.Sorted(maps.Keys(op.properties)) {
		for kind, value := range map[string]string{"string": `"x"`, "integer": `7`, "boolean": `true`, "array": `[[]]`, "object": `{"x":1}`} {
			p := op.properties[name]
			if p.Type == nil || p.is(kind) || kind == "integer" && p.is("number") {
				continue
			}
			all = append(all, refusal{
				fmt.Sprintf("%s %s: %s is of type %s", op.method, op.path, name, kind),
				request{method: op.method, path: known.Replace(op.path), credential: credential, body: op.with(name, value)}, 400, name,
			})
		}
	}
	return all
}

// values are one of each type.
var values = map[string]string{"string": `"x"`, "integer": `7`, "boolean": `true`, "array": `[]`, "object": `{}`}

// with is a body with all that is needed, each of its type, and with one member as it is given.
func (op described) with(name, value string) string {
	members := []string{fmt.Sprintf("%q:%s", name, value)}
	for _, needed := range op.required {
		if needed != name {
			members = append(members, fmt.Sprintf("%q:%s", needed, op.properties[needed].value()))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// value is one of the type of a member.
func (p property) value() string {
	for kind, value := range values {
		if p.is(kind) {
			return value
		}
	}
	return values["object"]
}

// good is a body that can be read.
func (op described) good() string {
	name := slices.Sorted(maps.Keys(op.properties))[0]
	return op.with(name, op.properties[name].value())
}

// Every operation of the document refuses a body that is none, a member of another type, an account that is not there, and whoever may not ask for it; and nothing has
// changed then. What else can be wrong with each is in the tables of its subject.
func TestEveryOperationOfTheDocumentRefusesBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	ada, admin := token(t, "ada"), w.keyFor(billing.Admin).Secret
	before := w.state()
	asked := 0
	for _, op := range w.described() {
		if len(op.Security) == 0 {
			continue // open to everybody
		}
		may, mayNot := op.credentials(ada, admin)
		var cases []refusal
		if op.properties != nil {
			cases = append(bodies(op.method, known.Replace(op.path), may, op.good()), op.wrong(may)...)
		}
		for name, credential := range map[string]string{"nobody asks": "", "a guess": "guessed-guessed-guessed", "the wrong one asks": mayNot} {
			got := w.send(request{method: op.method, path: known.Replace(op.path), credential: credential, body: op.body()})
			if got.status != 401 && got.status != 403 && got.status != 404 {
				t.Errorf("%s %s: %s: answered %d %s", op.method, op.path, name, got.status, got.body)
			}
		}
		if strings.Contains(op.path, "/accounts/{id}") {
			cases = append(cases, refusal{op.method + " " + op.path + ": nobody's account", request{method: op.method, path: unknown.Replace(op.path), credential: may, body: op.body()}, 0, ""})
		}
		for _, c := range cases {
			got := w.send(c.req)
			if c.status == 0 { // something else may be found to be wrong first
				if got.status < 400 || got.status >= 500 {
					t.Errorf("%s: answered %d %s", c.name, got.status, got.body)
				}
				continue
			}
			checkProblem(t, c, got)
			asked++
		}
	}
	if asked < 500 {
		t.Errorf("only %d requests were made", asked)
	}
	if diff := cmp.Diff(before, w.state()); diff != "" {
		t.Errorf("refused requests changed something (-before +after):\n%s", diff)
	}
}

// body is one that can be read, "" where none is taken.
func (op described) body() string {
	if op.properties == nil {
		return ""
	}
	return op.good()
}
