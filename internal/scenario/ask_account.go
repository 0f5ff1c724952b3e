package scenario

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// accountAsks are what the application says of who a customer is, and what others ask who are not its owner: whoever has no right to something is
// refused, and nothing happens.
var accountAsks = []ask{
	{form{"contact", "WHO EMAIL in LANGUAGE"}, func(ctx context.Context, d *whole, a args) error {
		body := map[string]string{"id": a["WHO"], "email": a["EMAIL"], "name": a["WHO"], "locale": a["LANGUAGE"]}
		return d.call(ctx, http.MethodPost, "/v1/accounts", serverKey, body, nil)
	}},
	{form{"member-ends", "WHO"}, func(ctx context.Context, d *whole, a args) error {
		token, err := d.token(a["WHO"], "member")
		if err != nil {
			return err
		}
		return d.call(ctx, http.MethodPost, "/v1/me/cancel", token, map[string]string{"when": "now"}, nil)
	}},
	{form{"member-looks", "WHO"}, func(ctx context.Context, d *whole, a args) error {
		token, err := d.token(a["WHO"], "member")
		if err != nil {
			return err
		}
		return d.call(ctx, http.MethodGet, "/v1/me", token, nil, nil)
	}},
	{form{"issue", "KEY SCOPE"}, func(ctx context.Context, d *whole, a args) error {
		made, err := d.svc.CreateKey(ctx, service.NewKey{Name: a["KEY"], Scopes: []billing.Scope{billing.Scope(a["SCOPE"])}})
		if err == nil {
			d.keys.put(a["KEY"], made)
		}
		return err
	}},
	{form{"revoke", "KEY"}, func(ctx context.Context, d *whole, a args) error {
		_, err := d.svc.RevokeKey(ctx, d.keys.get(a["KEY"]).ID)
		return err
	}},
	{form{"look-with", "KEY WHO"}, func(ctx context.Context, d *whole, a args) error {
		return d.call(ctx, http.MethodGet, "/v1/accounts/"+a["WHO"], d.keys.get(a["KEY"]).Secret, nil, nil)
	}},
	{form{"end-with", "KEY WHO"}, func(ctx context.Context, d *whole, a args) error {
		return d.call(ctx, http.MethodPost, "/v1/accounts/"+a["WHO"]+"/cancel", d.keys.get(a["KEY"]).Secret, map[string]string{"when": "now"}, nil)
	}},
}

// accountLooks are what reaches a customer.
var accountLooks = []look{
	{form{"letter", "EMAIL WORD…"}, func(_ context.Context, d *whole, a args) error {
		subject, some := d.letters.newest(a["EMAIL"])
		if !some {
			return errors.New("no mail was sent there")
		}
		return same("subject", a["WORD…"], strings.Join(strings.Fields(subject), " ")) // amounts have blanks that never break
	}},
}

// keyring are the API keys that were issued in a story, by the names that it gives them.
type keyring struct {
	mu     sync.Mutex
	issued map[string]service.IssuedKey
}

func (k *keyring) put(name string, key service.IssuedKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.issued == nil {
		k.issued = map[string]service.IssuedKey{}
	}
	k.issued[name] = key
}

func (k *keyring) get(name string) service.IssuedKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.issued[name]
}

// postbox takes mails, and keeps the subject of the newest to each address. Which kinds were sent is read from the outbox.
type postbox struct {
	mu       sync.Mutex
	subjects map[string]string
}

// Send implements service.Sender.
func (p *postbox) Send(_ context.Context, m service.Mail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.subjects == nil {
		p.subjects = map[string]string{}
	}
	p.subjects[m.To] = m.Subject
	return nil
}

func (p *postbox) newest(address string) (subject string, some bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	subject, some = p.subjects[address]
	return subject, some
}
