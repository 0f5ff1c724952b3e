package adminui

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
)

// The fields of the form that gives something by hand.
const (
	featureField = "feature"
	limitField   = "limit"
	untilField   = "until"
	noteField    = "note"
	grantField   = "grant"
)

// askedGrant is what was entered.
type askedGrant struct {
	Feature, Limit, Until, Note string
	Refused                     string
	Field                       string // that Refused is about, "" when it is about none of these
}

// fault is what is wrong with a field.
func (g askedGrant) fault(field string) string {
	if g.Field == field {
		return g.Refused
	}
	return ""
}

// grant gives an account something beside its plan.
func (a *admin) grant(w http.ResponseWriter, r *http.Request, f frame) error {
	id := billing.AccountID(r.PathValue("id"))
	asked := askedGrant{
		Feature: r.PostFormValue(featureField), Limit: strings.TrimSpace(r.PostFormValue(limitField)), Until: r.PostFormValue(untilField),
		Note: strings.TrimSpace(r.PostFormValue(noteField)),
	}
	g, err := asked.read()
	if err == nil {
		_, err = a.service.Grant(r.Context(), id, g)
	}
	if known, refused := invalid(err); refused {
		asked.Refused, asked.Field = known.Message, known.Field
		if asked.Field == "ends_at" {
			asked.Field = untilField
		}
		k, err := a.facts(r.Context(), id)
		if err != nil {
			return err
		}
		k.Asked, f.Title = asked, k.Status.Account.Email
		a.serve(w, r, http.StatusBadRequest, accountPage(f, k, "", ""))
		return nil
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, accountPath(id)+"?granted", http.StatusSeeOther)
	return nil
}

// read makes a grant of what was entered. A day is the whole day, in UTC.
func (g askedGrant) read() (out billing.Grant, err error) {
	out = billing.Grant{Feature: billing.FeatureID(g.Feature), Note: g.Note}
	if g.Limit != "" {
		if out.Limit, err = strconv.ParseInt(g.Limit, 10, 64); err != nil {
			return out, billing.Errorf(billing.Invalid, "%q is no whole number", g.Limit).In(limitField)
		}
	}
	if g.Until != "" {
		day, err := time.Parse(time.DateOnly, g.Until)
		if err != nil {
			return out, billing.Errorf(billing.Invalid, "%q is no day; write it as 2027-03-31", g.Until).In(untilField)
		}
		out.EndsAt = day.AddDate(0, 0, 1)
	}
	return out, nil
}

// endGrant takes it back.
func (a *admin) endGrant(w http.ResponseWriter, r *http.Request, _ frame) error {
	id := billing.AccountID(r.PathValue("id"))
	if err := a.service.EndGrant(r.Context(), id, billing.GrantID(r.PostFormValue(grantField))); err != nil {
		return err
	}
	http.Redirect(w, r, accountPath(id)+"?ended", http.StatusSeeOther)
	return nil
}

// features are what can be given.
func (k facts) features() (all []design.Option) {
	for _, e := range k.Entitlements {
		all = append(all, design.Option{Value: string(e.Feature), Text: k.Names.Feature[e.Feature]})
	}
	return all
}

func (k facts) grantRows(csrf string) (rows []design.Row) {
	for _, g := range k.Grants {
		state, do := design.Badge(design.Good, "Holds"), templ.Component(design.Action{
			Path: accountPath(k.Status.Account.ID) + "/grants/end", Button: design.Button{Text: "Take back", Style: design.Quiet},
			Hidden: []design.Hidden{{Name: csrfField, Value: csrf}, {Name: grantField, Value: string(g.ID)}},
		})
		if !g.EndsAt.IsZero() && !k.Now.Before(g.EndsAt) {
			state, do = design.Badge(design.Plain, "Ended"), templ.NopComponent
		}
		if csrf == "" {
			do = templ.NopComponent
		}
		rows = append(rows, design.Row{design.Text(k.Names.Feature[g.Feature]), design.Text(grantInWords(g)), state, when(g.CreatedAt), when(g.EndsAt), design.Text(g.Note), do})
	}
	return rows
}

func grantInWords(g billing.Grant) string {
	if g.Limit == 0 {
		return "yes"
	}
	return strconv.FormatInt(g.Limit, 10) + " more"
}
