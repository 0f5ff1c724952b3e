package adminui

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/internal/operator"
	"github.com/dues-billing/dues/service"
)

const roleField = "role"

// operatorsView is who works here.
type operatorsView struct {
	frame
	Now       time.Time
	Operators []operator.Operator
	Sessions  []operator.Session
	Removed   bool // one was, a moment ago
	Asked     askedOperator
}

// askedOperator is what the form for a new operator was filled in with, and what was wrong with it.
type askedOperator struct{ Email, Role, Fault string }

// operatorView is one of them.
type operatorView struct {
	frame
	Now      time.Time
	Operator operator.Operator
	Sessions []operator.Session
	Link     string // of one who was added or got a new one a moment ago
	Done     string // what was done a moment ago
	OIDC     bool
}

func (a *admin) operators(w http.ResponseWriter, r *http.Request, f frame) error {
	return a.showOperators(w, r, f, http.StatusOK, askedOperator{Role: string(operator.Operate)})
}

func (a *admin) showOperators(w http.ResponseWriter, r *http.Request, f frame, status int, asked askedOperator) error {
	f.Title, f.Current = "Operators", base+"/operators"
	v := operatorsView{frame: f, Now: a.clock.Wall(), Removed: r.URL.Query().Has("removed"), Asked: asked}
	var err error
	if v.Operators, err = a.gate.operators.List(r.Context(), false); err != nil {
		return err
	}
	if v.Sessions, err = a.gate.operators.Sessions(r.Context()); err != nil {
		return err
	}
	a.serve(w, r, status, operatorsPage(v))
	return nil
}

// addOperator shows the link of the new one, once.
func (a *admin) addOperator(w http.ResponseWriter, r *http.Request, f frame) error {
	asked := askedOperator{Email: r.PostFormValue(emailField), Role: r.PostFormValue(roleField)}
	made, err := a.gate.operators.Add(r.Context(), asked.Email, operator.Role(asked.Role), a.brand)
	if known, ok := asError(err); ok && (known.Code == billing.Invalid || known.Code == billing.Conflict) {
		asked.Fault = sentence(known.Message)
		return a.showOperators(w, r, f, statusOf(known), asked)
	}
	if err != nil {
		return err
	}
	f.Act.Object = string(made.ID)
	return a.showOperator(w, r, f, made.Operator, made.Link)
}

func statusOf(err *billing.Error) int {
	if err.Code == billing.Conflict {
		return http.StatusConflict
	}
	return http.StatusBadRequest
}

func (a *admin) operator(w http.ResponseWriter, r *http.Request, f frame) error {
	who, err := a.gate.operators.Get(r.Context(), operator.ID(r.PathValue("operator")))
	if err != nil {
		return err
	}
	return a.showOperator(w, r, f, who, "")
}

func (a *admin) showOperator(w http.ResponseWriter, r *http.Request, f frame, who operator.Operator, link string) error {
	f.Title, f.Current = who.Email, base+"/operators"
	v := operatorView{frame: f, Now: a.clock.Wall(), Operator: who, Link: link, OIDC: a.gate.door != nil}
	if link != "" {
		v.Link = strings.TrimRight(a.publicURL, "/") + base + "/welcome/" + link
	}
	for name, done := range map[string]string{"role": "The role is changed", "ended": "The sessions are ended"} {
		if r.Method == http.MethodGet && r.URL.Query().Has(name) {
			v.Done = done
		}
	}
	sessions, err := a.gate.operators.Sessions(r.Context())
	if err != nil {
		return err
	}
	v.Sessions = sessionsOf(sessions, who.ID)
	w.Header().Set("Cache-Control", "no-store")
	a.serve(w, r, http.StatusOK, operatorPage(v))
	return nil
}

func sessionsOf(all []operator.Session, of operator.ID) (some []operator.Session) {
	for _, s := range all {
		if s.Operator == of {
			some = append(some, s)
		}
	}
	return some
}

func (a *admin) setRole(w http.ResponseWriter, r *http.Request, _ frame) error {
	id := operator.ID(r.PathValue("operator"))
	if err := a.gate.operators.SetRole(r.Context(), id, operator.Role(r.PostFormValue(roleField))); err != nil {
		return err
	}
	http.Redirect(w, r, operatorPath(id)+"?role", http.StatusSeeOther)
	return nil
}

// newLink lets an operator begin anew, and shows his link once.
func (a *admin) newLink(w http.ResponseWriter, r *http.Request, f frame) error {
	made, err := a.gate.operators.Reset(r.Context(), operator.ID(r.PathValue("operator")), a.brand)
	if err != nil {
		return err
	}
	made.Password, made.Subject = "", ""
	return a.showOperator(w, r, f, made.Operator, made.Link)
}

func (a *admin) removeOperator(w http.ResponseWriter, r *http.Request, _ frame) error {
	if err := a.gate.operators.Remove(r.Context(), operator.ID(r.PathValue("operator"))); err != nil {
		return err
	}
	http.Redirect(w, r, base+"/operators?removed", http.StatusSeeOther)
	return nil
}

func (a *admin) endSessionsOf(w http.ResponseWriter, r *http.Request, f frame) error {
	id := operator.ID(r.PathValue("operator"))
	if err := a.gate.operators.EndSessionsOf(r.Context(), id, f.In.Session.ID); err != nil {
		return err
	}
	http.Redirect(w, r, operatorPath(id)+"?ended", http.StatusSeeOther)
	return nil
}

func operatorPath(id operator.ID) string { return base + "/operators/" + url.PathEscape(string(id)) }

func (v operatorsView) rows() (rows []design.Row) {
	for _, o := range v.Operators {
		rows = append(rows, design.Row{
			design.Anchor(o.Email, operatorPath(o.ID)), design.Text(string(o.Role)), operatorState(o, v.Now), when(o.SignedInAt), design.Text(design.Count(len(sessionsOf(v.Sessions, o.ID)), "session")),
		})
	}
	return rows
}

func operatorState(o operator.Operator, now time.Time) templ.Component {
	switch {
	case !o.RemovedAt.IsZero():
		return design.Badge(design.Plain, "Removed")
	case o.Subject != "" && o.Password != "":
		return design.Badge(design.Good, "Organisation or password and code")
	case o.Subject != "":
		return design.Badge(design.Good, "Organisation")
	case o.Password != "":
		return design.Badge(design.Good, "Password and code")
	case o.Invited(now):
		return design.Badge(design.Note, "Link not used yet")
	}
	return design.Badge(design.Warn, "Link too old")
}

// roles are what an operator may be made.
func roles() (all []design.Option) {
	for _, r := range operator.Roles() {
		all = append(all, design.Option{Value: string(r.Role), Text: string(r.Role) + ": " + r.May})
	}
	return all
}

// sessionRows are sessions with a button each, but for the one that asks.
func sessionRows(f frame, sessions []operator.Session) (rows []design.Row) {
	for _, s := range sessions {
		do := design.Muted("this one")
		if s.ID != f.In.Session.ID {
			do = design.Action{
				Path: base + "/you/sessions/end", Button: design.Button{Text: "End", Style: design.Quiet},
				Hidden: []design.Hidden{{Name: csrfField, Value: f.CSRF}, {Name: idField, Value: string(s.ID)}},
			}
		}
		rows = append(rows, design.Row{design.Text(browserName(s.Agent)), when(s.CreatedAt), when(s.SeenAt), when(s.Until), do})
	}
	return rows
}

// browserName is what people call the browser of a user agent, or the agent itself when it is none of the five.
func browserName(agent string) string {
	name := ""
	for _, b := range [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if strings.Contains(agent, b[0]) {
			name = b[1]
			break
		}
	}
	if name == "" {
		return agent[:min(len(agent), 60)]
	}
	for _, on := range [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, on[0]) {
			return name + " on " + on[1]
		}
	}
	return name
}

// shared are the sessions of who came with the password of the settings.
func (v operatorsView) shared() []operator.Session { return sessionsOf(v.Sessions, "") }

// actorName is who an act is of, for the audit log: an operator by his address.
func actorName(by service.Actor, names map[string]string) string {
	if name, ok := names[by.Name]; ok && by.Kind == service.AdminActor {
		return name
	}
	return strings.TrimSuffix(by.String(), ":")
}
