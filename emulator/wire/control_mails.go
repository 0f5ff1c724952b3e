package wire

import (
	"net/http"
	"slices"

	"github.com/dues-billing/dues/emulator/engine"
)

// mailParams are those of GET mails.
type mailParams struct {
	Customer engine.Opt[string] `form:"customer"`
	Kind     engine.Opt[string] `form:"kind"`
	Limit    engine.Opt[int64]  `form:"limit"`
}

// controlMails tells what Stripe would have mailed, newest first.
func controlMails(a *account, r *http.Request) (any, error) {
	var p mailParams
	if err := params(r, &p); err != nil {
		return nil, err
	}
	limit, err := rowLimit(p.Limit)
	if err != nil {
		return nil, err
	}
	if err := a.catchUp(); err != nil {
		return nil, err
	}
	mails := slices.Clone(a.world.Mails(p.Customer.Or("")))
	if kind, ok := p.Kind.Get(); ok {
		mails = slices.DeleteFunc(mails, func(m *engine.Mail) bool { return m.Kind != kind })
	}
	slices.Reverse(mails)
	return map[string]any{"mails": append([]*engine.Mail{}, mails[:min(len(mails), limit)]...)}, nil
}
