package billing

// The kinds of mail. Package mailer writes each.
const (
	WelcomeMail        = "welcome"
	ReceiptMail        = "receipt"
	RenewedMail        = "renewed"
	PaymentFailedMail  = "payment_failed"
	ActionRequiredMail = "action_required"
	PlanChangedMail    = "plan_changed"
	BackToFreeMail     = "back_to_free"
	RefundedMail       = "refunded"
	TrialEndingMail    = "trial_ending"
	// RenewalReminderMail says that a period ends soon and will be paid anew.
	RenewalReminderMail = "renewal_reminder"
	// PaymentReminderMail and LastReminderMail are the steps of dunning.
	PaymentReminderMail = "payment_reminder"
	LastReminderMail    = "last_reminder"
)

// MailKinds are all kinds of mail, in the order of a customer's life.
var MailKinds = []string{
	WelcomeMail, ReceiptMail, RenewedMail, PaymentFailedMail, ActionRequiredMail, PlanChangedMail, BackToFreeMail, RefundedMail, TrialEndingMail,
	RenewalReminderMail, PaymentReminderMail, LastReminderMail,
}
