package engine

import (
	"encoding/json"
	"strings"
)

// LegacyCard is a card as the old parameters describe it: with the holder's name and address beside the number.
type LegacyCard struct {
	Number         Opt[string]            `form:"number"`
	ExpMonth       Opt[int64]             `form:"exp_month"`
	ExpYear        Opt[int64]             `form:"exp_year"`
	CVC            Opt[string]            `form:"cvc"`
	Name           Opt[string]            `form:"name"`
	AddressCity    Opt[string]            `form:"address_city"`
	AddressCountry Opt[string]            `form:"address_country"`
	AddressLine1   Opt[string]            `form:"address_line1"`
	AddressLine2   Opt[string]            `form:"address_line2"`
	AddressState   Opt[string]            `form:"address_state"`
	AddressZip     Opt[string]            `form:"address_zip"`
	Metadata       Opt[map[string]string] `form:"metadata"`
}

// MarshalJSON writes the card without a number that may be a real one's.
func (in LegacyCard) MarshalJSON() ([]byte, error) {
	type plain LegacyCard
	if number, ok := in.Number.Get(); ok && !publicNumber(number) {
		in.Number, in.CVC = Some(hiddenNumber), Opt[string]{}
	}
	return json.Marshal(plain(in))
}

// read checks the card and makes it a payment method of the old kind, which is not stored yet.
func (in LegacyCard) read(t *tx, param string) (*PaymentMethod, error) {
	card, err := t.readCard(CardInput{Number: in.Number, ExpMonth: in.ExpMonth, ExpYear: in.ExpYear, CVC: in.CVC}, param)
	if err != nil {
		return nil, err
	}
	pm := t.legacyCard(card)
	in.holder(&pm.BillingDetails)
	pm.Metadata = mergeMetadata(nil, in.Metadata)
	return pm, nil
}

func (in LegacyCard) holder(b *BillingDetails) {
	in.Name.Set(&b.Name)
	in.AddressCity.Set(&b.Address.City)
	in.AddressCountry.Set(&b.Address.Country)
	in.AddressLine1.Set(&b.Address.Line1)
	in.AddressLine2.Set(&b.Address.Line2)
	in.AddressState.Set(&b.Address.State)
	in.AddressZip.Set(&b.Address.PostalCode)
}

// legacyCard is a new payment method of the old kind around a card.
func (t *tx) legacyCard(card Card) *PaymentMethod {
	return &PaymentMethod{ID: t.long(cardPrefix), Created: t.now, Type: "card", Card: card, Redisplay: "unspecified"}
}

// cardPrefix begins the ids of cards of the old kind.
const cardPrefix = "card_"

// Legacy says whether the payment method is a card of the old kind, a source.
func (pm *PaymentMethod) Legacy() bool { return strings.HasPrefix(pm.ID, cardPrefix) }

// BankInput is a bank account as somebody enters it.
type BankInput struct {
	HolderName    Opt[string] `form:"account_holder_name"`
	HolderType    Opt[string] `form:"account_holder_type"`
	AccountNumber Opt[string] `form:"account_number"`
	Country       Opt[string] `form:"country"`
	Currency      Opt[string] `form:"currency"`
	Routing       Opt[string] `form:"routing_number"`
}

// testAccounts are the account numbers of Stripe's documentation.
var testAccounts = map[string]bool{
	"000123456789": true, "000111111116": true, "000111111113": true, "000222222227": true, "000333333335": true, "000444444440": true,
}

// MarshalJSON writes the account without a number that may be a real one's.
func (in BankInput) MarshalJSON() ([]byte, error) {
	type plain BankInput
	if number, ok := in.AccountNumber.Get(); ok && !testAccounts[number] {
		in.AccountNumber = Some("left out: not a test account")
	}
	return json.Marshal(plain(in))
}

func (in BankInput) read(t *tx, param string) (*BankAccount, error) {
	number, ok := in.AccountNumber.Get()
	if !ok {
		return nil, required(nested(param, "account_number"))
	}
	if !testAccounts[number] {
		return nil, invalid(nested(param, "account_number"), "account_number_invalid", "You must use a test bank account number in test mode. "+
			"Try 000123456789 or see more options at https://stripe.com/docs/connect/testing#account-numbers.")
	}
	country, ok := in.Country.Get()
	if !ok {
		return nil, required(nested(param, "country"))
	}
	if country != "US" {
		return nil, unsupported(nested(param, "country"), country)
	}
	routing, ok := in.Routing.Get()
	if !ok {
		return nil, required(nested(param, "routing_number"))
	}
	if len(routing) != 9 || strings.Trim(routing, "0123456789") != "" {
		return nil, invalid(nested(param, "routing_number"), "routing_number_invalid", "Routing number must have 9 digits")
	}
	currency, err := currencyParam(Some(in.Currency.Or("usd")), nested(param, "currency"))
	if err != nil {
		return nil, err
	}
	return &BankAccount{
		ID: t.long("ba_"), Created: t.now, HolderName: in.HolderName.Or(""), HolderType: in.HolderType.Or(""), Country: country, Currency: currency,
		Fingerprint: t.world.fixedCharacters("bank "+routing+number, 16), Last4: number[len(number)-4:], Routing: routing, Status: "new",
	}, nil
}
