package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/httpapi"
)

// An ask is a verb that an application's server, or a customer in the application, asks of the service over HTTP. A story with an ask
// is not told to the emulator alone: there is nobody there to ask. Each subject has its asks in a file of its own, ask_NOUN.go.
//
// Whatever is asked may end with "refused CODE": then it must be refused with that code, and change nothing.
type ask struct {
	form
	do func(ctx context.Context, d *whole, a args) error
}

// A look is an expectation that is answered by the service over HTTP. see returns what is wrong with what it sees, such as by same.
type look struct {
	form
	see func(ctx context.Context, d *whole, a args) error
}

// asks and looks are all of them, a line a subject.
var (
	asks  = slices.Concat(accountAsks, addOnAsks, cancelAsks, invoiceAsks, planAsks, quotaAsks, refundAsks, groupAsks, oneOffAsks, usageAsks)
	looks = slices.Concat(accountLooks, addOnLooks, dunningLooks, planLooks, quotaLooks, groupLooks, oneOffLooks, usageLooks, noticeLooks)
)

// forms returns what may stand in a story.
func forms(expect bool) []form {
	if expect {
		all := slices.Clone(expectations)
		for _, l := range looks {
			all = append(all, l.form)
		}
		return all
	}
	all := slices.Clone(actions)
	for _, k := range asks {
		all = append(all, k.form)
	}
	return all
}

// AsksService reports whether the story can only be told to the whole service.
func (s *Story) AsksService() bool {
	return slices.ContainsFunc(s.Steps, func(step Step) bool { return step.asks() })
}

func (s Step) asks() bool {
	return slices.ContainsFunc(asks, func(k ask) bool { return !s.expect && k.verb == s.verb })
}

// askService does an ask, and waits until what it caused has settled.
func (r runner) askService(ctx context.Context, step Step) error {
	d, ok := r.driver.(*whole)
	if !ok {
		return errors.New("this asks the service, and there is none in this run")
	}
	at := slices.IndexFunc(asks, func(k ask) bool { return k.verb == step.verb })
	err := asks[at].do(ctx, d, step.args)
	if step.refused != "" {
		var no *refusal
		switch {
		case err == nil:
			return errors.New("the service did it, and was to refuse it")
		case !errors.As(err, &no):
			return err
		}
		return errors.Join(same("refused", step.refused, string(no.problem.Code)), d.settle(ctx))
	}
	if err != nil {
		return err
	}
	return d.settle(ctx)
}

// lookAtService compares what the service answers; ok is false for expectations that are no looks.
func (r runner) lookAtService(ctx context.Context, step Step) (wrong error, ok bool) {
	at := slices.IndexFunc(looks, func(l look) bool { return l.verb == step.verb })
	if at < 0 {
		return nil, false
	}
	d, runs := r.driver.(*whole)
	if !runs {
		return nil, true
	}
	return looks[at].see(ctx, d, step.args), true
}

// refusal is an answer of the service that is no success.
type refusal struct {
	request string
	problem httpapi.Problem
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%s answered %d %s: %s (%s)", r.request, r.problem.Status, r.problem.Code, r.problem.Detail, r.problem.Field)
}

// codes are what may stand after refused.
var codes = []billing.Code{
	billing.Invalid, billing.Unauthorized, billing.Forbidden, billing.NotFound, billing.Conflict, billing.TooLarge, billing.Unavailable,
}

// cutRefused takes "refused CODE" off the end of a statement.
func cutRefused(words []string) (rest []string, code string, err error) {
	n := len(words) - 2
	if n < 1 || words[n] != "refused" {
		return words, "", nil
	}
	if !slices.Contains(codes, billing.Code(words[n+1])) {
		return nil, "", fmt.Errorf("no code %q; there are %v", words[n+1], codes)
	}
	return words[:n], words[n+1], nil
}
