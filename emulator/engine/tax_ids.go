package engine

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// timerTaxID is the answer of the authority that a tax id is checked with.
const timerTaxID = "tax_id.verification"

func init() { onTimer(timerTaxID, (*tx).taxIDVerified) }

// TaxID is the number under which an authority knows a customer, or the account itself.
type TaxID struct {
	ID        string
	Created   int64
	TestClock string
	Customer  string // "" is the account's own
	Country   string
	Type      string
	Value     string
	Status    string // verification; "" where an account's own is not verified
}

// NamedTaxID is a tax id as an invoice shows it.
type NamedTaxID struct {
	Type  string `form:"type"`
	Value string `form:"value"`
}

// taxIDsMax is how many tax ids one owner can have.
const taxIDsMax = 5

// The states of a verification.
const (
	taxIDPending     = "pending"
	taxIDVerified    = "verified"
	taxIDUnverified  = "unverified"
	taxIDUnavailable = "unavailable"
)

// verifiableTaxIDs are the types that Stripe asks the authority about.
var verifiableTaxIDs = []string{"au_abn", "eu_vat", "gb_vat"}

// taxIDOutcomes are the published test values of the verifiable types. Each is pending at first; the last one stays so.
var taxIDOutcomes = map[string]string{"000000000": taxIDVerified, "111111111": taxIDUnverified, "222222222": taxIDPending}

// taxIDForms are how the values of some types look; of the others anything is taken.
var taxIDForms = map[string]*regexp.Regexp{
	"au_abn": regexp.MustCompile(`^\d{2} ?\d{3} ?\d{3} ?\d{3}$`),
	"ch_vat": regexp.MustCompile(`^CHE[-.]?\d{3}\.?\d{3}\.?\d{3} ?(MWST|TVA|IVA)$`),
	"eu_vat": regexp.MustCompile(`^(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)[0-9A-Z+*]{8,12}$`),
	"gb_vat": regexp.MustCompile(`^(GB|XI)(\d{9}|\d{12}|GD\d{3}|HA\d{3})$`),
	"us_ein": regexp.MustCompile(`^\d{2}-?\d{7}$`),
}

// taxIDFits says whether a value can be a tax id of a type.
func taxIDFits(kind, value string) bool {
	_, magic := taxIDOutcomes[value]
	form := taxIDForms[kind]
	return form == nil || magic && slices.Contains(verifiableTaxIDs, kind) || form.MatchString(strings.ToUpper(value))
}

// newTaxID makes a tax id, and asks the authority where it is one that can be asked.
func (t *tx) newTaxID(customer *Customer, kind, value, param string) (*TaxID, error) {
	value = strings.TrimSpace(value)
	outcome, magic := taxIDOutcomes[value]
	verifiable := slices.Contains(verifiableTaxIDs, kind)
	if value == "" || !taxIDFits(kind, value) {
		return nil, invalid(param, "tax_id_invalid", "Invalid value for %s.", kind)
	}
	id := &TaxID{ID: t.long("txi_"), Created: t.now, Country: taxIDCountry(kind, value), Type: kind, Value: value}
	owner := ""
	if customer != nil {
		owner = customer.ID
		id.Customer, id.TestClock, id.Status = customer.ID, customer.TestClock, taxIDUnavailable
	}
	if len(t.world.TaxIDsOf(owner)) >= taxIDsMax {
		return nil, invalid("", "", "You can only add up to %d tax IDs.", taxIDsMax)
	}
	if customer != nil && verifiable && magic {
		id.Status = taxIDPending
		if outcome != taxIDPending {
			t.schedule(timerTaxID, id.ID, t.now+taxIDSeconds)
		}
	}
	if customer == nil {
		put(t, id)
		return id, nil
	}
	return create(t, "customer.tax_id.created", id), nil
}

// taxIDCountry is the country that a type, or the beginning of a European value, names.
func taxIDCountry(kind, value string) string {
	country, _, _ := strings.Cut(strings.ToUpper(kind), "_")
	if country != "EU" {
		return country
	}
	if kind != "eu_vat" || taxIDOutcomes[value] != "" {
		return ""
	}
	if country = strings.ToUpper(value[:2]); country == "EL" {
		return "GR"
	}
	return country
}

// taxIDVerified is the authority's answer.
func (t *tx) taxIDVerified(id string) {
	if before, ok := Get[TaxID](t.world, id); ok {
		after := *before
		after.Status = taxIDOutcomes[before.Value]
		update(t, "customer.tax_id.updated", before, &after)
	}
}

// TaxIDsOf are the tax ids of a customer, or of the account for "", oldest first.
func (w *World) TaxIDsOf(customer string) []*TaxID {
	return w.tables.taxIDs.all("customer", customer)
}

// namedTaxIDs are a customer's tax ids as invoices show them.
func (t *tx) namedTaxIDs(customer string) []NamedTaxID {
	var out []NamedTaxID
	for _, id := range t.world.TaxIDsOf(customer) {
		out = append(out, NamedTaxID{id.Type, id.Value})
	}
	return out
}

// addTaxIDs makes the tax ids of a customer that is being made.
func (t *tx) addTaxIDs(customer *Customer, p Opt[[]NamedTaxID]) error {
	ids, _ := p.Get()
	for i, id := range ids {
		if _, err := t.newTaxID(customer, id.Type, id.Value, fmt.Sprintf("tax_id_data[%d][value]", i)); err != nil {
			return err
		}
	}
	return nil
}

// CreateCustomerTaxID is POST /v1/customers/{customer}/tax_ids.
type CreateCustomerTaxID struct {
	Customer string      `form:"-"`
	Type     Opt[string] `form:"type"`
	Value    Opt[string] `form:"value"`
}

func (c CreateCustomerTaxID) apply(t *tx) (Result, error) {
	cus, err := t.customerAtPath(c.Customer)
	if err != nil {
		return nil, err
	}
	return t.newTaxID(cus, c.Type.Or(""), c.Value.Or(""), "value")
}

// CreateTaxID is POST /v1/tax_ids: the account's own, or a customer's.
type CreateTaxID struct {
	Owner Opt[TaxIDOwner] `form:"owner"`
	Type  Opt[string]     `form:"type"`
	Value Opt[string]     `form:"value"`
}

// TaxIDOwner says whose a tax id is.
type TaxIDOwner struct {
	Customer Opt[string] `form:"customer"`
	Type     Opt[string] `form:"type"`
}

// customer is the owner's customer, "" for the account itself.
func (o TaxIDOwner) customer() (string, error) {
	kind := o.Type.Or("self")
	switch {
	case kind != "self" && kind != "customer":
		return "", unsupported("owner[type]", kind)
	case kind == "self" && o.Customer.Given():
		return "", invalid("owner[customer]", "", "You can only set `owner[customer]` if `owner[type]` is `customer`.")
	case kind == "customer" && o.Customer.Or("") == "":
		return "", required("owner[customer]")
	}
	return o.Customer.Or(""), nil
}

func (c CreateTaxID) apply(t *tx) (Result, error) {
	id, err := c.Owner.Or(TaxIDOwner{}).customer()
	if err != nil {
		return nil, err
	}
	var owner *Customer
	if id != "" {
		if owner, err = t.enterCustomer(id, "owner[customer]"); err != nil {
			return nil, err
		}
	}
	return t.newTaxID(owner, c.Type.Or(""), c.Value.Or(""), "value")
}

// DeleteCustomerTaxID is DELETE /v1/customers/{customer}/tax_ids/{id}.
type DeleteCustomerTaxID struct {
	Customer string `form:"-"`
	ID       string `form:"-"`
}

func (c DeleteCustomerTaxID) apply(t *tx) (Result, error) {
	cus, err := t.customerAtPath(c.Customer)
	if err != nil {
		return nil, err
	}
	id, ok := Get[TaxID](t.world, c.ID)
	if !ok || id.Customer != cus.ID {
		return nil, NotFound("tax ID", c.ID, "id")
	}
	return t.removeTaxID(id), nil
}

// DeleteTaxID is DELETE /v1/tax_ids/{id}.
type DeleteTaxID struct {
	ID string `form:"-"`
}

func (c DeleteTaxID) apply(t *tx) (Result, error) {
	id, ok := Get[TaxID](t.world, c.ID)
	if !ok {
		return nil, NotFound("tax ID", c.ID, "id")
	}
	if err := t.enter(id.TestClock); err != nil {
		return nil, err
	}
	return t.removeTaxID(id), nil
}

func (t *tx) removeTaxID(id *TaxID) *Deleted {
	t.world.tables.taxIDs.remove(t, id.ID)
	t.unschedule(timerTaxID, id.ID)
	if id.Customer != "" {
		t.emit("customer.tax_id.deleted", id)
	}
	return &Deleted{ID: id.ID, Object: "tax_id"}
}

// ListCustomerTaxIDs is GET /v1/customers/{customer}/tax_ids.
type ListCustomerTaxIDs struct {
	Page
	Customer string `form:"-"`
}

func (q ListCustomerTaxIDs) run(w *World) (*Listing, error) {
	if c, ok := Get[Customer](w, q.Customer); !ok || c.Deleted {
		return nil, NotFound("customer", q.Customer, "customer")
	}
	return list(w, q.Page, selection[TaxID]{index: "customer", value: q.Customer, cursorName: "tax_id"})
}

// ListTaxIDs is GET /v1/tax_ids.
type ListTaxIDs struct {
	Page
	Owner Opt[TaxIDOwner] `form:"owner"`
}

func (q ListTaxIDs) run(w *World) (*Listing, error) {
	owner, err := q.Owner.Or(TaxIDOwner{}).customer()
	if err != nil {
		return nil, err
	}
	if c, ok := Get[Customer](w, owner); owner != "" && (!ok || c.Deleted) {
		return nil, noSuchParam("customer", owner, "owner[customer]")
	}
	return list(w, q.Page, selection[TaxID]{index: "customer", value: owner, cursorName: "tax_id"})
}

var _ = register(CreateCustomerTaxID{}, CreateTaxID{}, DeleteCustomerTaxID{}, DeleteTaxID{})
