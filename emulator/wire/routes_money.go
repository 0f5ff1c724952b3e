package wire

import "github.com/dues-billing/dues/emulator/engine"

// moneyRoutes are payments as they were made before PaymentIntents, what they are made with, and the account's own balance.
var moneyRoutes = []*route{
	post("/v1/charges", "CreateCharge"),
	post("/v1/charges/{charge}/capture", "CaptureCharge"),
	post("/v1/charges/{charge}/refund", "RefundCharge"),
	list("/v1/charges/{charge}/refunds", engine.ListChargeRefunds{}),
	post("/v1/charges/{charge}/refunds", "CreateChargeRefund"),
	read("/v1/charges/{charge}/refunds/{refund}", func(w *engine.World, ids []string) (any, error) { return w.RefundIn(ids[0], ids[1]) }),
	post("/v1/charges/{charge}/refunds/{refund}", "UpdateChargeRefund"),
	post("/v1/refunds/{refund}/cancel", "CancelRefund"),
	post("/v1/test_helpers/refunds/{refund}/expire", "ExpireRefund"),

	post("/v1/tokens", "CreateToken"),
	retrieve[engine.Token]("/v1/tokens/{token}", "token", "token"),

	list("/v1/customers/{customer}/sources", engine.ListSources{}),
	post("/v1/customers/{customer}/sources", "CreateSource"),
	read("/v1/customers/{customer}/sources/{id}", source),
	post("/v1/customers/{customer}/sources/{id}", "UpdateSource"),
	remove("/v1/customers/{customer}/sources/{id}", "DeleteSource"),
	post("/v1/customers/{customer}/sources/{id}/verify", "VerifyBankAccount"),
	list("/v1/customers/{customer}/cards", engine.ListCards{}),
	post("/v1/customers/{customer}/cards", "CreateSource"),
	read("/v1/customers/{customer}/cards/{id}", source),
	post("/v1/customers/{customer}/cards/{id}", "UpdateSource"),
	remove("/v1/customers/{customer}/cards/{id}", "DeleteSource"),
	list("/v1/customers/{customer}/bank_accounts", engine.ListBankAccounts{}),
	post("/v1/customers/{customer}/bank_accounts", "CreateSource"),
	read("/v1/customers/{customer}/bank_accounts/{id}", source),
	post("/v1/customers/{customer}/bank_accounts/{id}", "UpdateSource"),
	remove("/v1/customers/{customer}/bank_accounts/{id}", "DeleteSource"),
	post("/v1/customers/{customer}/bank_accounts/{id}/verify", "VerifyBankAccount"),

	read("/v1/balance", func(w *engine.World, _ []string) (any, error) { return w.Balance(), nil }),
	list("/v1/balance_transactions", engine.ListBalanceTransactions{}),
	list("/v1/balance/history", engine.ListBalanceTransactions{}),
	retrieve[engine.BalanceTransaction]("/v1/balance/history/{id}", "balance transaction", "id"),
	read("/v1/balance_settings", func(w *engine.World, _ []string) (any, error) { return w.BalanceSettings(), nil }),
	post("/v1/balance_settings", "UpdateBalanceSettings"),

	list("/v1/setup_attempts", engine.ListSetupAttempts{}),
	read("/v1/mandates/{mandate}", mandate),
	list("/v1/payment_intents/{intent}/amount_details_line_items", engine.ListAmountDetailsLines{}),
	post("/v1/payment_intents/{intent}/apply_customer_balance", "ApplyCustomerBalance"),
	post("/v1/payment_intents/{intent}/increment_authorization", "IncrementAuthorization"),
	post("/v1/payment_intents/{intent}/verify_microdeposits", "VerifyPaymentMicrodeposits"),
	post("/v1/setup_intents/{intent}/verify_microdeposits", "VerifySetupMicrodeposits"),
	read("/v1/customers/{customer}/cash_balance", func(w *engine.World, ids []string) (any, error) { return w.CashBalanceOf(ids[0]) }),
	list("/v1/customers/{customer}/cash_balance_transactions", engine.ListCashBalanceTransactions{}),
}

func source(w *engine.World, ids []string) (any, error) { return w.SourceOf(ids[0], ids[1]) }

// mandate finds none: payments by card have no mandate.
func mandate(_ *engine.World, ids []string) (any, error) {
	return nil, engine.NotFound("mandate", ids[0], "mandate")
}
