package pages

import (
	"time"

	"github.com/dues-billing/dues/money"
)

// summary is the left side of Checkout and of the hosted invoice: what is
// bought, from whom, for how much.
type summary struct {
	Company  string
	BackHref string // empty leaves the way back out
	BackText string
	Title    string
	Headline string // the large line: an amount, or "14 days free"
	Per      string // "per month", after the headline
	Note     string // below the headline
	Lines    []summaryLine
	Sums     []summarySum
	Basket   *basketView // what may be changed before it is paid
}

// summaryLine is one thing bought.
type summaryLine struct {
	Name   string
	Detail string // quantity, or what the line is for
	Amount money.Amount
	After  string // below the amount: "then €12.00 per month"
	Change *basketLine
}

// summarySum is a row below the lines; Strong is the one that is paid.
type summarySum struct {
	Name   string
	Amount money.Amount
	Strong bool
}

// cardForm is what was typed about a card, and what was wrong with it.
type cardForm struct {
	Number, Expiry, CVC, Name, PostalCode string
	WithAddress                           bool // the postal code stands in the billing address
	Problems                              problems
}

// problems are error texts by the name of the field they belong to; generalProblem
// is for those that belong to none.
type problems map[string]string

const generalProblem = ""

// checkoutView is the hosted Checkout page while the session is open.
type checkoutView struct {
	Path       string
	Summary    summary
	Email      string
	EmailFixed bool // the application said who pays
	NeedsCard  bool
	Form       cardForm
	Asks       checkoutQuestions
	Submit     string // what the button says
	Fine       string // what pressing it means
	ShowTests  bool   // the list of test cards is open
}

// endView is Checkout after the session: complete or expired.
type endView struct {
	Company  string
	Title    string
	Text     string
	Good     bool
	Href     string
	HrefText string
}

// challengeView is the bank's question of a 3-D Secure payment.
type challengeView struct {
	Path    string
	Company string
	Amount  *money.Amount // nil when only a card is saved
	Card    string
	Date    time.Time
}

// portalFrame is the left side of every portal page.
type portalFrame struct {
	Company    string
	Headline   string
	ReturnHref string
	Customer   string
	HomePath   string
	TermsHref  string
	PolicyHref string
}

// portalView is the portal's home.
type portalView struct {
	Frame       portalFrame
	Done        string // what the last action did
	Failed      string // what it did not
	Plans       []portalPlan
	Past        []portalPlan
	ShowCards   bool
	Cards       []portalCard
	NewCardPath string
	Details     []fact
	DetailsPath string
	ShowBills   bool
	Bills       []portalBill
}

// portalPlan is one subscription.
type portalPlan struct {
	Name       string
	Price      string
	Status     string
	Note       string
	Warn       string // what the customer must do
	WarnHref   string
	WarnText   string
	Card       string
	CancelPath string // where to begin cancelling; empty when it cannot be
	ResumePath string // where to undo a cancellation that has not happened yet
	SwitchPath string // where to change it; empty when it cannot be
}

// portalCard is one saved card.
type portalCard struct {
	Brand, Last4 string
	Expiry       string
	Expired      bool
	Default      bool
	DefaultPath  string
	RemovePath   string // empty when the card is the one that pays
}

// portalBill is one invoice.
type portalBill struct {
	Date   time.Time
	Name   string
	Amount money.Amount
	Status string
	Href   string
}

// portalCardView is the page that adds a card.
type portalCardView struct {
	Frame portalFrame
	Path  string
	Form  cardForm
	Tests bool
}

// portalCancelView is the page that asks before a subscription is cancelled.
type portalCancelView struct {
	Frame   portalFrame
	Path    string
	Plan    portalPlan
	Ends    time.Time
	Now     bool // it ends at once, not with its period
	Reasons []reason
	Problem string
}

// reason is one answer to why.
type reason struct{ Value, Text string }

// portalNotice is a portal page that says one thing.
type portalNotice struct {
	Frame        portalFrame
	Title, Text  string
	Href, Button string
}

// invoiceView is the hosted invoice page.
type invoiceView struct {
	Kind     string // on paper: Invoice or Quote
	Path     string
	URL      string // the whole address of the page, for the PDF
	Issued   time.Time
	Company  string
	Number   string
	Status   string
	Summary  summary
	Facts    []fact
	Lines    []invoiceLine
	Sums     []summarySum
	Payable  bool
	Confirm  string // where to finish a payment that waits for 3-D Secure
	Settled  string // shown in place of the form
	Good     bool
	Cards    []savedCard
	Chosen   string // id of the chosen saved card; empty is a new one
	Form     cardForm
	Submit   string
	Tests    bool
	Footer   string
	Appendix []string // custom fields, "Name: value"
}

// fact is one line of an invoice's head.
type fact struct{ Name, Value string }

// invoiceLine is one line of an invoice.
type invoiceLine struct {
	Text     string
	Period   string
	Quantity string
	Unit     string
	Amount   money.Amount
}

// savedCard is a card the payer may choose.
type savedCard struct{ ID, Text string }
