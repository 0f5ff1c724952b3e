package dashboard

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/money"
)

// summary is an object in a line: what a person looks for when the id says nothing.
type summary struct {
	ID, Kind string
	Name     string // what it is called
	Status   string
	Amount   string
	Owner    string // the customer
	Created  time.Time
}

// summaryOf reads an object as the API answers it.
func summaryOf(body []byte) summary {
	var o map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&o); err != nil {
		return summary{} // the wire renders nothing but JSON
	}
	text := func(names ...string) string {
		for _, name := range names {
			if s, ok := o[name].(string); ok && s != "" {
				return s
			}
		}
		return ""
	}
	s := summary{
		ID: text("id"), Kind: kindText(text("object")), Status: text("status"), Owner: text("customer"),
		Name: text("name", "number", "nickname", "email", "description", "lookup_key", "code", "display_name", "url"),
	}
	if card, ok := o["card"].(map[string]any); ok && s.Name == "" {
		s.Name = fmt.Sprintf("%v ending in %v", card["brand"], card["last4"])
	}
	if active, ok := o["active"].(bool); ok && s.Status == "" && !active {
		s.Status = "inactive"
	}
	if n, ok := o["created"].(json.Number); ok {
		if at, err := n.Int64(); err == nil {
			s.Created = moment(at)
		}
	}
	s.Amount = amountOf(o, text("currency"))
	return s
}

// amountOf is the figure that an object is about.
func amountOf(o map[string]any, currency string) string {
	for _, name := range []string{"total", "amount", "amount_total", "unit_amount", "amount_off"} {
		n, ok := o[name].(json.Number)
		if !ok || currency == "" {
			continue
		}
		if minor, err := n.Int64(); err == nil {
			return design.FormatMoney(money.New(minor, money.Currency(currency)))
		}
	}
	if n, ok := o["percent_off"].(json.Number); ok {
		return n.String() + " %"
	}
	return ""
}

// kindText is a kind of object as people say it: test clock, checkout session.
func kindText(object string) string {
	_, after, dotted := strings.Cut(object, ".")
	switch {
	case object == "checkout.session" || object == "billing_portal.session":
		return strings.NewReplacer("billing_portal", "portal", ".", " ").Replace(object)
	case object == "invoiceitem":
		return "invoice item"
	case dotted:
		object = after
	}
	return strings.ReplaceAll(object, "_", " ")
}

// title is what a page about the object is called.
func (s summary) title() string { return cmp.Or(s.Name, s.ID) }

// idOf is the id of an object of the engine, whatever kind it is.
func idOf(object any) string { return stringField(object, "ID") }

// customerOf is the customer that an object belongs to, or that it is.
func customerOf(object any) string {
	if reflect.Indirect(reflect.ValueOf(object)).Type().Name() == "Customer" {
		return idOf(object)
	}
	return stringField(object, "Customer")
}

func stringField(object any, name string) string {
	v := reflect.Indirect(reflect.ValueOf(object))
	if v.Kind() != reflect.Struct {
		return ""
	}
	if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
		return f.String()
	}
	return ""
}
