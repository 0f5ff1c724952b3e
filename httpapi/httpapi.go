package httpapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

type api struct {
	service *service.Service
	clock   service.Clock
	log     *slog.Logger
	keys    hashedKeys
	// operatorKeys open what no server needs.
	operatorKeys hashedKeys
	tokens       *verifier // nil: no end users
	limits       *limits
	huma         huma.API
	mux          *http.ServeMux
}

// New returns the whole HTTP surface of Dues. It serves JSON, plain webhooks and two redirects; pages are elsewhere.
// ctx ends what runs in the background: the refresh of the JWKS.
func New(ctx context.Context, c Config) (http.Handler, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c.Log = service.Logger(c.Log, c.Tracer, RequestID)
	tokens, err := newVerifier(ctx, c.JWT, c.Clock.Wall, c.Log)
	if err != nil {
		return nil, err
	}
	a := &api{
		service: c.Service, clock: c.Clock, log: c.Log, keys: hashKeys(c.ServerKeys), operatorKeys: hashKeys(c.OperatorKeys), tokens: tokens,
		limits: newLimits(c.Limits, c.Clock.Wall()), mux: http.NewServeMux(),
	}
	a.huma = humago.New(a.mux, humaConfig(c.Version))
	a.describeNotices()
	a.routes()
	a.mux.HandleFunc("/", a.refuse)
	return wrap(traced(a.mux, c.Tracer), c), nil
}

func humaConfig(version string) huma.Config {
	if version == "" {
		version = "dev"
	}
	jsonFormat := huma.Format{
		Marshal: huma.DefaultJSONFormat.Marshal,
		// The body keeps its own fault, so that it reaches the answer with the field's name. See body.
		Unmarshal: func(data []byte, v any) error {
			v.(jsonBody).read(data)
			return nil
		},
	}
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Dues", Version: version,
				Description: "Subscriptions on Stripe: who may use what, until when. Servers call with a server key, end users with a signed token, operators with a key of their own.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"operatorKey": {Type: "http", Scheme: "bearer", Description: "An operator key of the configuration, or a key with the scope that the operation names: it sees and retries what is queued of every account."},
					"serverKey":   {Type: "http", Scheme: "bearer", Description: "A server key of the configuration, or a key with the scope that the operation names. Never send it to a browser."},
					"userToken":   {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "A token that the app signed for one end user."},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat}, // the second is for problem+json
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{oneShape},
	}
	config.AllowAdditionalPropertiesByDefault = true // answers may grow; requests say themselves that they may not
	return config
}

// route is one operation. Who has no usable zero value: a route that forgets it does not start.
type route struct {
	method, path string
	id           string // operation id in the OpenAPI document
	summary      string
	who          audience
	created      bool // may answer 201 as well as 200
}

// reply is what an operation answers.
type reply[T any] struct {
	Status int
	Body   T
}

func ok[T any](value T) *reply[T] { return &reply[T]{Status: http.StatusOK, Body: value} }

// withBody is the input of an operation that reads a JSON body.
type withBody[T any] struct{ Body body[T] }

func (b *withBody[T]) fault() *billing.Error { return b.Body.err }

// withBodyOf is withBody of a request about an account that its path names.
type withBodyOf[T any] struct {
	ID string `path:"id" doc:"The app's own id"`
	withBody[T]
}

// add registers one operation with its audience, its strict body and its errors.
func add[I, O any](a *api, rt route, handle func(context.Context, *I) (*reply[O], error)) {
	_, hasBody := any(new(I)).(interface{ fault() *billing.Error })
	op := a.operation(rt, hasBody)
	if rt.created {
		op.Responses["201"] = &huma.Response{Description: "Created", Content: map[string]*huma.MediaType{
			"application/json": {Schema: a.schemaOf(new(O))},
		}}
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*reply[O], error) {
		if b, ok := any(in).(interface{ fault() *billing.Error }); ok && b.fault() != nil {
			return nil, problemOf(ctx, b.fault())
		}
		out, err := handle(ctx, in)
		if err != nil {
			p := problemOf(ctx, err)
			a.logFailure(ctx, err, p)
			return nil, p
		}
		return out, nil
	})
}

// operation is a route as the framework takes it.
func (a *api) operation(rt route, hasBody bool) huma.Operation {
	g := gateOf(rt)
	op := huma.Operation{
		OperationID: rt.id, Method: rt.method, Path: rt.path, Summary: rt.summary,
		DefaultStatus: http.StatusOK,
		MaxBodyBytes:  bodyBytesMax + 1, // the framework refuses a body that reaches its limit
		// Bodies are checked by body, ids by looking them up.
		SkipValidateBody: true, SkipValidateParams: true,
		Security:    g.security(),
		Middlewares: huma.Middlewares{a.admit(g, hasBody)},
		Responses:   map[string]*huma.Response{"default": a.problemResponse()},
	}
	switch {
	case !keyed(rt.method):
	case g.scope == billing.Admin:
		op.Middlewares = append(op.Middlewares, a.unkeyed)
	default:
		op.Middlewares = append(op.Middlewares, a.once(rt.who))
		op.Parameters = append(op.Parameters, a.requestKeyParameter())
	}
	if audited(rt) {
		op.Middlewares = append(op.Middlewares, a.audit(rt))
	}
	return op
}

// plain registers a handler that is not part of the JSON API.
func (a *api) plain(method, path string, handle http.HandlerFunc) {
	a.mux.HandleFunc(method+" "+path, handle)
}

// methods are those that some route takes.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodDelete}

// refuse gives unknown paths and methods the shape of every other failure.
func (a *api) refuse(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range methods {
		other := http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := a.mux.Handler(&other); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if allowed == nil {
		a.fail(w, r, billing.Errorf(billing.NotFound, "there is nothing at this path; /openapi.json lists what there is"))
		return
	}
	allow := strings.Join(allowed, ", ")
	w.Header().Set("Allow", allow)
	a.fail(w, r, billing.Errorf(codeMethod, "%s is not possible here; allowed: %s", r.Method, allow))
}

// document serves the OpenAPI document, made once.
func (a *api) document() http.HandlerFunc {
	doc, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	if err != nil {
		panic("httpapi: the OpenAPI document cannot be written: " + err.Error()) // only our own types are in it
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(doc) // the reader went away: nobody is left to tell
	}
}
