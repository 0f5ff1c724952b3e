package adminui

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// The fields of the form that gives a payment back.
const (
	invoiceField  = "invoice"
	amountField   = "amount"
	reasonField   = "reason"
	overrideField = "override"
	leftField     = "left"
)

// refundView is one payment, and what the rules say of giving it back.
type refundView struct {
	frame
	Account  billing.Account
	Invoice  billing.Invoice
	Quote    billing.RefundQuote
	Amount   string // as it was entered
	Reason   string
	Override bool
	Refused  string
	Field    string // that Refused is about
}

// quote shows what giving a payment back would be.
func (a *admin) quote(w http.ResponseWriter, r *http.Request, f frame) error {
	v, err := a.refundView(r, f, billing.InvoiceID(r.URL.Query().Get(invoiceField)))
	if err != nil {
		return err
	}
	a.serve(w, r, http.StatusOK, refundPage(v))
	return nil
}

func (a *admin) refundView(r *http.Request, f frame, invoice billing.InvoiceID) (v refundView, err error) {
	id := billing.AccountID(r.PathValue("id"))
	if v.Account, err = a.service.Account(r.Context(), id); err != nil {
		return v, err
	}
	if v.Quote, err = a.service.QuoteRefund(r.Context(), id, "", invoice); err != nil {
		return v, err
	}
	invoices, err := a.service.Invoices(r.Context(), id)
	if err != nil {
		return v, err
	}
	if at := slices.IndexFunc(invoices, func(i billing.Invoice) bool { return i.ID == v.Quote.Invoice }); at >= 0 {
		v.Invoice = invoices[at]
	}
	f.Title = "Give a payment back"
	v.frame = f
	return v, nil
}

// refund gives it back: for what was seen to be left, so that a form sent twice gives nothing back twice.
func (a *admin) refund(w http.ResponseWriter, r *http.Request, f frame) error {
	v, err := a.refundView(r, f, billing.InvoiceID(r.PostFormValue(invoiceField)))
	if err != nil {
		return err
	}
	v.Amount, v.Reason, v.Override = strings.TrimSpace(r.PostFormValue(amountField)), r.PostFormValue(reasonField), r.PostFormValue(overrideField) != ""
	req, err := v.asked(r.PostFormValue(leftField))
	if err == nil {
		_, err = a.service.Refund(r.Context(), v.Account.ID, req)
	}
	if known, refused := invalid(err); refused || billing.CodeOf(err) == billing.Conflict {
		status := http.StatusConflict
		if v.Refused = err.Error(); refused {
			status, v.Refused, v.Field = http.StatusBadRequest, known.Message, known.Field
		}
		a.serve(w, r, status, refundPage(v))
		return nil
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, accountPath(v.Account.ID)+"?refunded", http.StatusSeeOther)
	return nil
}

// asked reads the form. No amount is all that is left.
func (v refundView) asked(left string) (req service.Refund, err error) {
	req = service.Refund{Invoice: v.Quote.Invoice, Reason: v.Reason, Override: v.Override}
	seen, err := money.Parse(left)
	if err != nil {
		return req, billing.Errorf(billing.Conflict, "reload the page and look again: it does not say what was left")
	}
	if req.Left = seen.Minor; v.Amount == "" {
		return req, nil
	}
	amount, err := money.Parse(v.Amount + " " + strings.ToUpper(string(v.Quote.Amount.Currency)))
	if err != nil || amount.Minor <= 0 {
		return req, billing.Errorf(billing.Invalid, "%q is no amount; write it as %s", v.Amount, v.example()).In(amountField)
	}
	req.Amount = amount.Minor
	return req, nil
}

// example is what is left, without its currency.
func (v refundView) example() string {
	number, _, _ := strings.Cut(v.Quote.Amount.String(), " ")
	return number
}

func (v refundView) fault(field string) string {
	if v.Field == field {
		return v.Refused
	}
	return ""
}

// reasons are what Stripe's reports count by.
var reasons = []design.Option{
	{Value: "", Text: "None"}, {Value: "duplicate", Text: "Paid twice"}, {Value: "fraudulent", Text: "Fraud"}, {Value: "order_change", Text: "The order changed"},
	{Value: "product_unsatisfactory", Text: "Not satisfied"},
}

// givenBack is what of an invoice is not ours any more.
func givenBack(i billing.Invoice) templ.Component {
	if i.TakenBack().Minor == 0 {
		return design.Muted("–")
	}
	return design.Money(i.TakenBack())
}

// refundLink leads to the page that gives a payment back, where something is left of it.
func refundLink(account billing.AccountID, i billing.Invoice) templ.Component {
	if i.Status != billing.InvoicePaid || i.AmountPaid.Minor <= i.TakenBack().Minor {
		return templ.NopComponent
	}
	return design.Anchor("Give back", accountPath(account)+"/refund?"+url.Values{invoiceField: {string(i.ID)}}.Encode())
}

func (k facts) refundRows() (rows []design.Row) {
	for _, o := range k.Refunds {
		rules := design.Text("allow it")
		if o.Override {
			rules = design.Muted("were set aside")
		}
		rows = append(rows, design.Row{
			design.Status(shownState(string(o.Status))), design.Code(string(o.Invoice)), when(o.CreatedAt), when(o.DoneAt), rules, design.Text(o.CreditNote), design.Money(o.Amount),
		})
	}
	return rows
}

func refundHeadline(q billing.RefundQuote) string {
	if q.Possible {
		return "The rules speak against it"
	}
	return "It cannot be given back"
}
