package webhook

import "time"

// Notice is what happened to an account. Fields may be added later; unknown ones, and unknown types, are to be ignored.
type Notice struct {
	ID       string    `json:"id" doc:"The same for every delivery of this notice, and in the header webhook-id"`
	Type     string    `json:"type" doc:"What happened"`
	Created  time.Time `json:"created" doc:"When it was noticed, UTC, to the second"`
	Sequence int64     `json:"sequence" doc:"Grows with each notice about the account: what has a lower one than you have seen is older"`
	Data     Data      `json:"data"`
	Previous *Previous `json:"previous,omitempty" doc:"What was before, where something changed"`
}

// Data is how things stood when it happened: what the account may use always, and the others where the notice is about them.
type Data struct {
	Account      string        `json:"account" doc:"The app's own id"`
	Customer     string        `json:"customer" doc:"Stripe's id"`
	Access       Access        `json:"access"`
	Subscription *Subscription `json:"subscription,omitempty"`
	Invoice      *Invoice      `json:"invoice,omitempty"`
	License      *License      `json:"license,omitempty"`
	Refund       *Refund       `json:"refund,omitempty"`
	Dispute      *Dispute      `json:"dispute,omitempty"`
	Purchase     *Purchase     `json:"purchase,omitempty"`
}

// Access is what the account may use, as GET /v1/accounts/{id} tells it.
type Access struct {
	Group  string     `json:"group,omitempty" doc:"The group of plans that it is about; absent: the default one"`
	Plan   string     `json:"plan"`
	Price  string     `json:"price" doc:"The catalogue's key of the price; empty without subscription"`
	Level  string     `json:"level" enum:"full,limited,free,none"`
	Until  *time.Time `json:"until" doc:"When access ends if no news comes. null: no end is known"`
	Action string     `json:"action" enum:",update_payment_method,confirm_payment" doc:"What the customer must do; empty: nothing"`
	AddOns []AddOn    `json:"addons,omitempty" doc:"What it has beside its plan; absent without"`
}

// AddOn is an add-on that the account has.
type AddOn struct {
	ID       string `json:"id"`
	Price    string `json:"price" doc:"The catalogue's key of the price"`
	Quantity int64  `json:"quantity" doc:"0 of usage, which has none"`
}

// Subscription is the subscription that the notice is about.
type Subscription struct {
	ID        string     `json:"id" doc:"Stripe's id"`
	Group     string     `json:"group,omitempty" doc:"The group of its plan; absent: the default one"`
	Status    string     `json:"status" doc:"Stripe's word"`
	Plan      string     `json:"plan" doc:"Empty for a price that is not in the catalogue"`
	Price     string     `json:"price"`
	PeriodEnd *time.Time `json:"period_end" doc:"The end of the period that Stripe has billed"`
	CancelAt  *time.Time `json:"cancel_at" doc:"When it will end; null unless a cancellation is scheduled"`
	EndedAt   *time.Time `json:"ended_at"`
}

// Invoice is the invoice that the notice is about. Amounts are in the currency's minor unit.
type Invoice struct {
	ID         string     `json:"id" doc:"Stripe's id"`
	Number     string     `json:"number" doc:"Empty while it is a draft"`
	Status     string     `json:"status" enum:"draft,open,paid,uncollectible,void"`
	Reason     string     `json:"reason" doc:"Stripe's billing_reason"`
	Currency   string     `json:"currency"`
	Total      int64      `json:"total"`
	AmountDue  int64      `json:"amount_due" doc:"What is left of the total when credit has paid of it"`
	AmountPaid int64      `json:"amount_paid"`
	PaidAt     *time.Time `json:"paid_at"`
	URL        string     `json:"url" doc:"Stripe's page of the invoice, where it can be paid; empty while it is a draft"`
}

// License is the asset that the account holds, and for how long.
type License struct {
	Asset    string     `json:"asset"`
	StartsAt time.Time  `json:"starts_at"`
	EndsAt   *time.Time `json:"ends_at" doc:"Until when it is paid for. null: it has no end"`
}

// Refund is money that is given back. The amount is in the currency's minor unit.
type Refund struct {
	ID       string `json:"id" doc:"Stripe's id"`
	Status   string `json:"status" doc:"Stripe's word: succeeded, or pending where the money takes its time"`
	Reason   string `json:"reason" doc:"Stripe's word, often empty"`
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"`
}

// Dispute is a payment that the customer's bank takes back, or asks about. The amount is in the currency's minor unit.
type Dispute struct {
	ID       string     `json:"id" doc:"Stripe's id"`
	Status   string     `json:"status" doc:"Stripe's word: needs_response, under_review, won, lost, …; of one that begins with warning_ no money was taken"`
	Reason   string     `json:"reason" doc:"Stripe's word, such as fraudulent"`
	Currency string     `json:"currency"`
	Amount   int64      `json:"amount"`
	AnswerBy *time.Time `json:"answer_by" doc:"Until when evidence is taken; null: no answer is due"`
}

// Purchase is something that is paid once. The amount is in the currency's minor unit.
type Purchase struct {
	ID       string `json:"id"`
	Key      string `json:"key" doc:"Your own name of it, empty without one"`
	Status   string `json:"status" doc:"completed, expired or canceled"`
	Price    string `json:"price" doc:"The catalogue's key; empty of an amount that a server named"`
	Asset    string `json:"asset" doc:"What it licenses; empty of an amount"`
	Currency string `json:"currency"`
	Amount   int64  `json:"amount" doc:"What was paid, or asked for"`
}

// Previous is what was before the change. What did not change is left out.
type Previous struct {
	Plan  string `json:"plan,omitempty"`
	Price string `json:"price,omitempty"`
	Level string `json:"level,omitempty"`
}
