package engine

import (
	"cmp"
	"slices"
)

// Sources are the way of before PaymentMethods. A card among them is a PaymentMethod whose id begins with card_, so everything that takes a
// payment method takes it too. The first card becomes the customer's default source; bank accounts never do, for they cannot be charged here.

// SourceParams say what to attach.
type SourceParams struct {
	Bank   Opt[BankInput]  `form:"bank_account"`
	Card   Opt[LegacyCard] `form:"card"`
	Source Opt[string]     `form:"source"`
}

// CreateSource is POST /v1/customers/{customer}/sources, and the same under …/cards and …/bank_accounts.
type CreateSource struct {
	Customer string `form:"-"`
	SourceParams
	Metadata Opt[map[string]string] `form:"metadata"`
}

func (c CreateSource) apply(t *tx) (Result, error) {
	cus, err := t.customerAtPath(c.Customer)
	if err != nil {
		return nil, err
	}
	s, err := c.read(t)
	if err != nil {
		return nil, err
	}
	if s.Card != nil {
		card := *s.Card
		card.Metadata = mergeMetadata(card.Metadata, c.Metadata)
		return t.attachSource(&card, cus)
	}
	bank := *s.Bank
	bank.Customer, bank.Metadata = cus.ID, mergeMetadata(nil, c.Metadata)
	put(t, &bank)
	made := &Source{Bank: &bank}
	t.emit("customer.source.created", made)
	return made, nil
}

// read finds or makes what the parameters describe; exactly one of them.
func (p SourceParams) read(t *tx) (*Source, error) {
	if id, ok := p.Source.Get(); ok {
		return t.spend(id, "source")
	}
	if card, ok := p.Card.Get(); ok {
		pm, err := card.read(t, "card")
		return &Source{Card: pm}, err
	}
	if bank, ok := p.Bank.Get(); ok {
		account, err := bank.read(t, "bank_account")
		return &Source{Bank: account}, err
	}
	return nil, required("source")
}

// attachSource saves a card of the old kind for a customer, after the check that a bank makes on saving.
func (t *tx) attachSource(card *PaymentMethod, cus *Customer) (*Source, error) {
	put(t, card)
	pm, err := t.attachMethod(card, cus)
	if err != nil {
		return nil, err
	}
	s := &Source{Card: pm}
	t.emit("customer.source.created", s)
	if cus.DefaultSource == "" {
		next := *cus
		next.DefaultSource = pm.ID
		update(t, "customer.updated", cus, &next)
	}
	return s, nil
}

// addSource attaches the source that came with a new customer.
func (t *tx) addSource(cus *Customer, source Opt[string]) (*Customer, error) {
	id, ok := source.Get()
	if !ok {
		return cus, nil
	}
	made, err := CreateSource{Customer: cus.ID, SourceParams: SourceParams{Source: Some(id)}}.apply(t)
	if err != nil || made == nil {
		return nil, err
	}
	return must[Customer](t, cus.ID), nil
}

// replaceSource puts a new card in the place of the default one, as source does on an update of a customer.
func (t *tx) replaceSource(cus *Customer, source Opt[string]) (*Customer, error) {
	if _, ok := source.Get(); !ok {
		return cus, nil
	}
	if _, err := t.addSource(cus, source); err != nil {
		return nil, err
	}
	old, had := Get[PaymentMethod](t.world, cus.DefaultSource)
	if newest := t.world.SourcesOf(cus.ID, "")[0]; had && newest.Card != nil {
		t.detach(old)
	}
	return must[Customer](t, cus.ID), nil
}

// chooseSource makes another card of the customer the default source. An empty text is no choice.
func (t *tx) chooseSource(cus *Customer, choice Opt[string]) error {
	id, ok := choice.Get()
	if !ok {
		return nil
	}
	s, err := t.world.SourceOf(cus.ID, id)
	if err != nil {
		return invalid("default_source", "missing", "Customer %s does not have a linked source with ID %s.", cus.ID, id)
	}
	if s.Card == nil {
		return unsupported("default_source", id+", a bank account,")
	}
	cus.DefaultSource = id
	return nil
}

// SourcesOf are a customer's cards of the old kind and bank accounts, the newest first; kind is card, bank_account or "" for both.
func (w *World) SourcesOf(customer, kind string) []*Source {
	var all []*Source
	if kind != "bank_account" {
		for _, pm := range w.tables.methods.all("customer", customer) {
			if pm.Legacy() {
				all = append(all, &Source{Card: pm})
			}
		}
	}
	if kind != "card" {
		for _, bank := range w.tables.banks.all("customer", customer) {
			all = append(all, &Source{Bank: bank})
		}
	}
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b *Source) int { return cmp.Compare(b.created(), a.created()) })
	return all
}

// ID is the card's or the bank account's.
func (s *Source) ID() string {
	if s.Card != nil {
		return s.Card.ID
	}
	return s.Bank.ID
}

func (s *Source) created() int64 {
	if s.Card != nil {
		return s.Card.Created
	}
	return s.Bank.Created
}

// SourceOf finds a source of a customer; another customer's is unknown.
func (w *World) SourceOf(customer, id string) (*Source, error) {
	if c, ok := Get[Customer](w, customer); !ok || c.Deleted {
		return nil, NotFound("customer", customer, "customer")
	}
	if pm, ok := Get[PaymentMethod](w, id); ok && pm.Legacy() && pm.Customer == customer {
		return &Source{Card: pm}, nil
	}
	if bank, ok := Get[BankAccount](w, id); ok && bank.Customer == customer {
		return &Source{Bank: bank}, nil
	}
	return nil, NotFound("source", id, "id")
}

func (t *tx) sourceAtPath(customer, id string) (*Source, error) {
	if _, err := t.customerAtPath(customer); err != nil {
		return nil, err
	}
	return t.world.SourceOf(customer, id)
}

// UpdateSource is POST /v1/customers/{customer}/sources/{id}.
type UpdateSource struct {
	Customer       string                 `form:"-"`
	ID             string                 `form:"-"`
	HolderName     Opt[string]            `form:"account_holder_name"`
	HolderType     Opt[string]            `form:"account_holder_type"`
	AddressCity    Opt[string]            `form:"address_city"`
	AddressCountry Opt[string]            `form:"address_country"`
	AddressLine1   Opt[string]            `form:"address_line1"`
	AddressLine2   Opt[string]            `form:"address_line2"`
	AddressState   Opt[string]            `form:"address_state"`
	AddressZip     Opt[string]            `form:"address_zip"`
	ExpMonth       Opt[int64]             `form:"exp_month"`
	ExpYear        Opt[int64]             `form:"exp_year"`
	Metadata       Opt[map[string]string] `form:"metadata"`
	Name           Opt[string]            `form:"name"`
}

func (c UpdateSource) apply(t *tx) (Result, error) {
	before, err := t.sourceAtPath(c.Customer, c.ID)
	if err != nil {
		return nil, err
	}
	after := &Source{}
	if before.Bank != nil {
		bank := *before.Bank
		if param := c.ofCard(); param != "" {
			return nil, invalid(param, "", "%s belongs to cards, and %s is a bank account.", param, c.ID)
		}
		c.HolderName.Set(&bank.HolderName)
		c.HolderType.Set(&bank.HolderType)
		bank.Metadata = mergeMetadata(bank.Metadata, c.Metadata)
		put(t, &bank)
		after.Bank = &bank
	} else {
		if c.HolderName.Given() || c.HolderType.Given() {
			return nil, invalid("account_holder_name", "", "account_holder_name and account_holder_type belong to bank accounts, and %s is a card.", c.ID)
		}
		card := *before.Card
		if err := t.changeExpiry(&card.Card, c.ExpMonth, c.ExpYear, ""); err != nil {
			return nil, err
		}
		LegacyCard{Name: c.Name, AddressCity: c.AddressCity, AddressCountry: c.AddressCountry, AddressLine1: c.AddressLine1,
			AddressLine2: c.AddressLine2, AddressState: c.AddressState, AddressZip: c.AddressZip}.holder(&card.BillingDetails)
		card.Card = checked(card.Card, card.BillingDetails)
		card.Metadata = mergeMetadata(card.Metadata, c.Metadata)
		put(t, &card)
		t.awaitExpiry(&card)
		after.Card = &card
	}
	t.emitChange("customer.source.updated", before, after)
	return after, nil
}

// ofCard is the first parameter that only cards have.
func (c UpdateSource) ofCard() string {
	for _, p := range []struct {
		name  string
		given bool
	}{
		{"address_city", c.AddressCity.Given()}, {"address_country", c.AddressCountry.Given()}, {"address_line1", c.AddressLine1.Given()},
		{"address_line2", c.AddressLine2.Given()}, {"address_state", c.AddressState.Given()}, {"address_zip", c.AddressZip.Given()},
		{"exp_month", c.ExpMonth.Given()}, {"exp_year", c.ExpYear.Given()}, {"name", c.Name.Given()},
	} {
		if p.given {
			return p.name
		}
	}
	return ""
}

// DeleteSource is DELETE /v1/customers/{customer}/sources/{id}. The newest card that is left becomes the default in place of a default that goes.
type DeleteSource struct {
	Customer string `form:"-"`
	ID       string `form:"-"`
}

func (c DeleteSource) apply(t *tx) (Result, error) {
	s, err := t.sourceAtPath(c.Customer, c.ID)
	if err != nil {
		return nil, err
	}
	if s.Bank != nil {
		t.world.tables.banks.remove(t, c.ID)
		t.emit("customer.source.deleted", s)
		return &Deleted{ID: c.ID, Object: "bank_account"}, nil
	}
	t.detach(s.Card)
	return &Deleted{ID: c.ID, Object: "card"}, nil
}

// dropSource tells that a card of the old kind has left its customer, and finds another default.
func (t *tx) dropSource(card *PaymentMethod) {
	t.emit("customer.source.deleted", &Source{Card: card})
	cus := must[Customer](t, card.Customer)
	if cus.DefaultSource != card.ID {
		return
	}
	next := *cus
	next.DefaultSource = ""
	if left := t.world.SourcesOf(cus.ID, "card"); len(left) > 0 {
		next.DefaultSource = left[0].ID()
	}
	update(t, "customer.updated", cus, &next)
}

// VerifyBankAccount is POST /v1/customers/{customer}/sources/{id}/verify.
type VerifyBankAccount struct {
	Customer string       `form:"-"`
	ID       string       `form:"-"`
	Amounts  Opt[[]int64] `form:"amounts"`
}

// microdeposits are the two amounts that verify a test account.
var microdeposits = []int64{32, 45}

func (c VerifyBankAccount) apply(t *tx) (Result, error) {
	s, err := t.sourceAtPath(c.Customer, c.ID)
	if err != nil {
		return nil, err
	}
	if s.Bank == nil {
		return nil, NotFound("bank_account", c.ID, "id")
	}
	if s.Bank.Status == "verified" {
		return nil, invalid("", "", "This bank account has already been verified.")
	}
	amounts, ok := c.Amounts.Get()
	if !ok {
		return nil, required("amounts")
	}
	sorted := slices.Sorted(slices.Values(amounts))
	if !slices.Equal(sorted, microdeposits) {
		return nil, invalid("amounts", "bank_account_verification_failed", "The amounts provided do not match the amounts that were sent to the bank account.")
	}
	bank := *s.Bank
	bank.Status = "verified"
	put(t, &bank)
	after := &Source{Bank: &bank}
	t.emitChange("customer.source.updated", s, after)
	return after, nil
}

// sourcePage is one page of a customer's sources.
func sourcePage(w *World, page Page, customer, kind string) (*Listing, error) {
	if c, ok := Get[Customer](w, customer); !ok || c.Deleted {
		return nil, NotFound("customer", customer, "customer")
	}
	return listEmbedded(page, w.SourcesOf(customer, kind), "source", (*Source).ID)
}

// ListSources is GET /v1/customers/{customer}/sources.
type ListSources struct {
	Page
	Customer string      `form:"-"`
	Object   Opt[string] `form:"object"`
}

func (q ListSources) run(w *World) (*Listing, error) {
	kind := q.Object.Or("")
	if kind != "" {
		if err := oneOf("object", kind, "card", "bank_account"); err != nil {
			return nil, err
		}
	}
	return sourcePage(w, q.Page, q.Customer, kind)
}

// ListCards is GET /v1/customers/{customer}/cards.
type ListCards struct {
	Page
	Customer string `form:"-"`
}

func (q ListCards) run(w *World) (*Listing, error) { return sourcePage(w, q.Page, q.Customer, "card") }

// ListBankAccounts is GET /v1/customers/{customer}/bank_accounts.
type ListBankAccounts struct {
	Page
	Customer string `form:"-"`
}

func (q ListBankAccounts) run(w *World) (*Listing, error) {
	return sourcePage(w, q.Page, q.Customer, "bank_account")
}

var _ = register(CreateSource{}, UpdateSource{}, DeleteSource{}, VerifyBankAccount{})
