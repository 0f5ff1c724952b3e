package httpapi

import (
	"slices"

	"github.com/dues-billing/dues/billing"
)

// scopes say which operations a key's scope opens, by operation id: each of servers and operators is here once, for a route without scope does
// not start. End users need none: they see themselves.
var scopes = map[billing.Scope][]string{
	billing.AccountsRead: {
		"account", "accountEntitlements", "accountCheck", "accountChecks", "accountGrants", "accountLicenses", "accountLicenseFile", "licenseKeys",
		"accountSeats", "accountEntitlementToken",
	},
	billing.AccountsWrite: {"createAccount", "deleteAccount", "assignSeat", "releaseSeat"},
	billing.GrantsWrite:   {"accountGrant", "accountEndGrant"},
	billing.BillingRead: {
		"accountPurchases",
		"accountInvoices", "accountUpcoming", "accountPreview", "accountCredit", "accountMethods", "accountRefundQuote", "accountRefunds",
		"accountLines", "heldInvoices", "accountAddOns", "accountPreviewAddOn",
	},
	billing.BillingWrite: {
		"accountBuy", "accountClaim", "accountCancelPurchase", "accountCapturePurchase", "guestBuy",
		"accountCheckout", "accountChange", "accountKeep", "accountExtendTrial", "accountEndTrial", "accountCancel", "accountResume", "accountPause",
		"accountUnpause", "accountDiscount", "accountEndDiscount", "accountPayInvoice", "accountPortal", "accountPage", "accountSaveMethod", "accountDefaultMethod",
		"accountRemoveMethod", "accountAddLine", "accountRemoveLine", "accountChangeAddOn",
		"accountMakeInvoice", "accountDiscardInvoice", "accountIssueInvoice", "accountVoidInvoice", "accountWriteOffInvoice", "accountHoldInvoice",
		"accountReleaseInvoice", "accountHoldInvoices",
	},
	billing.RefundsWrite: {"accountRefund", "accountGiveCredit"},
	billing.UsageRead:    {"accountUsage"},
	billing.UsageWrite:   {"reportUsage", "accountConsume", "accountConsumption"},
	billing.QueuesRead:   {"events", "event", "delivery", "effects", "effect", "dunning"},
	billing.QueuesWrite:  {"retryEvent", "retryEvents", "retryEffect", "retryEffects"},
	billing.AuditRead:    {"audit"},
	billing.Admin:        {"keys", "createKey", "rotateKey", "revokeKey"},
}

// gate says who may pass to an operation.
type gate struct {
	who   audience
	scope billing.Scope // that a key needs; "" for end users
}

// gateOf is the gate of a route.
func gateOf(rt route) gate {
	g := gate{who: rt.who}
	for scope, operations := range scopes {
		if slices.Contains(operations, rt.id) {
			g.scope = scope
		}
	}
	if (g.scope == "") != (rt.who == endUsers) {
		panic("httpapi: every operation of servers and operators, and none of end users, has its scope in scope.go: " + rt.id)
	}
	return g
}

func (g gate) security() []map[string][]string {
	switch g.who {
	case servers:
		return []map[string][]string{{"serverKey": {string(g.scope)}}}
	case endUsers:
		return []map[string][]string{{"userToken": {}}}
	case operators:
		return []map[string][]string{{"operatorKey": {string(g.scope)}}}
	}
	panic("httpapi: a route without audience")
}
