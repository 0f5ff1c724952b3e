package adminui

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

const queueShown = 50 // rows of each list; a link leads to older ones

// The fields of the forms on the page, and the parameters of its URL.
const (
	stateField   = "state"
	typeField    = "type"
	accountField = "account"
	eventsField  = "events"  // the cursor of one list
	effectsField = "effects" // and of the other
	idField      = "id"      // names one event
	fromField    = "from"    // of this provider account
	keyField     = "key"     // names one effect
	whatField    = "what"    // which list a form retries
)

type queuesView struct {
	frame
	Retried    bool // by this operator, a moment ago: all that was given up
	RetriedOne bool // or one
	Queues     service.Queues
	Chosen     chosen
	Fault      string // what is wrong with the account that was asked for
	Events     []service.Event
	Effects    []service.Effect
	// OlderEvents and OlderEffects are links, "" after the last.
	OlderEvents, OlderEffects string
}

// chosen is what the page is held to.
type chosen struct{ State, Type, Account string }

func chosenBy(values url.Values) chosen {
	return chosen{State: values.Get(stateField), Type: values.Get(typeField), Account: values.Get(accountField)}
}

func (c chosen) events() service.EventFilter {
	return service.EventFilter{State: c.State, Type: c.Type, Account: billing.AccountID(c.Account)}
}

func (c chosen) effects() service.EffectFilter {
	return service.EffectFilter{State: c.State, Name: c.Type, Account: billing.AccountID(c.Account)}
}

// link is the page held to the same, with one parameter more.
func (c chosen) link(name, value string) string {
	values := url.Values{}
	for k, v := range map[string]string{stateField: c.State, typeField: c.Type, accountField: c.Account, name: value} {
		if k != "" && v != "" {
			values.Set(k, v)
		}
	}
	if len(values) == 0 {
		return base + "/queues"
	}
	return base + "/queues?" + values.Encode()
}

func (a *admin) queues(w http.ResponseWriter, r *http.Request, f frame) error {
	f.Title = "Inbox and outbox"
	asked := r.URL.Query()
	v := queuesView{frame: f, Retried: asked.Has("retried"), RetriedOne: asked.Has("again"), Chosen: chosenBy(asked)}
	var err error
	if v.Queues, err = a.service.Queues(r.Context()); err != nil {
		return err
	}
	err = a.list(r, &v)
	var wrong *billing.Error
	status := http.StatusOK
	if errors.As(err, &wrong) && wrong.Field == accountField {
		v.Fault, err, status = wrong.Message, nil, http.StatusBadRequest
	}
	if err != nil {
		return err
	}
	a.serve(w, r, status, queuesPage(v))
	return nil
}

// list reads a page of each list. What can only be in one of them leaves the other empty.
func (a *admin) list(r *http.Request, v *queuesView) (err error) {
	asked := r.URL.Query()
	var next string
	v.Events, next, err = a.service.Events(r.Context(), v.Chosen.events(), service.Page{Cursor: asked.Get(eventsField), Limit: queueShown})
	if next != "" {
		v.OlderEvents = v.Chosen.link(eventsField, next)
	}
	if err != nil || v.Chosen.State == stateIgnored || v.Chosen.State == stateRunning {
		return err
	}
	v.Effects, next, err = a.service.Effects(r.Context(), v.Chosen.effects(), service.Page{Cursor: asked.Get(effectsField), Limit: queueShown})
	if next != "" {
		v.OlderEffects = v.Chosen.link(effectsField, next)
	}
	return err
}

// retry lets one event or effect be tried again, or those of a list, or everything that was given up.
func (a *admin) retry(w http.ResponseWriter, r *http.Request, _ frame) error {
	id, key := r.PostFormValue(idField), r.PostFormValue(keyField)
	by := chosenBy(r.PostForm)
	news := "retried"
	var err error
	switch what := r.PostFormValue(whatField); {
	case id != "":
		_, err = a.service.RetryEvent(r.Context(), billing.ProviderAccountNamed(r.PostFormValue(fromField)), id)
		news = "again"
	case key != "":
		_, err = a.service.RetryEffect(r.Context(), key)
		news = "again"
	case what == eventsField:
		_, err = a.service.RetryEvents(r.Context(), by.events())
	case what == effectsField:
		_, err = a.service.RetryEffects(r.Context(), by.effects())
	default:
		_, err = a.service.RetryEvents(r.Context(), service.EventFilter{})
		_, failed := a.service.RetryEffects(r.Context(), service.EffectFilter{})
		err = errors.Join(err, failed)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, base+"/queues?"+news, http.StatusSeeOther)
	return nil
}

// all is the button that retries what a list is held to, where that can be retried.
func (v queuesView) all(list string, shown int) templ.Component {
	text := map[string]string{
		eventsField + stateDead: "Work all these events off again", eventsField + stateDone: "Work all these events off anew",
		effectsField + stateDead: "Try all these again", effectsField + stateDone: "Deliver all these notices again",
	}[list+v.Chosen.State]
	narrow := v.Chosen.Type != "" || v.Chosen.Account != ""
	if v.doing() == "" || text == "" || shown == 0 || list == effectsField && v.Chosen.State == stateDone && !narrow {
		return templ.NopComponent
	}
	return design.Action{
		Path: base + "/queues/retry", Button: design.Button{Text: text},
		Hidden: []design.Hidden{
			{Name: csrfField, Value: v.doing()}, {Name: whatField, Value: list}, {Name: stateField, Value: v.Chosen.State},
			{Name: typeField, Value: v.Chosen.Type}, {Name: accountField, Value: v.Chosen.Account},
		},
	}
}

// states are what the page can be held to.
var states = []design.Option{
	{Value: "", Text: "Any state"}, {Value: statePending, Text: "Waiting"}, {Value: stateRunning, Text: "Running"}, {Value: stateDone, Text: "Done"}, {Value: stateDead, Text: "Given up"},
	{Value: stateIgnored, Text: "Ignored"},
}

func effectRows(csrf string, effects []service.Effect) []design.Row {
	var rows []design.Row
	for _, e := range effects {
		text := ""
		switch {
		case e.State == stateDead:
			text = "Try again"
		case e.State == stateDone && e.Kind == string(billing.NoticeEffect):
			text = "Send again"
		}
		rows = append(rows, design.Row{
			design.Text(effectName(e)), stateCell(e.State, e.Attempts, e.Error), when(e.CreatedAt), when(e.TriedAt), design.Code(e.Key),
			again(csrf, keyField, e.Key, text),
		})
	}
	return rows
}

// again is the button that lets one thing happen once more; without a text, or for who may only look, it is none.
func again(csrf, field, value, text string, more ...design.Hidden) templ.Component {
	if text == "" || csrf == "" {
		return design.Text("")
	}
	return design.Action{
		Path: base + "/queues/retry", Button: design.Button{Text: text},
		Hidden: append([]design.Hidden{{Name: csrfField, Value: csrf}, {Name: field, Value: value}}, more...),
	}
}

func eventRows(csrf string, events []service.Event) []design.Row {
	text := map[string]string{stateDead: "Try again", stateDone: "Replay"}
	var rows []design.Row
	for _, e := range events {
		rows = append(rows, design.Row{
			design.Text(e.Type), stateCell(e.State, e.Attempts, e.Error), when(e.CreatedAt), when(e.ReceivedAt), versionCell(e), eventID(e),
			again(csrf, idField, e.ID, text[e.State], design.Hidden{Name: fromField, Value: e.ProviderAccount.Name()}),
		})
	}
	return rows
}
