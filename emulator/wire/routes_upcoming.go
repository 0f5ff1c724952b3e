package wire

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/dues-billing/dues/emulator/engine"
)

// Before basil the next invoice was retrieved and not created: GET /v1/invoices/upcoming, whose lines have a list of their own. What it asks
// of a subscription stood beside the rest, under names of its own.
const (
	upcomingInvoice = "GET /v1/invoices/upcoming"
	upcomingLines   = "GET /v1/invoices/upcoming/lines"
)

var upcomingRoutes = []*route{
	previewed(before(basil, "invoice {}", &route{method: "GET", path: "/v1/invoices/upcoming", act: (*call).upcoming})),
	previewed(before(basil, "line_item* {ending_before:s5000;limit:i;starting_after:s5000}", list("/v1/invoices/upcoming/lines", engine.UpcomingLines{}))),
}

// flatBefore begins the names of what is inside subscription_details today.
const flatBefore = "subscription_"

// flatDetails are the parts of subscription_details that had a name of their own.
var flatDetails = []string{
	"billing_cycle_anchor", "cancel_at", "cancel_at_period_end", "cancel_now", "default_tax_rates", "items", "proration_behavior",
	"proration_date", "resume_at", "start_date", "trial_end",
}

// previewed gives an old route, beside its own parameters, those of today's preview in the words of its time.
func previewed(r *route) *route {
	own := r.op.params
	r.op.params = sync.OnceValue(func() *param {
		today := stripeSpec().ops[previewInvoice].params()
		for _, path := range []string{
			"customer_account", "subscription_details.billing_mode", "subscription_details.billing_schedules", "schedule_details.billing_mode",
		} {
			today = today.without(path)
		}
		def := &param{kind: kindObject, fields: maps.Clone(today.fields)}
		maps.Copy(def.fields, own().fields)
		for _, name := range flatDetails {
			def.fields[flatBefore+name] = today.fields["subscription_details"].fields[name]
		}
		def.fields["coupon"] = &param{kind: kindString, maxLength: 5000}
		return def
	})
	return r
}

// refuseTwice refuses what is said in both ways at once.
func refuseTwice(form *Node) *engine.Error {
	details := form.Child("subscription_details")
	for _, name := range flatDetails {
		if details != nil && form.Child(flatBefore+name) != nil && details.Child(name) != nil {
			return badRequest("parameters_exclusive", "", "You may only specify one of these parameters: %s, subscription_details[%s].", flatBefore+name, name)
		}
	}
	return nil
}

// flatPreview says the parameters of an upcoming invoice in the words of today's preview.
func flatPreview(form *Node) {
	discountIntoList(form)
	for _, name := range flatDetails {
		one := form.Remove(flatBefore + name)
		if one == nil {
			continue
		}
		details := form.Child("subscription_details")
		if details == nil {
			details = &Node{branch: true}
			form.add("subscription_details", details)
		}
		details.add(name, one)
	}
}

// upcoming answers with the preview, whose lines are at their own address. A mistake in a parameter is told by the name that was sent.
func (c *call) upcoming() answer {
	query := &engine.UpcomingInvoice{}
	return c.look(query, func(v *view) (object, error) {
		found, err := v.world.Query(query)
		if err != nil {
			return nil, c.flatParam(err)
		}
		o := v.render(found.Data[0])
		if lines, ok := o["lines"].(object); ok {
			lines["url"] = "/v1/invoices/upcoming/lines?" + c.asked()
		}
		return o, nil
	})
}

// asked are the parameters as they came, expansions aside: what the list of lines needs to be of the same preview.
func (c *call) asked() string {
	form, err := ParseForm(c.query)
	if err != nil {
		panic("wire: a query was read once and not again: " + err.Error())
	}
	form.Remove("expand")
	return form.Encode()
}

func (c *call) flatParam(err error) error {
	var refused *engine.Error
	if !errors.As(err, &refused) {
		return err
	}
	inner, inside := strings.CutPrefix(refused.Param, "subscription_details[")
	name, rest, _ := strings.Cut(inner, "]")
	flat := func(p SentParam) bool {
		return p.Name == flatBefore+name || strings.HasPrefix(p.Name, flatBefore+name+"[")
	}
	if !inside || !slices.ContainsFunc(c.sent, flat) {
		return err
	}
	told := *refused
	told.Param = flatBefore + name + rest
	return &told
}
