package catalog_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/money"
)

// Rows: A1 A5.
// Features: 8 14.
func TestTheDemoSellsStarterAndPremium(t *testing.T) {
	t.Parallel()
	got := catalog.Default()
	got.Policy.Rules = nil
	want := billing.Catalog{
		FreePlan: "starter",
		Features: []billing.Feature{
			{ID: "projects", Name: "Projects", Type: billing.Limit},
			{ID: "export", Name: "Export", Type: billing.Boolean},
		},
		Assets: []billing.Asset{{ID: "handbook", Name: "The handbook", Recurring: true, Duration: 30 * 24 * time.Hour}},
		Policy: billing.AccessPolicy{Leeway: 48 * time.Hour},
		Plans: []billing.Plan{
			{
				ID: "starter", Name: "Starter", Description: "For trying things out, for as long as you like.",
				Prices:   []billing.Price{{Key: "starter-monthly", Amount: money.New(0, "eur"), Interval: billing.Month, IntervalCount: 1}},
				Features: []billing.FeatureValue{{Feature: "projects", Enabled: true, Limit: 3}},
			},
			{
				ID: "premium", Name: "Premium", Description: "For people who live from what they make.",
				Prices: []billing.Price{
					{Key: "premium-monthly", Amount: money.New(1900, "eur"), Interval: billing.Month, IntervalCount: 1},
					{Key: "premium-yearly", Amount: money.New(19000, "eur"), Interval: billing.Year, IntervalCount: 1},
				},
				Features: []billing.FeatureValue{
					{Feature: "projects", Enabled: true, Limit: 100},
					{Feature: "export", Enabled: true},
				},
				Assets: []billing.AssetID{"handbook"},
			},
		},
		Refunds: []billing.RefundRule{{Plans: []billing.PlanID{"premium"}, Within: 14 * 24 * time.Hour, Consumed: 20, Count: 1}},
	}
	if diff := cmp.Diff(want, got, plainly); diff != "" {
		t.Errorf("the demo's catalogue (-want +got):\n%s", diff)
	}
}

// Rows: C28.
// Features: 83.
func TestAPolicyOfTheFileComesBeforeTheDefault(t *testing.T) {
	t.Parallel()
	c, err := catalog.Parse([]byte(onePlan + "leeway: 12h\npolicy:\n  - {status: past_due, within: 14d, level: limited}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Policy.Leeway != 12*time.Hour {
		t.Errorf("leeway is %s, want 12h", c.Policy.Leeway)
	}
	want := billing.PolicyRule{Status: billing.PastDue, Within: 14 * 24 * time.Hour, Level: billing.Limited}
	if got := c.Policy.Rules[0]; got != want {
		t.Errorf("first rule is %v, want %v", got, want)
	}
	statuses := map[billing.Status]bool{}
	for _, rule := range c.Policy.Rules[1:] {
		statuses[rule.Status] = true
	}
	if len(statuses) != 8 {
		t.Errorf("the default decides %d statuses, want all 8", len(statuses))
	}
}

const onePlan = `plans:
  - id: basic
    name: Basic
    prices: [{key: basic, amount: 5.00 EUR, every: month}]
`

func TestPeriodsAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]billing.Price{
		"day":        {Interval: billing.Day, IntervalCount: 1},
		"2 weeks":    {Interval: billing.Week, IntervalCount: 2},
		"3 months":   {Interval: billing.Month, IntervalCount: 3},
		"1 month":    {Interval: billing.Month, IntervalCount: 1},
		"year":       {Interval: billing.Year, IntervalCount: 1},
		"0 months":   {},
		"-1 month":   {},
		"fortnight":  {},
		"4 years":    {},
		"1.5 months": {},
	} {
		c, err := catalog.Parse([]byte(strings.Replace(onePlan, "month", text, 1)))
		if want.Interval == "" {
			if err == nil {
				t.Errorf("%q is accepted as a period", text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := c.Plans[0].Prices[0]; got.Interval != want.Interval || got.IntervalCount != want.IntervalCount {
			t.Errorf("%q is read as %d %s", text, got.IntervalCount, got.Interval)
		}
	}
}

// Rows: C4 D4.
func TestAMistakeIsNamedByLineAndField(t *testing.T) {
	t.Parallel()
	expectProblems(t, []mistake{
		{"nothing", "", "line 1: one YAML document is needed, found 0"},
		{"two documents", "plans: []\n---\nplans: []\n", "line 1: one YAML document is needed, found 2"},
		{"a list", "- a\n", "line 1: keys with values are needed here, not a list"},
		{"unknown key", onePlan + "plan: x\n", "line 5: plan: is not known here; known are free_plan, free_plans, leeway, features, assets, plans, addons, coupons, policy"},
		{"key of a price", strings.Replace(onePlan, "every", "evry", 1), "line 4: plans[0].prices[0].evry: is not known here; known are key, amount, every, per, package,"},
		{"twice", onePlan + "leeway: 1h\nleeway: 2h\n", "mapping key \"leeway\" already defined at"},
		{"float", strings.Replace(onePlan, "5.00 EUR", "5.001 EUR", 1), `line 4: plans[0].prices[0].amount: "5.001 EUR": the currency has 2 decimals, not 3`},
		{"no currency", strings.Replace(onePlan, "5.00 EUR", "5.00", 1), `plans[0].prices[0].amount: "5.00" is not an amount and a currency, such as 19.00 EUR`},
		{"negative", strings.Replace(onePlan, "5.00 EUR", "-5 EUR", 1), "plans[0].prices[0].amount: a price cannot be negative"},
		{"too much", strings.Replace(onePlan, "5.00 EUR", "1000000 EUR", 1), "1000000 EUR is over the largest amount that Stripe takes"},
		{"no amount", strings.Replace(onePlan, ", amount: 5.00 EUR", "", 1), "plans[0].prices[0].amount: an amount is needed, such as 19.00 EUR"},
		{"no prices", "plans: [{id: a, name: A}]\n", "line 1: plans[0].prices: at least one price is needed"},
		{"no plans", "free_plan: a\n", "line 1: plans: at least one plan is needed"},
		{"plan's id twice", onePlan + "  - id: basic\n    name: B\n    prices: [{key: b, amount: 1 EUR, every: day}]\n", `line 5: plans[1].id: "basic" is taken`},
		{"price's key twice", onePlan + "  - id: b\n    name: B\n    prices: [{key: basic, amount: 1 EUR, every: day}]\n", `line 7: plans[1].prices[0].key: "basic" is taken`},
		{"bad id", strings.Replace(onePlan, "id: basic", "id: Basic Plan", 1), `line 2: plans[0].id: "Basic Plan" may hold only lower-case letters, digits, - and _`},
		{"unknown plan of a refund", onePlan + "refunds: [{plans: [gold]}]\n", `line 5: refunds[0].plans[0]: there is no plan "gold"`},
		{"too large a share", onePlan + "refunds: [{consumed: 101}]\n", "line 5: refunds[0].consumed: a whole number from 0 to 100 is needed here"},
		{"no refund at all", onePlan + "refunds: [{count: 0}]\n", "line 5: refunds[0].count: a whole number from 1 to 1000 is needed here"},
		{"no step", onePlan + "dunning: {finally: {after: 3d, do: cancel}}\n", "line 5: dunning.steps: at least one step is needed: nobody is cut off who was not told"},
		{"steps back", onePlan + "dunning: {steps: [{after: 3d}, {after: 1d}]}\n", "line 5: dunning.steps[1].after: has to be later than the step before it"},
		{"half a day", onePlan + "dunning: {steps: [{after: 12h}]}\n", "line 5: dunning.steps[0].after: whole days since the first failure are needed here, such as 3d, and a year at most"},
		{"a mail of another kind", onePlan + "dunning: {steps: [{after: 1d, mail: welcome}]}\n", `line 5: dunning.steps[0].mail: one of payment_reminder, last_reminder is needed, not "welcome"`},
		{"an end that comes first", onePlan + "dunning: {steps: [{after: 7d}], finally: {after: 7d, do: cancel}}\n", "line 5: dunning.finally.after: has to be later than the step before it"},
		{"another end", onePlan + "dunning: {steps: [{after: 7d}], finally: {after: 9d, do: sue}}\n", `line 5: dunning.finally.do: one of cancel, free, unpaid is needed, not "sue"`},
		{"no free plan to go to", onePlan + "dunning: {steps: [{after: 7d}], finally: {after: 9d, do: free}}\n", "line 5: dunning.finally.do: the catalogue has no free plan; say cancel"},
		{"reminded never", onePlan + "mails: {renewal_reminder: {days: 0}}\n", "line 5: mails.renewal_reminder.days: a whole number from 1 to 90 is needed here"},
		{"another mail", onePlan + "mails: {birthday: {}}\n", "line 5: mails.birthday: is not known here; known are renewal_reminder, off"},
		{"no mail off", onePlan + "mails: {off: [birthday]}\n", "line 5: mails.off[0]: there is no mail \"birthday\"; there are welcome, receipt"},
		{"a mail off twice", onePlan + "mails: {off: [receipt, receipt]}\n", "line 5: mails.off[1]: \"receipt\" is there twice"},
		{"key of a refund", onePlan + "refunds: [{percent: 3}]\n", "line 5: refunds[0].percent: is not known here; known are plans, assets, within, consumed, count, renewals, keeps_plan"},
		{"no name", strings.Replace(onePlan, "name: Basic", "name: ''", 1), "line 3: plans[0].name: a name is needed"},
		{"unknown free plan", onePlan + "free_plan: none\n", `line 5: free_plan: there is no plan "none"`},
		{"free plan of another group", onePlan + "  - {id: none, name: None, group: support, prices: [{key: none, amount: 0.00 EUR, every: month}]}\nfree_plan: none\n", `line 6: free_plan: plan "none" is of the group "support" and not of the default one; list it in free_plans`},
		{"free plan of the default group among the others", strings.Replace(onePlan, "5.00", "0.00", 1) + "free_plans: [basic]\n", `line 5: free_plans[0]: plan "basic" is of the default group; the free plan of that is free_plan`},
		{"two free plans of a group", onePlan + "  - {id: none, name: None, group: support, prices: [{key: none, amount: 0.00 EUR, every: month}]}\n  - {id: no, name: No, group: support, prices: [{key: no, amount: 0.00 EUR, every: month}]}\nfree_plans: [none, no]\n", `line 7: free_plans[1]: "none" is the free plan of the group "support" already`},
		{"free plan of a group that nobody knows", onePlan + "free_plans: [none]\n", `line 5: free_plans[0]: there is no plan "none"`},
		{"free plan of a group that costs", onePlan + "free_plans: [basic]\n", `line 5: free_plans[0]: plan "basic" has no price with amount 0`},
		{"no plan of the default group", strings.Replace(onePlan, "name: Basic", "name: Basic\n    group: main", 1), "plans: every plan names a group; leave group out of those that an account is on first of all: they are the default group"},
		{"free plan that costs", onePlan + "free_plan: basic\n", `line 5: free_plan: plan "basic" has no price with amount 0`},
		{"unknown feature", onePlan + "    features: {seats: 3}\n", `line 5: plans[0].features.seats: there is no feature "seats"`},
		{"unknown asset", onePlan + "    assets: [book]\n", `line 5: plans[0].assets[0]: there is no asset "book"`},
		{"boolean of a limit", onePlan + "    features: {seats: true}\nfeatures: [{id: seats, name: Seats, type: limit}]\n", `line 5: plans[0].features.seats: a whole number is needed here, not "true"`},
		{"number of a boolean", onePlan + "    features: {x: 3}\nfeatures: [{id: x, name: X, type: boolean}]\n", `line 5: plans[0].features.x: true or false is needed here, not "3"`},
		{"negative limit", onePlan + "    features: {seats: -1}\nfeatures: [{id: seats, name: Seats, type: limit}]\n", "line 5: plans[0].features.seats: a limit cannot be negative"},
		{"feature type", onePlan + "features: [{id: x, name: X, type: much}]\n", `line 5: features[0].type: one of boolean, limit, metered is needed, not "much"`},
		{"duration", onePlan + "leeway: soon\n", `line 5: leeway: a duration such as 30d or 48h is needed, not "soon"`},
		{"policy's status", onePlan + "policy: [{status: late, level: full}]\n", "line 5: policy[0].status: one of active, trialing, past_due,"},
		{"alias", onePlan + "leeway: &a 1h\nfree_plan: *a\n", "text is needed here"},
		{"not YAML", "plans: [", "line 1: "},
	})
}

type mistake struct{ name, file, want string }

func expectProblems(t *testing.T, all []mistake) {
	t.Helper()
	for _, c := range all {
		_, err := catalog.Parse([]byte(c.file))
		var list *catalog.Error
		if !errors.As(err, &list) {
			t.Errorf("%s: got %v, want an *Error with %q", c.name, err, c.want)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, c.want)
		}
	}
}

func TestAllMistakesAreReportedAtOnceInTheFilesOrder(t *testing.T) {
	t.Parallel()
	file := "free_plan: none\n" + strings.Replace(strings.Replace(onePlan, "Basic", "''", 1), "month", "moon", 1) + "extra: 1\n"
	_, err := catalog.Parse([]byte(file))
	var list *catalog.Error
	if !errors.As(err, &list) {
		t.Fatalf("got %v", err)
	}
	var lines []int
	for _, p := range list.Problems {
		lines = append(lines, p.Line)
	}
	if diff := cmp.Diff([]int{1, 4, 5, 6}, lines); diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(catalog.DefaultFile())
	f.Add([]byte(onePlan))
	f.Add([]byte("plans: [{id: a, prices: *x}]"))
	f.Add(fullFile)
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := catalog.Parse(file)
		if err != nil {
			return
		}
		keys := map[string]bool{}
		for _, plan := range c.Plans {
			for _, price := range plan.Prices {
				if price.Key == "" || keys[price.Key] || price.Amount.Minor < 0 || price.IntervalCount < 1 {
					t.Fatalf("accepted price %+v of %q", price, file)
				}
				keys[price.Key] = true
				if err := sound(price); err != nil {
					t.Fatalf("accepted price %+v of %q: %s", price, file, err)
				}
			}
		}
	})
}

// sound says what Stripe would not take of a price.
func sound(p billing.Price) error {
	switch {
	case (p.Tiering == "") != (len(p.Tiers) == 0):
		return errors.New("tiers without a way to apply them")
	case p.Package > 0 && len(p.Tiers) > 0:
		return errors.New("a package with tiers")
	case p.Pico < 0 || p.Pico >= 1e12:
		return errors.New("parts of a cent that are more than a cent")
	case len(p.Tiers) > 0 && p.Tiers[len(p.Tiers)-1].UpTo != 0:
		return errors.New("tiers that end")
	}
	if again, err := billing.ParseRate(p.Rate().String()); err != nil || again != p.Rate() {
		return errors.New("its amount is written as it is not read")
	}
	return nil
}

// plainly compares catalogues without their index.
var plainly = cmpopts.IgnoreUnexported(billing.Catalog{})
