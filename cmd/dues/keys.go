package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

type keyCommands struct {
	Create keyCreate `cmd:"" help:"Make an API key. Its secret is shown this once."`
	List   keyList   `cmd:"" help:"The API keys: what each may do, and when it was used last."`
	Rotate keyRotate `cmd:"" help:"Give a key a new secret; the one before goes on for a while."`
	Revoke keyRevoke `cmd:"" help:"End a key for good."`
}

type keyCreate struct {
	inDatabase
	Name    string        `arg:"" help:"What it is for, such as web-backend." placeholder:"NAME"`
	Scope   []string      `help:"What it may do; repeatable, or with commas. Needed." placeholder:"SCOPE" required:""`
	Expires time.Duration `help:"Stops by itself after so long, such as 2160h. Default: it does not." placeholder:"DURATION"`
	JSON    bool          `name:"json" help:"A line of JSON."`
}

// Help teaches by examples, and lists the scopes.
func (keyCreate) Help() string {
	var b strings.Builder
	b.WriteString("A key for the servers of an application that only look:\n\n  dues keys create web --scope accounts:read\n\n" +
		"For a job that reports usage, for 90 days:\n\n  dues keys create meter --scope usage:write --expires 2160h\n\n" +
		"The first that may make others, at /v1/keys:\n\n  dues keys create ops --scope admin\n\nThe scopes:\n\n")
	for _, s := range billing.Scopes() {
		fmt.Fprintf(&b, "  %-15s %s\n", s.Scope, s.Opens)
	}
	return b.String()
}

// Run prints the secret. It cannot be read again.
func (k keyCreate) Run(ctx context.Context, c console) error {
	req := service.NewKey{Name: k.Name}
	for _, scope := range k.Scope {
		req.Scopes = append(req.Scopes, billing.Scope(scope))
	}
	if k.Expires != 0 {
		req.ExpiresAt = time.Now().Add(k.Expires)
	}
	return k.act(ctx, "keys create", "", func(desk *service.Desk, act *service.Act) error {
		made, err := desk.CreateKey(ctx, req)
		if err != nil {
			return err
		}
		act.Object = string(made.ID)
		return c.issued(made, k.JSON)
	})
}

// issued prints a secret to standard output alone, so that it can go into a file or another program, and what is said about it to standard error.
func (c console) issued(made service.IssuedKey, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(c.out).Encode(map[string]any{"key": shownKey(made.Key), "secret": made.Secret})
	}
	c.printf("%s\n", made.Secret)
	_, err := fmt.Fprintf(c.err, "This is the secret of %s (%s). It is not kept and not shown again.\n", made.ID, made.Name)
	return err
}

// shownKey is a key as JSON has it, with the fields of /v1/keys.
func shownKey(k billing.Key) map[string]any {
	shown := map[string]any{"id": k.ID, "name": k.Name, "scopes": k.Scopes, "created_at": k.CreatedAt}
	for name, at := range map[string]time.Time{
		"rotated_at": k.RotatedAt, "old_secret_until": k.OldUntil, "expires_at": k.ExpiresAt, "revoked_at": k.RevokedAt, "used_at": k.UsedAt,
	} {
		if shown[name] = nil; !at.IsZero() {
			shown[name] = at
		}
	}
	return shown
}

type keyList struct {
	inDatabase
	JSON bool `name:"json" help:"A line of JSON for each."`
}

// Help teaches by examples.
func (keyList) Help() string {
	return `  dues keys list
  dues keys list --json | jq -r 'select(.used_at == null) | .id'`
}

// Run prints the keys, the newest first.
func (l keyList) Run(ctx context.Context, c console) error {
	return l.sit(ctx, func(desk *service.Desk) error {
		keys, err := desk.Keys(ctx)
		if err != nil {
			return err
		}
		now := time.Now()
		t := lines{console: c, json: l.JSON, head: "KEY\tNAME\tSTATE\tCREATED\tLAST USED\tSCOPES"}
		for _, k := range keys {
			var scopes []string
			for _, scope := range k.Scopes {
				scopes = append(scopes, string(scope))
			}
			used := "never"
			if !k.UsedAt.IsZero() {
				used = k.UsedAt.Format("2006-01-02 15h")
			}
			t.add(shownKey(k), k.ID, k.Name, k.State(now), k.CreatedAt.Format(time.DateOnly), used, strings.Join(scopes, ","))
		}
		return t.end("")
	})
}

type keyRotate struct {
	inDatabase
	Key     string        `arg:"" help:"Its id." placeholder:"key_…"`
	Overlap time.Duration `help:"So much longer the secret before opens; 0 when it has leaked. Default: 24h." default:"24h" placeholder:"DURATION"`
	JSON    bool          `name:"json" help:"A line of JSON."`
}

// Help teaches by examples.
func (keyRotate) Help() string {
	return `Once a year, with a day to roll the new secret out:

  dues keys rotate key_…

When the secret has leaked, and nothing may go on with it:

  dues keys rotate key_… --overlap 0`
}

// Run prints the new secret.
func (r keyRotate) Run(ctx context.Context, c console) error {
	return r.act(ctx, "keys rotate", r.Key, func(desk *service.Desk, _ *service.Act) error {
		made, err := desk.RotateKey(ctx, billing.KeyID(r.Key), r.Overlap)
		if err != nil {
			return err
		}
		return c.issued(made, r.JSON)
	})
}

type keyRevoke struct {
	inDatabase
	Key  string `arg:"" help:"Its id." placeholder:"key_…"`
	JSON bool   `name:"json" help:"A line of JSON."`
}

// Help teaches by examples.
func (keyRevoke) Help() string {
	return `It is refused at once by the process that revokes it, and within seconds by every other:

  dues keys revoke key_7k2mf9x4q1`
}

// Run ends a key.
func (r keyRevoke) Run(ctx context.Context, c console) error {
	return r.act(ctx, "keys revoke", r.Key, func(desk *service.Desk, _ *service.Act) error {
		key, err := desk.RevokeKey(ctx, billing.KeyID(r.Key))
		if err != nil {
			return err
		}
		if r.JSON {
			return json.NewEncoder(c.out).Encode(shownKey(key))
		}
		c.printf("%s (%s) opens nothing any more; a running service hears of it within five seconds\n", key.ID, key.Name)
		return nil
	})
}
