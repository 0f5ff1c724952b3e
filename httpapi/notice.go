package httpapi

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/webhook"
)

// noticeWords say in the OpenAPI document when a notice is sent.
var noticeWords = map[string]string{
	billing.BuyAuthorized: "A bank keeps ready what something costs that is paid once, until you capture it",
	billing.BoughtOnce:    "Something that is paid once was paid, or claimed by the account that had paid it as a guest",
	billing.BuyExpired:    "The page of something that is paid once was closed, and nobody had paid; or the bank has let go of what nobody captured",
	billing.BuyCanceled:   "Something that is paid once was taken back before it was paid",

	billing.AccessChanged:    "Plan or level are others than the application was told last",
	billing.Started:          "An account begins to pay, or to try what will be paid",
	billing.Renewed:          "A renewal was paid",
	billing.PriceChanged:     "From one paid price to another",
	billing.AddOnsChanged:    "Other add-ons are paid for beside the plan, or more or less of them",
	billing.BecamePastDue:    "A payment failed, and Stripe tries again",
	billing.CancelScheduled:  "It will end, at cancel_at",
	billing.CancelUndone:     "It will go on after all",
	billing.Ended:            "Nothing is paid for by it any more",
	billing.LicenseExtended:  "A paid invoice line gave an asset, or more time of it, or money that a bank had taken came back",
	billing.RefundCreated:    "Money is given back, by whoever",
	billing.DisputeOpened:    "A bank takes a payment back, or asks about it",
	billing.DisputeClosed:    "The bank has decided: won, lost, or closed",
	billing.InvoiceCreated:   "An invoice was made: a draft, or finalized at once. Invoices of nothing are no news, here and below",
	billing.InvoiceFinalized: "Its amount is fixed, and it is to be paid",
	billing.InvoiceGotPaid:   "All of it is paid",
	billing.InvoiceFailed:    "A charge was declined, or waits for the customer to confirm it",
	billing.InvoiceVoided:    "It is not to be paid after all",
	billing.AccountCreated:   "An account is there, and is a customer of Stripe: it is the first that is heard of it",
	billing.AccountUpdated:   "Its e-mail address, name or language is another; GET /v1/accounts/{id} says which",
	billing.AccountDeleted:   "Dues holds nothing of the account any more: it is the last that is heard of it",
	billing.LicenseCut:       "It ends earlier: money was given back, or a change of plan credited the time",
}

// describeNotices adds what the application is told to the document: it is received, not asked for.
func (a *api) describeNotices() {
	doc := a.huma.OpenAPI()
	doc.Webhooks = map[string]*huma.PathItem{}
	header := func(name, words string) *huma.Param {
		return &huma.Param{Name: name, In: "header", Required: true, Description: words, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	for _, kind := range billing.NoticeTypes {
		doc.Webhooks[kind] = &huma.PathItem{Post: &huma.Operation{
			OperationID: "notice." + kind, Summary: noticeWords[kind],
			Parameters: []*huma.Param{
				header("webhook-id", "The notice's id, the same for every delivery of it"), header("webhook-timestamp", "When this delivery was signed, in seconds since 1970"),
				header("webhook-signature", "v1,BASE64 of the HMAC-SHA256 of id.timestamp.body; several with a blank between while a secret is replaced"),
			},
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: a.schemaOf(new(webhook.Notice))}}},
			Responses:   map[string]*huma.Response{"2XX": {Description: "Taken. Anything else is tried again for three days; 410 is not"}},
		}}
	}
}

// schemaName keeps the schemas of notices apart from the API's own of the same name.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if own := reflect.TypeFor[webhook.Notice](); t.PkgPath() == own.PkgPath() && t != own {
		return own.Name() + name
	}
	return name
}
