package pages

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

// detailsView is the page on which customers change what stands on their
// invoices.
type detailsView struct {
	Frame  portalFrame
	Path   string
	Fields []design.Field
	Failed string
}

// allows says whether the portal lets customers change this part of themselves.
func (v visit) allows(part string) bool {
	feature := v.features.CustomerUpdate
	return feature.Enabled && slices.Contains(feature.AllowedUpdates, part)
}

// addressParts are the fields of an address in the order they are asked for.
var addressParts = []struct{ name, label, autocomplete string }{
	{"line1", "Address", "billing address-line1"}, {"line2", "Address, second line", "billing address-line2"},
	{"postal_code", "Postal code", "billing postal-code"}, {"city", "City", "billing address-level2"},
	{"state", "State or province", "billing address-level1"}, {"country", "Country, two letters", "billing country"},
}

func addressPart(a *engine.Address, name string) *string {
	return map[string]*string{
		"line1": &a.Line1, "line2": &a.Line2, "postal_code": &a.PostalCode, "city": &a.City, "state": &a.State, "country": &a.Country,
	}[name]
}

// detailFields are the fields that this customer may change, as they are now.
func detailFields(v visit) []design.Field {
	var fields []design.Field
	add := func(part string, field design.Field) {
		if v.allows(part) {
			fields = append(fields, field)
		}
	}
	c := v.customer
	add("name", design.Field{Name: "name", Label: "Name", Value: c.Name, Autocomplete: "name", MaxLength: 256})
	add("email", design.Field{Name: "email", Label: "E-mail", Type: "email", Value: c.Email, Autocomplete: "email", MaxLength: 512})
	add("phone", design.Field{Name: "phone", Label: "Phone", Type: "tel", Value: c.Phone, Autocomplete: "tel", MaxLength: 20})
	address := engine.Address{}
	if c.Address != nil {
		address = *c.Address
	}
	for _, part := range addressParts {
		add("address", design.Field{
			Name: part.name, Label: part.label, Value: *addressPart(&address, part.name), Autocomplete: part.autocomplete, MaxLength: 200,
		})
	}
	return fields
}

// detailFacts are what the portal's home shows of them.
func detailFacts(v visit) []fact {
	var facts []fact
	add := func(part, name, value string) {
		if v.allows(part) {
			facts = append(facts, fact{name, value})
		}
	}
	add("name", "Name", v.customer.Name)
	add("email", "E-mail", v.customer.Email)
	add("phone", "Phone", v.customer.Phone)
	add("address", "Address", addressText(v.customer.Address))
	return facts
}

func addressText(a *engine.Address) string {
	if a == nil {
		return ""
	}
	place := strings.TrimSpace(a.PostalCode + " " + a.City)
	parts := slices.DeleteFunc([]string{a.Line1, a.Line2, place, a.State, a.Country}, func(s string) bool { return s == "" })
	return strings.Join(parts, ", ")
}

func detailsViewOf(v visit) detailsView {
	return detailsView{Frame: v.frame(), Path: v.path("details"), Fields: detailFields(v)}
}

func (s *site) portalDetails(w http.ResponseWriter, r *http.Request) error {
	return s.visit(w, r, func(v visit) response {
		view := detailsViewOf(v)
		if len(view.Fields) == 0 {
			return redirect(v.home())
		}
		return page(http.StatusOK, detailsPage(view))
	})
}

// portalChangeDetails stores what was typed. Only fields that the portal allows
// are read from the form.
func (s *site) portalChangeDetails(w http.ResponseWriter, r *http.Request) error {
	return s.visit(w, r, func(v visit) response {
		view := detailsViewOf(v)
		if len(view.Fields) == 0 {
			return redirect(v.home())
		}
		cmd := detailsCommand(v, view.Fields, r)
		done := v.afterwards("details")
		return func(w http.ResponseWriter, r *http.Request, world World) error {
			_, err := world.Apply(cmd)
			if err == nil {
				return move(w, r, done)
			}
			refused, err := refusal(err)
			if err != nil {
				return err
			}
			for i, field := range view.Fields {
				view.Fields[i].Value = r.PostFormValue(field.Name)
				if field.Name == refused.Param {
					view.Fields[i].Error, view.Fields[i].Autofocus = refused.Message, true
				}
			}
			if !slices.ContainsFunc(view.Fields, func(f design.Field) bool { return f.Error != "" }) {
				view.Failed = refused.Message
			}
			return show(w, r, refusalStatus(refused), detailsPage(view))
		}
	})
}

// detailsCommand changes the fields that were on the page, and clears those that
// were emptied.
func detailsCommand(v visit, fields []design.Field, r *http.Request) engine.Command {
	cmd := &engine.UpdateCustomer{ID: v.customer.ID}
	address := engine.Address{}
	for _, field := range fields {
		typed := strings.TrimSpace(r.PostFormValue(field.Name))
		value := engine.Some(typed)
		if typed == "" {
			value = engine.Clear[string]()
		}
		switch field.Name {
		case "name":
			cmd.Name = value
		case "email":
			cmd.Email = value
		case "phone":
			cmd.Phone = value
		default:
			*addressPart(&address, field.Name) = typed
		}
	}
	if v.allows("address") {
		cmd.Address = engine.Some(address)
		if address == (engine.Address{}) {
			cmd.Address = engine.Clear[engine.Address]()
		}
	}
	return cmd
}
