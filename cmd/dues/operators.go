package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dues-billing/dues/internal/operator"
	"github.com/dues-billing/dues/service"
)

type operatorCommands struct {
	Add    operatorAdd    `cmd:"" help:"Let somebody work at the admin. His link is shown this once."`
	List   operatorList   `cmd:"" help:"Who works at the admin, and who is signed in there."`
	Role   operatorRole   `cmd:"" help:"Change what an operator may do."`
	Reset  operatorReset  `cmd:"" help:"Give an operator a new link: for a password that is forgotten, or a phone that is lost."`
	Remove operatorRemove `cmd:"" help:"Let an operator in no more, and end his sessions."`
}

// linkFlags are those of commands that show a link.
type linkFlags struct {
	PublicURL string `help:"How browsers reach the service; the link begins with it." env:"DUES_PUBLIC_URL" default:"http://127.0.0.1:8080" placeholder:"URL"`
	Brand     string `help:"What his authenticator calls us." env:"DUES_BRAND" default:"Dues"`
	JSON      bool   `name:"json" help:"A line of JSON."`
}

// link prints the link to standard output alone, and what is said about it to standard error.
func (l linkFlags) link(c console, made service.Invited) error {
	address := strings.TrimRight(l.PublicURL, "/") + "/admin/welcome/" + made.Link
	if l.JSON {
		return json.NewEncoder(c.out).Encode(map[string]any{"operator": shownOperator(made.Operator, 0), "link": address, "link_until": made.InviteUntil})
	}
	c.printf("%s\n", address)
	_, err := fmt.Fprintf(c.err, "This is the link of %s (%s, %s). It opens once, until %s, and is not shown again.\n",
		made.Email, made.ID, made.Role, made.InviteUntil.UTC().Format("2006-01-02 15:04 UTC"))
	return err
}

type operatorAdd struct {
	inDatabase
	linkFlags
	Email string `arg:"" help:"What he signs in with." placeholder:"EMAIL"`
	Role  string `help:"What he may do: ${enum}." enum:"read,operate,own" default:"operate"`
}

// Help teaches by examples, and lists the roles.
func (operatorAdd) Help() string {
	var b strings.Builder
	b.WriteString("The first owner, from the machine that has the database:\n\n  dues operators add ada@example.com --role own --public-url https://billing.example.com\n\n" +
		"For somebody who helps customers:\n\n  dues operators add bob@example.com\n\nThe roles:\n\n")
	for _, r := range operator.Roles() {
		fmt.Fprintf(&b, "  %-8s %s\n", r.Role, r.May)
	}
	return b.String()
}

// Run adds an operator and prints his link.
func (a operatorAdd) Run(ctx context.Context, c console) error {
	return a.act(ctx, "operators add", "", func(desk *service.Desk, act *service.Act) error {
		made, err := desk.Operators().Add(ctx, a.Email, operator.Role(a.Role), a.Brand)
		if err != nil {
			return err
		}
		act.Object = string(made.ID)
		return a.link(c, made)
	})
}

// shownOperator is an operator as JSON has it.
func shownOperator(o operator.Operator, sessions int) map[string]any {
	shown := map[string]any{"id": o.ID, "email": o.Email, "role": o.Role, "created_at": o.CreatedAt, "password": o.Password != "", "organisation": o.Subject != "", "sessions": sessions}
	for name, at := range map[string]time.Time{"signed_in_at": o.SignedInAt, "removed_at": o.RemovedAt} {
		if shown[name] = nil; !at.IsZero() {
			shown[name] = at
		}
	}
	return shown
}

type operatorList struct {
	inDatabase
	Removed bool `help:"Those who were removed too."`
	JSON    bool `name:"json" help:"A line of JSON for each."`
}

// Help teaches by examples.
func (operatorList) Help() string {
	return `  dues operators list

Who may do everything:

  dues operators list --json | jq -r 'select(.role == "own") | .email'`
}

// Run prints the operators by address.
func (l operatorList) Run(ctx context.Context, c console) error {
	return l.sit(ctx, func(desk *service.Desk) error {
		all, err := desk.Operators().List(ctx, l.Removed)
		if err != nil {
			return err
		}
		sessions, err := desk.Operators().Sessions(ctx)
		if err != nil {
			return err
		}
		in := map[operator.ID]int{}
		for _, s := range sessions {
			in[s.Operator]++
		}
		t := lines{console: c, json: l.JSON, head: "OPERATOR\tE-MAIL\tROLE\tSIGNED IN LAST\tSESSIONS"}
		for _, o := range all {
			last := "never"
			if !o.SignedInAt.IsZero() {
				last = o.SignedInAt.UTC().Format("2006-01-02 15:04")
			}
			role := string(o.Role)
			if !o.RemovedAt.IsZero() {
				role = "removed"
			}
			t.add(shownOperator(o, in[o.ID]), o.ID, o.Email, role, last, in[o.ID])
		}
		return t.end("")
	})
}

// ofOperator are the commands about one operator, who is named by his address.
type ofOperator struct {
	inDatabase
	Email string `arg:"" help:"Whom." placeholder:"EMAIL"`
}

func (o ofOperator) do(ctx context.Context, command string, change func(service.Operators, operator.Operator) error) error {
	return o.act(ctx, command, "", func(desk *service.Desk, act *service.Act) error {
		who, err := desk.Operators().ByEmail(ctx, o.Email)
		if err != nil {
			return hint(err, "dues operators list shows who there is")
		}
		act.Object = string(who.ID)
		return change(desk.Operators(), who)
	})
}

type operatorRole struct {
	ofOperator
	Role string `arg:"" help:"What he may do from now on: ${enum}." enum:"read,operate,own" placeholder:"ROLE"`
}

// Help teaches by examples.
func (operatorRole) Help() string { return "  dues operators role bob@example.com read" }

// Run changes the role.
func (r operatorRole) Run(ctx context.Context, c console) error {
	return r.do(ctx, "operators role", func(operators service.Operators, who operator.Operator) error {
		if err := operators.SetRole(ctx, who.ID, operator.Role(r.Role)); err != nil {
			return err
		}
		c.printf("%s may %s from now on\n", who.Email, r.Role)
		return nil
	})
}

type operatorReset struct {
	ofOperator
	linkFlags
}

// Help teaches by examples.
func (operatorReset) Help() string {
	return `Password, codes and sessions of now end:

  dues operators reset ada@example.com --public-url https://billing.example.com`
}

// Run prints the new link.
func (r operatorReset) Run(ctx context.Context, c console) error {
	return r.do(ctx, "operators reset", func(operators service.Operators, who operator.Operator) error {
		made, err := operators.Reset(ctx, who.ID, r.Brand)
		if err != nil {
			return err
		}
		return r.link(c, made)
	})
}

type operatorRemove struct{ ofOperator }

// Help teaches by examples.
func (operatorRemove) Help() string { return "  dues operators remove bob@example.com" }

// Run removes an operator.
func (r operatorRemove) Run(ctx context.Context, c console) error {
	return r.do(ctx, "operators remove", func(operators service.Operators, who operator.Operator) error {
		if err := operators.Remove(ctx, who.ID); err != nil {
			return err
		}
		c.printf("%s is let in no more\n", who.Email)
		return nil
	})
}
