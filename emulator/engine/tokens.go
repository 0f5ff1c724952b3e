package engine

import "strings"

// CreateToken is POST /v1/tokens, for a card or a bank account.
type CreateToken struct {
	Card Opt[LegacyCard] `form:"card"`
	Bank Opt[BankInput]  `form:"bank_account"`
}

func (c CreateToken) apply(t *tx) (Result, error) {
	card, hasCard := c.Card.Get()
	bank, hasBank := c.Bank.Get()
	tok := &Token{Created: t.now}
	var err error
	switch {
	case hasCard == hasBank:
		return nil, invalid("", "", "You must supply either a card, customer, PII data, bank account, account, or person details to create a token.")
	case hasCard:
		tok.ID = t.long("tok_")
		tok.Card, err = card.read(t, "card")
	default:
		tok.ID = t.long("btok_")
		tok.Bank, err = bank.read(t, "bank_account")
	}
	if err != nil {
		return nil, err
	}
	put(t, tok)
	return tok, nil
}

// spend uses a token up. The names that Stripe publishes, such as tok_visa, can be used again and again.
func (t *tx) spend(id, param string) (*Source, error) {
	if row, known := cardsByName[strings.TrimPrefix(id, "tok_")]; known && strings.HasPrefix(id, "tok_") {
		return &Source{Card: t.legacyCard(t.nextYear(row.card(t.world)))}, nil
	}
	if id == "btok_us" || id == "btok_us_verified" {
		bank, err := BankInput{AccountNumber: Some("000123456789"), Country: Some("US"), Routing: Some("110000000")}.read(t, param)
		if err != nil {
			return nil, err
		}
		if id == "btok_us_verified" {
			bank.Status = "verified"
		}
		return &Source{Bank: bank}, nil
	}
	tok, ok := Get[Token](t.world, id)
	if !ok {
		return nil, noSuchParam("token", id, param)
	}
	if tok.Used {
		return nil, invalid(param, "token_already_used", "You cannot use a Stripe token more than once: %s.", id)
	}
	used := *tok
	used.Used = true
	put(t, &used)
	return &Source{Card: tok.Card, Bank: tok.Bank}, nil
}

// sourceTables hold what payments of the old kind are made with, and what becomes of setups.
type sourceTables struct {
	banks    *table[BankAccount]
	tokens   *table[Token]
	attempts *table[SetupAttempt]
	balance  *table[BalanceSettings]
}

func (ts *sourceTables) open() []anyTable {
	ts.banks = newTable("bank_account", func(o *BankAccount) string { return o.ID }).
		by("customer", func(o *BankAccount) string { return o.Customer })
	ts.tokens = newTable("token", func(o *Token) string { return o.ID })
	ts.attempts = newTable("setup_attempt", func(o *SetupAttempt) string { return o.ID }).
		by("setup_intent", func(o *SetupAttempt) string { return o.SetupIntent })
	ts.balance = newTable("balance_settings", func(*BalanceSettings) string { return "balance_settings" })
	return []anyTable{ts.banks, ts.tokens, ts.attempts, ts.balance}
}

var _ = register(CreateToken{})
