package engine

import (
	"reflect"
	"regexp"
	"strings"
)

// Settings are the choices of the account that Stripe keeps in its Dashboard, by the names under which a settings file, a flag and the
// control API know them. A change goes for what happens from then on; what is planned already stays planned.
type Settings struct {
	APIVersion      string `json:"api_version"` // of requests that name none, of events, and of endpoints without their own
	AccountName     string `json:"account_name"`
	AccountCountry  string `json:"account_country"`
	DefaultCurrency string `json:"default_currency"`

	BillingMode       string `json:"billing_mode"`       // of new subscriptions that do not say: flexible or classic
	ProrationBehavior string `json:"proration_behavior"` // of changes that do not say: create_prorations, always_invoice or none

	RetryDays          []int64  `json:"retry_days"`           // each retry is so many days after the attempt before it
	EndOfDunning       string   `json:"end_of_dunning"`       // cancel, unpaid or past_due
	UncollectibleAtEnd bool     `json:"uncollectible_at_end"` // mark the invoice uncollectible when dunning is exhausted
	ChallengeDays      int64    `json:"challenge_days"`       // 3-D Secure of a renewal, unfinished for so many days, cancels its subscription; 0 leaves that to dunning
	PastDueDays        int64    `json:"past_due_days"`        // so many days after a mailed invoice was due,
	EndOfPastDue       string   `json:"end_of_past_due"`      // its subscription is canceled, unpaid or left past due: cancel, unpaid or past_due
	DisputeCancels     string   `json:"dispute_cancels"`      // what a full dispute does to its subscription: nothing (""), cancel_now or cancel_at_period_end
	DeclineOn          []string `json:"decline_on"`           // checks on which approved payments are declined: cvc_failure, avs_failure, highest_risk
	UpcomingLeadDays   int64    `json:"upcoming_lead_days"`   // invoice.upcoming so many days before a renewal; 0 sends none
	WillBeDueDays      int64    `json:"will_be_due_days"`     // invoice.will_be_due so many days before a mailed invoice is due; 0 sends none
	Emails             []string `json:"emails"`               // the kinds of mails that Stripe sends to customers by itself
	ReminderDays       []int64  `json:"reminder_days"`        // so many days after a mailed invoice is due, or before it, its customer is reminded
	TaxRounding        string   `json:"tax_rounding"`         // manual taxes are rounded by line or by invoice
	FinalizationDelay  int64    `json:"finalization_delay"`   // seconds between a renewal's draft and its finalization

	PortalDefaultFeatures bool   `json:"portal_default_features"` // a default portal configuration exists, as after its first save in the Dashboard
	AdvanceIntervals      int64  `json:"advance_intervals"`       // a test clock moves by at most so many intervals of its shortest subscription at once; 0 is no limit
	WebhookRetries        string `json:"webhook_retries"`         // live: with back-off for three days; test: three times over hours; the sender reads it

	Decisions Decisions `json:"decisions"` // our answers to what Stripe leaves open

	BaseURL string `json:"-"` // of the hosted pages, without a slash at the end; the engine only carries it for the wire
}

// How dunning ends.
const (
	EndCancel  = "cancel"
	EndUnpaid  = "unpaid"
	EndPastDue = "past_due"
)

// What a dispute of the whole amount does to the subscription that was paid, about an hour later.
const (
	DisputeCancelsNow         = "cancel_now"
	DisputeCancelsAtPeriodEnd = "cancel_at_period_end"
)

// How webhooks that were not taken are tried again.
const (
	RetryAsLive = "live"
	RetryAsTest = "test"
)

// DefaultSettings are those of a new account.
func DefaultSettings() Settings {
	return Settings{
		APIVersion:            "2026-06-24.dahlia",
		AccountName:           "Dues Test",
		AccountCountry:        "US",
		DefaultCurrency:       "usd",
		BillingMode:           ModeFlexible,
		ProrationBehavior:     CreateProrations,
		RetryDays:             retryDays(),
		EndOfDunning:          EndCancel,
		ChallengeDays:         challengeDays,
		PastDueDays:           pastDueDays,
		EndOfPastDue:          pastDueEnd,
		DeclineOn:             []string{},
		UpcomingLeadDays:      upcomingLeadDays,
		Emails:                []string{MailInvoice},
		ReminderDays:          []int64{},
		TaxRounding:           taxRounding,
		FinalizationDelay:     3600,
		PortalDefaultFeatures: true,
		AdvanceIntervals:      2,
		WebhookRetries:        webhookRetries,
		Decisions:             DefaultDecisions(),
	}
}

// What settings may hold at most.
const (
	retriesMax     = 8
	settingDaysMax = 90
	nameMost       = 256
)

var (
	versionPattern = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$`)
	countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)
)

// Check says which setting holds what it cannot hold, by an *Error with its name as Param.
func (s Settings) Check() error {
	if !versionPattern.MatchString(s.APIVersion) {
		return invalid("api_version", "", "Invalid api_version: must be a version of Stripe's API such as 2026-06-24.dahlia, got %q", s.APIVersion)
	}
	if s.AccountName == "" || len(s.AccountName) > nameMost {
		return invalid("account_name", "", "Invalid account_name: must have 1 to %d characters", nameMost)
	}
	if !countryPattern.MatchString(s.AccountCountry) {
		return invalid("account_country", "", "Invalid account_country: must be two capital letters such as US, got %q", s.AccountCountry)
	}
	if _, err := currencyParam(Some(s.DefaultCurrency), "default_currency"); err != nil {
		return err
	}
	if s.DefaultCurrency != strings.ToLower(s.DefaultCurrency) {
		return invalid("default_currency", "", "Invalid default_currency: must be written in small letters, got %q", s.DefaultCurrency)
	}
	if len(s.RetryDays) > retriesMax {
		return invalid("retry_days", "", "Invalid retry_days: at most %d retries, got %d", retriesMax, len(s.RetryDays))
	}
	for _, days := range s.RetryDays {
		if err := within(days, 1, settingDaysMax, "retry_days"); err != nil {
			return err
		}
	}
	return s.checkChoices()
}

// checkChoices checks the settings that are one of a few words, and the numbers.
func (s Settings) checkChoices() error {
	for _, choice := range []struct {
		name, value string
		allowed     []string
	}{
		{"billing_mode", s.BillingMode, []string{ModeFlexible, ModeClassic}},
		{"proration_behavior", s.ProrationBehavior, []string{CreateProrations, AlwaysInvoice, NoProrations}},
		{"end_of_dunning", s.EndOfDunning, []string{EndCancel, EndUnpaid, EndPastDue}},
		{"end_of_past_due", s.EndOfPastDue, []string{EndCancel, EndUnpaid, EndPastDue}},
		{"dispute_cancels", s.DisputeCancels, []string{"", DisputeCancelsNow, DisputeCancelsAtPeriodEnd}},
		{"tax_rounding", s.TaxRounding, []string{RoundTaxByLine, RoundTaxByInvoice}},
		{"webhook_retries", s.WebhookRetries, []string{RetryAsLive, RetryAsTest}},
	} {
		if err := oneOf(choice.name, choice.value, choice.allowed...); err != nil {
			return err
		}
	}
	for _, number := range []struct {
		name        string
		value, most int64
	}{
		{"challenge_days", s.ChallengeDays, settingDaysMax},
		{"past_due_days", s.PastDueDays, settingDaysMax},
		{"upcoming_lead_days", s.UpcomingLeadDays, settingDaysMax},
		{"will_be_due_days", s.WillBeDueDays, settingDaysMax},
		{"finalization_delay", s.FinalizationDelay, holdSeconds},
		{"advance_intervals", s.AdvanceIntervals, 1000},
	} {
		if err := within(number.value, 0, number.most, number.name); err != nil {
			return err
		}
	}
	for i, rule := range s.DeclineOn {
		if err := oneOf(element("decline_on", i), rule, declineOnCVC, declineOnAddress, declineOnRisk); err != nil {
			return err
		}
	}
	if err := s.checkMails(); err != nil {
		return err
	}
	return s.Decisions.check()
}

// ChangeSettings changes the settings that are given, in a world that lives. It is the emulator's own command.
type ChangeSettings struct {
	APIVersion            Opt[string]   `form:"api_version"`
	AccountName           Opt[string]   `form:"account_name"`
	AccountCountry        Opt[string]   `form:"account_country"`
	DefaultCurrency       Opt[string]   `form:"default_currency"`
	BillingMode           Opt[string]   `form:"billing_mode"`
	ProrationBehavior     Opt[string]   `form:"proration_behavior"`
	RetryDays             Opt[[]int64]  `form:"retry_days"`
	EndOfDunning          Opt[string]   `form:"end_of_dunning"`
	UncollectibleAtEnd    Opt[bool]     `form:"uncollectible_at_end"`
	ChallengeDays         Opt[int64]    `form:"challenge_days"`
	PastDueDays           Opt[int64]    `form:"past_due_days"`
	EndOfPastDue          Opt[string]   `form:"end_of_past_due"`
	DisputeCancels        Opt[string]   `form:"dispute_cancels"`
	DeclineOn             Opt[[]string] `form:"decline_on"`
	UpcomingLeadDays      Opt[int64]    `form:"upcoming_lead_days"`
	WillBeDueDays         Opt[int64]    `form:"will_be_due_days"`
	Emails                Opt[[]string] `form:"emails"`
	ReminderDays          Opt[[]int64]  `form:"reminder_days"`
	TaxRounding           Opt[string]   `form:"tax_rounding"`
	FinalizationDelay     Opt[int64]    `form:"finalization_delay"`
	PortalDefaultFeatures Opt[bool]     `form:"portal_default_features"`
	AdvanceIntervals      Opt[int64]    `form:"advance_intervals"`
	WebhookRetries        Opt[string]   `form:"webhook_retries"`

	Decisions Opt[DecisionChanges] `form:"decisions"` // cleared, they are the defaults again
}

func (c ChangeSettings) apply(t *tx) (Result, error) {
	before := t.world.settings
	after := c.on(before)
	if err := after.Check(); err != nil {
		return nil, err
	}
	t.world.settings = after
	t.onUndo(func() { t.world.settings = before })
	if after.mails(MailCardExpiring) && !before.mails(MailCardExpiring) {
		t.awaitExpiries()
	}
	if was, is := &before.Decisions, &after.Decisions; was.EntitledPastDue != is.EntitledPastDue || was.EntitledUnpaid != is.EntitledUnpaid {
		t.world.tables.customers.each("", "", func(c *Customer) bool { t.entitle(c.ID); return true })
	}
	return nil, nil
}

// on is s with the changes.
func (c ChangeSettings) on(s Settings) Settings {
	c.APIVersion.Set(&s.APIVersion)
	c.AccountName.Set(&s.AccountName)
	c.AccountCountry.Set(&s.AccountCountry)
	c.DefaultCurrency.Set(&s.DefaultCurrency)
	c.BillingMode.Set(&s.BillingMode)
	c.ProrationBehavior.Set(&s.ProrationBehavior)
	c.RetryDays.Set(&s.RetryDays)
	c.EndOfDunning.Set(&s.EndOfDunning)
	c.UncollectibleAtEnd.Set(&s.UncollectibleAtEnd)
	c.ChallengeDays.Set(&s.ChallengeDays)
	c.PastDueDays.Set(&s.PastDueDays)
	c.EndOfPastDue.Set(&s.EndOfPastDue)
	c.DisputeCancels.Set(&s.DisputeCancels)
	c.DeclineOn.Set(&s.DeclineOn)
	c.UpcomingLeadDays.Set(&s.UpcomingLeadDays)
	c.WillBeDueDays.Set(&s.WillBeDueDays)
	c.Emails.Set(&s.Emails)
	c.ReminderDays.Set(&s.ReminderDays)
	c.TaxRounding.Set(&s.TaxRounding)
	c.FinalizationDelay.Set(&s.FinalizationDelay)
	c.PortalDefaultFeatures.Set(&s.PortalDefaultFeatures)
	c.AdvanceIntervals.Set(&s.AdvanceIntervals)
	c.WebhookRetries.Set(&s.WebhookRetries)
	if c.Decisions.Cleared() {
		s.Decisions = DefaultDecisions()
	}
	s.Decisions = c.Decisions.Or(DecisionChanges{}).on(s.Decisions)
	return s
}

// Difference is the change that makes of the settings before those after.
func Difference(before, after Settings) ChangeSettings {
	var change ChangeSettings
	fillDifference(reflect.ValueOf(&change).Elem(), reflect.ValueOf(before), reflect.ValueOf(after))
	return change
}

// fillDifference fills the parameters of a change by the fields of the same names that differ. A parameter that is a change itself is filled by those
// of its field.
func fillDifference(change, was, is reflect.Value) {
	for i := range change.NumField() {
		name := change.Type().Field(i).Name
		value := is.FieldByName(name)
		parameter, ok := change.Field(i).Addr().Interface().(Optional)
		if !ok || reflect.DeepEqual(was.FieldByName(name).Interface(), value.Interface()) {
			continue
		}
		if filled := reflect.ValueOf(parameter.Fill()).Elem(); filled.Type() == value.Type() {
			filled.Set(value)
		} else {
			fillDifference(filled, was.FieldByName(name), value)
		}
	}
}

var _ = register(ChangeSettings{})
