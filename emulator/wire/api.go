package wire

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"github.com/dues-billing/dues/emulator/engine"
)

// bodyMax is far above what Stripe's SDKs send.
const bodyMax = 1 << 20

// call is one request to the API on its way through.
type call struct {
	account *account
	id      string // of the request
	number  uint64
	version string
	key     string // Idempotency-Key
	v2      bool
	post    bool   // its idempotency key counts: in the second version that of a DELETE does too
	token   string // of the session that streams meter events
	public  bool   // it came with a publishable key
	include []string
	route   *route
	ids     []string
	form    *Node
	query   string // behind the path, as it came
	expand  []expansion
	total   bool        // the total count of a search is wanted
	print   string      // fingerprint of the parameters, of a request with an idempotency key
	kept    *reply      // what the idempotency key will answer from now on
	sent    []SentParam // for the log
	refused *engine.Error
	headers [3]string // the values of those that differ from answer to answer, made at once
	encoder *encoder  // has the answer's body until it is sent
}

// answer is what goes back.
type answer struct {
	status   int
	body     []byte
	original string // the request whose stored answer this is
	replayed bool
	kind     string // of what is no JSON
}

// alwaysSent are the headers of every answer. Their values are shared by all answers.
var alwaysSent = http.Header{
	"Content-Type":                  {"application/json"},
	"Cache-Control":                 {"no-cache, no-store"},
	"Vary":                          {"Origin"},
	"Access-Control-Allow-Origin":   {"*"},
	"Access-Control-Expose-Headers": {"Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, Stripe-External-Auth-Required, Stripe-Privileged-Session-Required"},
}

// ServeHTTP answers /v1 and /v2 and everything below them.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	maps.Copy(header, alwaysSent)
	if r.Method == http.MethodOptions {
		preflight(w, r)
		return
	}
	v2 := strings.HasPrefix(r.URL.Path, v2Prefix)
	key, token, refused := s.keyOf(r)
	if refused == nil {
		refused = s.foreign(r, key)
	}
	if refused != nil {
		if refused.Status == http.StatusUnauthorized {
			header.Set("WWW-Authenticate", `Bearer realm="Stripe"`)
		}
		v := &view{}
		w.WriteHeader(refused.Status)
		_, _ = w.Write(encode(v.errorBody(refused, ""))) // as below
		return
	}
	c := &call{
		account: s.account(key), post: r.Method == http.MethodPost || v2 && r.Method == http.MethodDelete, v2: v2, token: token, public: isPublic(r),
		version: r.Header.Get("Stripe-Version"), key: r.Header.Get("Idempotency-Key"),
	}
	c.number = c.account.number.Add(1)
	c.id = requestID(s.opts.Seed, key, c.number)
	if c.version == "" {
		c.version = *c.account.version.Load()
	}
	c.encoder = encoders.Get().(*encoder)
	defer c.encoder.free()
	begun := s.opts.Now()
	a := c.serve(s, r)
	c.note(r, begun, a)
	a.body = inMode(key, a.body)
	c.headers = [...]string{c.id, c.version, strconv.Itoa(len(a.body))}
	header["Request-Id"], header["Stripe-Version"], header["Content-Length"] = c.headers[0:1:1], c.headers[1:2:2], c.headers[2:3:3]
	if c.post && c.key != "" {
		header.Set("Idempotency-Key", c.key)
		if a.original != "" {
			header.Set("Original-Request", a.original)
		}
		header.Set("Stripe-Should-Retry", strconv.FormatBool(a.status == http.StatusConflict))
		if a.replayed {
			header.Set("Idempotent-Replayed", "true")
		}
	}
	if a.kind != "" {
		header.Set("Content-Type", a.kind)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that went away
}

// serve reads the request and runs it. A bug on the way is answered, not left to a client that would see its connection break and retry.
func (c *call) serve(s *Server, r *http.Request) (a answer) {
	defer func() {
		if bug := recover(); bug != nil {
			s.opts.Log.Error("emulator bug", "request", c.id, "panic", bug, "stack", string(debug.Stack()))
			a = c.fail(fmt.Errorf("a bug: %v", bug))
		}
	}()
	decided := c.account.decided.Load()
	if !c.account.rate.allows(s.opts.Now().Unix(), decided.RateLimit) {
		return c.refuse(tooMany())
	}
	if err := c.read(r); err != nil {
		return c.refuse(err)
	}
	if !c.post || c.key == "" {
		return c.run()
	}
	idem := c.account.idemOf(c.keptAs())
	stored, err := idem.begin(c.keptAs(), c.print, s.opts.Now().Unix())
	if err != nil && err.Status == http.StatusConflict {
		err.Type = decided.ConcurrentKeyError
	}
	if err != nil {
		return c.refuse(err)
	}
	if stored != nil {
		return answer{status: stored.Status, body: []byte(stored.Body), original: stored.RequestID, replayed: true}
	}
	// Deferred, so that a bug in a command does not leave the key in use for ever.
	defer func() { idem.finish(c.keptAs(), c.kept) }()
	return c.run()
}

// read finds the route and checks everything that can be checked without the world.
func (c *call) read(r *http.Request) *engine.Error {
	if c.v2 {
		return c.readV2(r)
	}
	if err := checkVersion(c.version); err != nil {
		c.version = *c.account.version.Load()
		return err
	}
	err := c.findRoute(r)
	if err != nil {
		return err
	}
	if c.form, err = readForm(r); err != nil {
		return err
	}
	c.query = r.URL.RawQuery
	c.sent = sentParams(c.form, "", make([]SentParam, 0, len(c.form.Children)))
	if c.post && c.key != "" {
		c.print = fingerprint(r.Method, r.URL.Path, c.form)
	}
	endive(c.form)
	e := eraOf(c.version)
	if c.expand, err = takeExpand(c.form, c.route.op, e, c.account.decided.Load().ExpandCountsData); err != nil {
		return err
	}
	if err = c.checkPublic(); err != nil {
		return err
	}
	c.takeTotal()
	if err = refuseItemsTwice(c.route.op, c.form); err != nil {
		return err
	}
	if err = checkParams(e.params(c.route.op), c.form); err != nil {
		return err
	}
	if err = e.modernize(c.route.op, c.form); err != nil {
		return err
	}
	c.placeParam()
	if events := c.form.Child("api_version"); events != nil { // of a webhook endpoint: its events must be what they say they are
		if err = checkVersion(events.Text); err != nil {
			err.Param = "api_version"
		}
	}
	return err
}

// findRoute finds what serves the request: in old versions, first of all what only they have.
func (c *call) findRoute(r *http.Request) *engine.Error {
	if c.route, c.ids = oldRouteTree().find(r.Method, r.URL.Path); c.route != nil && c.version < c.route.until {
		return nil
	}
	if c.route, c.ids = newRouteTree().find(r.Method, r.URL.Path); c.route != nil && c.version >= c.route.from {
		return nil
	}
	known, _ := stripeRoutes().find(r.Method, r.URL.Path)
	if known == nil {
		return unrecognizedURL(r.Method, r.URL.Path)
	}
	// The paths are compared because /v1/customers/search, which is not served, also looks like a customer, who is.
	if c.route, c.ids = servedRoutes().find(r.Method, r.URL.Path); c.route == nil || c.route.path != known.path {
		return notServed(known.method, known.path)
	}
	return nil
}

// readForm reads the parameters: of a GET from the query, else from the body with those of the query beside them. The SDKs send the
// parameters of a DELETE in the query.
func readForm(r *http.Request) (*Node, *engine.Error) {
	form, err := ParseForm(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("", "", "Invalid request parameters: %s", err)
	}
	if r.Method == http.MethodGet {
		return form, nil
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind != "" && !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return nil, badRequest("", "", "Invalid request (check that your POST content type is application/x-www-form-urlencoded). "+
			"If you have any questions, we can help at https://support.stripe.com/.")
	}
	raw, err := readBody(r)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, failure(http.StatusRequestEntityTooLarge, "", "The request body is larger than %d bytes.", bodyMax)
		}
		return nil, badRequest("", "", "The request body could not be read.")
	}
	body, err := ParseForm(raw)
	if err != nil {
		return nil, badRequest("", "", "Invalid request parameters: %s", err)
	}
	body.Merge(form)
	return body, nil
}

// bodies are memory to read bodies into before they become texts.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readBody reads the body of a request into one text.
func readBody(r *http.Request) (string, error) {
	body := bodies.Get().(*bytes.Buffer)
	defer bodies.Put(body) // bodyMax bounds what is kept
	body.Reset()
	_, err := body.ReadFrom(http.MaxBytesReader(nil, r.Body, bodyMax))
	return body.String(), err
}

// run decodes the parameters and does what the route says.
func (c *call) run() answer {
	switch r := c.route; {
	case r.command != "":
		return c.command()
	case r.act != nil:
		return r.act(c)
	case r.query != nil:
		query := reflect.New(r.query).Interface()
		if r.customer == nil {
			setPath(query, c.ids)
		}
		if events, ok := query.(*engine.ListEvents); ok { // only the outbox knows; it is asked while the world is locked
			events.Delivered = func(event string) bool { return c.account.outbox.delivered(event) }
		}
		c.askRelated(query)
		return c.look(query, func(v *view) (object, error) {
			page, err := v.world.Query(query.(engine.Query))
			if err != nil {
				return nil, err
			}
			if r.single {
				return v.render(page.Data[0]), nil
			}
			if page.Search != nil {
				return c.found(v, page), nil
			}
			if c.v2 {
				return c.listV2(v, page), nil
			}
			return v.list(page, c.url()), nil
		})
	default:
		return c.look(&struct{}{}, func(v *view) (object, error) {
			if _, err := c.place(); err != nil {
				return nil, err
			}
			found, err := r.read(v.world, c.ids)
			if err != nil {
				return nil, err
			}
			return c.render(v, found), nil
		})
	}
}

// render renders in the words of the version of the API that was asked.
func (c *call) render(v *view, o any) object {
	if c.v2 {
		return c.renderV2(v, o)
	}
	return v.render(o)
}

// url is the path of the request without the query, as lists carry it.
func (c *call) url() string {
	url, ids := c.route.path, c.ids
	for _, id := range ids {
		open, end := strings.IndexByte(url, '{'), strings.IndexByte(url, '}')
		url = url[:open] + id + url[end+1:]
	}
	return url
}

// look answers from the world without changing it, after the parameters were decoded into a target that read uses.
func (c *call) look(target any, read func(v *view) (object, error)) answer {
	if err := decode(c.form, target); err != nil {
		return c.refuse(err)
	}
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.catchUp(); err != nil {
		return c.fail(err)
	}
	v := c.view()
	found, err := read(v)
	if err != nil {
		return c.result(nil, err)
	}
	return c.success(v, found)
}

// command changes the world.
func (c *call) command() answer {
	cmd, known := engine.CommandByName(c.route.command)
	if !known {
		panic("wire: no command " + c.route.command)
	}
	if err := decode(c.form, cmd); err != nil {
		return c.refuse(err)
	}
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	ids, misplaced := c.place()
	if misplaced != nil {
		return c.result(nil, misplaced)
	}
	setPath(cmd, ids)
	switch cmd := cmd.(type) {
	case *engine.StreamMeterEvents:
		cmd.Token = c.token
	case *engine.ConfirmPaymentIntent:
		cmd.Publishable = c.public
	}
	if c.route.check != nil {
		if refused := c.route.check(c); refused != nil {
			return c.result(nil, refused)
		}
	}
	e := entry{request: engine.Request{ID: c.id, Version: c.version}, number: c.number}
	var done answer
	e.reply = func(result engine.Result, err error) *reply {
		done = c.result(result, err)
		if !c.post || c.key == "" || c.v2 && done.status != http.StatusOK { // there, a key repeats what failed
			return nil
		}
		c.kept = &reply{Fingerprint: c.print, RequestID: c.id, Status: done.status, Body: string(done.body), At: a.server.opts.Now().Unix()}
		return c.kept
	}
	if c.post {
		e.request.IdempotencyKey, e.key = c.key, c.keptAs()
	}
	var refused *engine.Error
	if _, err := a.apply(cmd, e); err != nil && !errors.As(err, &refused) {
		c.kept = nil
		return c.fail(err)
	}
	return done
}

// result renders what a command or a read gave. The world is locked.
func (c *call) result(result any, err error) answer {
	v := c.view()
	if err == nil {
		found := c.render(v, result)
		if endpoint, ok := result.(*engine.WebhookEndpoint); ok && c.route.command == "CreateWebhookEndpoint" {
			found["secret"] = endpoint.Secret // only now
		}
		return c.success(v, found)
	}
	var refused *engine.Error
	if !errors.As(err, &refused) {
		return c.fail(err)
	}
	c.refused = refused
	if c.v2 {
		return answer{status: refused.Status, body: c.encoder.encode(c.errorV2(refused)), original: c.id}
	}
	body := v.errorBody(refused, c.logURL())
	v.adapt(body)
	if c.public {
		hide(body)
	}
	return answer{status: refused.Status, body: c.encoder.encode(body), original: c.id}
}

// view renders in the version of the request.
func (c *call) view() *view {
	v := c.account.view()
	v.era = eraOf(c.version)
	return v
}

func (c *call) success(v *view, found object) answer {
	v.expandAll(found, c.route.op, c.expand)
	if c.public {
		hide(found)
	}
	return answer{status: http.StatusOK, body: c.encoder.encode(found), original: c.id}
}

// refuse answers an error that was found without the world.
func (c *call) refuse(err *engine.Error) answer {
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	return c.result(nil, err)
}

// fail answers a failure of the emulator itself, such as a full disk under its journal.
func (c *call) fail(err error) answer {
	c.account.server.opts.Log.Error("emulator", "request", c.id, "err", err)
	broken := &engine.Error{Status: 500, Type: engine.APIError, Message: "The emulator failed: " + err.Error()}
	c.refused = broken
	if c.v2 {
		return answer{status: broken.Status, body: c.encoder.encode(c.errorV2(broken)), original: c.id}
	}
	v := &view{} // the error names no object
	return answer{status: broken.Status, body: c.encoder.encode(v.errorBody(broken, c.logURL())), original: c.id}
}
