package inbox

import (
	"time"

	"github.com/dues-billing/dues/internal/design"
)

// Gallery returns each page in each state.
func Gallery() []design.Shot {
	receipt := Message{
		ID: 2, From: "Acme Billing <billing@acme.example>", To: []string{"ada@example.com"}, Subject: "Receipt for Premium",
		Date: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC), Text: "Thank you, Ada.\n\nPremium, monthly   $20.00\n",
		Headers: []Header{{"From", "Acme Billing <billing@acme.example>"}, {"To", "ada@example.com"}, {"Subject", "Receipt for Premium"}},
	}
	withHTML := receipt
	withHTML.HTML = "<p>Thank you, Ada.</p>"
	broken := Message{ID: 1, To: []string{"ada@example.com"}, Text: "no head at all", Problem: "the head of the message cannot be read: EOF"}
	return []design.Shot{
		{Name: "inbox/empty", Component: listPage(nil)},
		{Name: "inbox/list", Component: listPage([]Message{receipt, broken})},
		{Name: "inbox/text", Component: messagePage(receipt, "")},
		{Name: "inbox/html", Component: messagePage(withHTML, "data:text/html,"+withHTML.HTML)},
		{Name: "inbox/broken", Component: messagePage(broken, "")},
		{Name: "inbox/missing", Component: missingPage()},
	}
}
