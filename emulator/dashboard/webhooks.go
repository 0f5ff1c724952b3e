package dashboard

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
	"github.com/dues-billing/dues/internal/design"
)

// webhooksView is everything about webhooks: endpoints, deliveries, and what goes wrong on purpose.
type webhooksView struct {
	Chrome     chrome
	Endpoints  []endpointRow
	State      string // of the deliveries that are shown, "" is all
	Deliveries []wire.Delivery
	Chaos      []chaosRow
}

// endpointRow is a webhook endpoint.
type endpointRow struct {
	ID, URL, Version, Events string
	Disabled                 bool
}

// chaosRow is a rule of chaos in words.
type chaosRow struct{ What, Whom, Where string }

// deliveryStates are the filters of the deliveries.
var deliveryStates = []struct{ value, text string }{
	{"", "All"}, {wire.DeliveryPending, "Pending"}, {wire.DeliveryFailed, "Failed"}, {wire.DeliveryDelivered, "Delivered"}, {wire.DeliveryDropped, "Dropped"},
}

func (v *visit) webhooks() (templ.Component, error) {
	view := webhooksView{Chrome: v.chrome("/webhooks"), State: v.URL.Query().Get("state")}
	v.world.Read(func(w *engine.World, _ int64) {
		for _, e := range w.Endpoints() {
			view.Endpoints = append(view.Endpoints, endpointRow{ID: e.ID, URL: e.URL, Version: e.APIVersion, Events: typesText(e.EnabledEvents), Disabled: e.Disabled})
		}
	})
	for _, d := range v.world.Deliveries(deliveriesMax) {
		if (view.State == "" || d.State == view.State) && len(view.Deliveries) < rowsPage {
			view.Deliveries = append(view.Deliveries, d)
		}
	}
	for _, c := range v.world.Chaos() {
		view.Chaos = append(view.Chaos, chaosText(c))
	}
	return webhooksPage(view), nil
}

// chaosKinds are what can go wrong, as the form offers it.
var chaosKinds = []design.Option{
	{Value: wire.ChaosDuplicate, Text: "Send twice"},
	{Value: wire.ChaosShuffle, Text: "Change the order"},
	{Value: wire.ChaosDelay, Text: "Send later"},
	{Value: wire.ChaosDrop, Text: "Never send"},
	{Value: wire.ChaosLostResponse, Text: "Lose the answer"},
}

func chaosText(c wire.Chaos) chaosRow {
	row := chaosRow{What: c.Kind, Whom: "every event", Where: "every endpoint"}
	for _, k := range chaosKinds {
		if k.Value == c.Kind {
			row.What = k.Text
		}
	}
	if c.Seconds > 0 {
		row.What += " by " + design.Count(int(c.Seconds), "second")
	}
	if len(c.Types) > 0 {
		row.Whom = strings.Join(c.Types, ", ")
	}
	if c.Percent < 100 {
		row.Whom = strconv.FormatInt(c.Percent, 10) + " % of " + row.Whom
	}
	if c.Endpoint != "" {
		row.Where = c.Endpoint
	}
	return row
}

// addChaos adds a rule to those that hold.
func (v *visit) addChaos() (string, error) {
	rule := wire.Chaos{Kind: v.PostFormValue("kind"), Percent: 100, Endpoint: v.PostFormValue("endpoint")}
	for name, field := range map[string]*int64{"percent": &rule.Percent, "seconds": &rule.Seconds} {
		text := strings.TrimSpace(v.PostFormValue(name))
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "", &engine.Error{Status: 400, Param: name, Message: name + " must be a whole number, not " + strconv.Quote(text) + "."}
		}
		*field = n
	}
	rule.Types = strings.FieldsFunc(v.PostFormValue("types"), func(r rune) bool { return r == ',' || r == ' ' })
	return v.path("/webhooks#chaos"), v.world.SetChaos(append(slices.Clip(v.world.Chaos()), rule)...)
}

func (v *visit) endChaos() (string, error) { return v.path("/webhooks#chaos"), v.world.SetChaos() }
