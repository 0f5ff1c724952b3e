package service

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/webhook"
)

// Limits of endpoints.
const (
	endpointsMax = 16   // each has a worker of its own
	urlBytesMax  = 2048 // what every proxy and log can take
)

// Endpoint is where the application takes notices: signed webhooks in the format of Standard Webhooks.
type Endpoint struct {
	// Name is in the keys of its notices: another name is another endpoint, another URL is the same one in another place.
	// 1 to 40 of a-z, 0-9 and -.
	Name string
	URL  string // http or https; redirects are not followed
	// Secret signs: whsec_ and 24 to 64 random bytes in base64. PreviousSecret signs too, while receivers move from it to Secret.
	Secret, PreviousSecret string
	// Types are what it is told: types of billing.NoticeTypes, or all of a kind, such as subscription.*. None means all.
	Types []string
	// Do takes the notices instead of a URL: see OnEvent.
	Do func(context.Context, webhook.Notice) error
}

// endpoint is an Endpoint that was checked, with the worker's bell.
type endpoint struct {
	Endpoint
	secrets []webhook.Secret
	awake   chan struct{}
}

var endpointName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// CheckEndpoints says what is wrong with endpoints, nil when they can be used.
func CheckEndpoints(given []Endpoint) error {
	_, err := checkEndpoints(given)
	return err
}

// checkEndpoints returns the endpoints ready for use. The first thing that is wrong is an error of code invalid, which names it and
// never repeats a secret.
func checkEndpoints(given []Endpoint) (all []*endpoint, err error) {
	if len(given) > endpointsMax {
		return nil, billing.Errorf(billing.Invalid, "there are %d endpoints, and %d are the limit", len(given), endpointsMax).In("endpoints")
	}
	for i, e := range given {
		ready, err := e.check()
		if err == nil && slices.ContainsFunc(all, func(other *endpoint) bool { return other.Name == e.Name }) {
			err = fmt.Errorf("another endpoint has the name %q", e.Name)
		}
		if err != nil {
			return nil, billing.Errorf(billing.Invalid, "endpoint %d (%s): %v", i+1, e.Name, err).In("endpoints")
		}
		all = append(all, ready)
	}
	return all, nil
}

func (e Endpoint) check() (*endpoint, error) {
	if !endpointName.MatchString(e.Name) {
		return nil, fmt.Errorf("name must be 1 to 40 of a-z, 0-9 and -, got %q", e.Name)
	}
	if e.Do != nil {
		return e.checkDo()
	}
	at, err := url.Parse(e.URL)
	switch {
	case e.URL == "":
		return nil, fmt.Errorf("url is missing")
	case len(e.URL) > urlBytesMax:
		return nil, fmt.Errorf("url is longer than %d bytes", urlBytesMax)
	case err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https":
		return nil, fmt.Errorf("url must look like https://app.example.com/hooks/dues")
	case at.User != nil:
		return nil, fmt.Errorf("url must not have a password in it: deliveries are signed, and URLs are written to logs")
	case at.Fragment != "":
		return nil, fmt.Errorf("url has a fragment (#), which no server would see")
	case e.Secret == "":
		return nil, fmt.Errorf("secret is missing; make one: echo whsec_$(openssl rand -base64 32)")
	}
	ready := &endpoint{Endpoint: e, awake: make(chan struct{}, 1)}
	for _, given := range []struct{ field, text string }{{"secret", e.Secret}, {"previous secret", e.PreviousSecret}} {
		if given.text == "" {
			continue
		}
		secret, err := webhook.ParseSecret(given.text)
		if err != nil {
			return nil, fmt.Errorf("%s: %s", given.field, strings.TrimPrefix(err.Error(), "webhook: "))
		}
		ready.secrets = append(ready.secrets, secret)
	}
	if e.Secret == e.PreviousSecret {
		return nil, fmt.Errorf("secret and previous secret are the same")
	}
	return ready, e.checkTypes()
}

// wants reports whether the endpoint is told notices of a type.
func (e *endpoint) wants(kind string) bool {
	return len(e.Types) == 0 || slices.ContainsFunc(e.Types, func(want string) bool { return covers(want, kind) })
}

// covers reports whether a filter such as subscription.* or access.changed covers a type.
func covers(want, kind string) bool {
	prefix, all := strings.CutSuffix(want, "*")
	return want == kind || want == "*" || all && strings.HasSuffix(prefix, ".") && strings.HasPrefix(kind, prefix)
}

// endpoint returns the endpoint of a name, nil when it is not configured (any more).
func (s *Service) endpoint(name string) *endpoint {
	for _, e := range s.endpoints {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// wakeEndpoints tells every endpoint's worker that there is something to do.
func (s *Service) wakeEndpoints() {
	for _, e := range s.endpoints {
		wake(e.awake)
	}
}
