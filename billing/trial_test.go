package billing_test

import (
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
)

// trying is a trial of the shop's monthly price until 28 February.
func trying(change ...func(*billing.Subscription)) billing.Subscription {
	return sub("t", "monthly", billing.Trialing, append([]func(*billing.Subscription){func(s *billing.Subscription) { s.TrialEnd = feb28 }}, change...)...)
}

func TestAPriceIsTriedByWhoHasNeitherTriedNorPaid(t *testing.T) {
	t.Parallel()
	price := billing.Price{Key: "monthly", Trial: billing.TrialTerms{Days: 14}}
	for _, c := range []struct {
		name  string
		state billing.State
		want  int
	}{
		{"nobody yet", known(), 14},
		{"who is on the free plan", known(sub("f", "starter", billing.Active)), 14},
		{"who is trying", known(trying()), 0},
		{"who has tried", known(trying(is(billing.Canceled))), 0},
		{"who pays", known(sub("s", "monthly", billing.Active)), 0},
		{"who never paid a first invoice", known(sub("s", "monthly", billing.Incomplete)), 14},
	} {
		if got := shop.Trial(c.state, price).Days; got != c.want {
			t.Errorf("%s: %d days, want %d", c.name, got, c.want)
		}
	}
}

func TestATrialThatEndsIsToldOfThreeDaysAhead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		sub  billing.Subscription
		at   time.Time
		want int
	}{
		{"four days ahead", trying(), feb28.Add(-96 * time.Hour), 0},
		{"three days ahead", trying(), feb28.Add(-72 * time.Hour), 1},
		{"an hour ahead", trying(), feb28.Add(-time.Hour), 1},
		{"at its end", trying(), feb28, 0},
		{"cancelled", trying(ending), feb28.Add(-time.Hour), 0},
		{"paid for already", trying(is(billing.Active)), feb28.Add(-time.Hour), 0},
	} {
		news := shop.TrialNews(known(c.sub), c.at)
		if len(news) != c.want || len(news) == 1 && (news[0].Name != billing.TrialEndingMail || news[0].Price != "monthly") {
			t.Errorf("%s: %+v, want %d mails", c.name, news, c.want)
		}
	}
}
