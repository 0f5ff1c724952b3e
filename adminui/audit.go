package adminui

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

const actsShown = 100 // a link leads to older ones

// Fields of the form that chooses lines of the audit log.
const (
	actorField  = "by"
	actionField = "action"
	sinceField  = "since" // a day
)

// auditView is who changed what.
type auditView struct {
	frame
	Asked auditAsked
	Fault string
	Acts  []service.Act
	Older string            // a link, "" after the last
	Names map[string]string // of operators, by id
}

// auditAsked is what lines are chosen by, as it was entered.
type auditAsked struct{ By, Action, Account, Since string }

// actorKinds are the kinds of actors to choose from.
var actorKinds = []design.Option{
	{Value: "", Text: "Anybody"}, {Value: string(service.UserActor), Text: "Customers"}, {Value: string(service.AdminActor), Text: "Operators, here"},
	{Value: string(service.CLIActor), Text: "The command line"}, {Value: string(service.KeyActor), Text: "API keys"}, {Value: string(service.ServerActor), Text: "Server keys"},
	{Value: string(service.OperatorActor), Text: "Operator keys"},
}

// audit shows the audit log, the newest lines first.
func (a *admin) audit(w http.ResponseWriter, r *http.Request, f frame) error {
	f.Title = "Audit log"
	q := r.URL.Query()
	v := auditView{frame: f, Asked: auditAsked{q.Get(actorField), strings.TrimSpace(q.Get(actionField)), strings.TrimSpace(q.Get(accountField)), q.Get(sinceField)}}
	filter := service.ActFilter{Kind: v.Asked.By, Action: v.Asked.Action, Account: billing.AccountID(v.Asked.Account)}
	if v.Asked.Since != "" {
		day, err := time.Parse(time.DateOnly, v.Asked.Since)
		if err != nil {
			v.Fault = "This is no day, such as 2026-01-31."
			a.serve(w, r, http.StatusBadRequest, auditPage(v))
			return nil
		}
		filter.Since = day
	}
	operators, err := a.gate.operators.List(r.Context(), true)
	if err != nil {
		return err
	}
	v.Names = make(map[string]string, len(operators))
	for _, o := range operators {
		v.Names[string(o.ID)] = o.Email
	}
	acts, next, err := a.service.Acts(r.Context(), filter, service.Page{Cursor: q.Get(cursorField), Limit: actsShown})
	if err != nil {
		return err
	}
	v.Acts = acts
	if next != "" {
		v.Older = base + "/audit?" + url.Values{
			actorField: {v.Asked.By}, actionField: {v.Asked.Action}, accountField: {v.Asked.Account}, sinceField: {v.Asked.Since}, cursorField: {next},
		}.Encode()
	}
	a.serve(w, r, http.StatusOK, auditPage(v))
	return nil
}

func (v auditView) rows() (rows []design.Row) {
	for _, act := range v.Acts {
		account := design.Muted("–")
		if act.Account != "" {
			account = design.Anchor(string(act.Account), accountPath(act.Account))
		}
		rows = append(rows, design.Row{
			design.Moment(act.At), design.Text(actorName(act.Actor, v.Names)), design.Code(act.Action), account, design.Code(act.Object), design.Status(string(act.Outcome)), design.Code(act.Request),
		})
	}
	return rows
}
