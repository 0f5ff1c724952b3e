package adminui

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

// groupRows are what the account is on beside the default group.
func (k facts) groupRows() (rows []design.Row) {
	for _, a := range k.Status.Others {
		plan := design.Muted("none")
		if a.Price != "" {
			plan = design.Text(k.Price(a.Price))
		} else if a.PlanName != "" {
			plan = design.Text(a.PlanName)
		}
		rows = append(rows, design.Row{design.Text(string(a.Group)), plan, design.Status(string(a.Level)), statusOrNone(a.Status), when(a.PeriodEnd), design.Text(a.Why)})
	}
	return rows
}

// addOnsText names what is bought beside the plans.
func (k facts) addOnsText() templ.Component {
	var all []string
	for _, a := range k.Status.Accesses() {
		for _, addOn := range a.AddOns {
			text := k.Price(addOn.Price)
			if addOn.Quantity > 1 {
				text = strconv.FormatInt(addOn.Quantity, 10) + " × " + text
			}
			all = append(all, text)
		}
	}
	if len(all) == 0 {
		return design.Muted("none")
	}
	return design.Text(strings.Join(all, "; "))
}

func seatsTitle(s service.Seats) string {
	held := 0
	for _, seat := range s.Seats {
		if seat.Held {
			held++
		}
	}
	return "Seats: " + strconv.Itoa(held) + " of " + strconv.FormatInt(s.Total, 10) + " taken"
}

func (k facts) seatRows() (rows []design.Row) {
	for _, s := range k.Seats.Seats {
		state := design.Badge(design.Good, "Held")
		if !s.Held {
			state = design.Badge(design.Warn, "Not paid for")
		}
		rows = append(rows, design.Row{design.Text(s.Holder), state, when(s.AssignedAt)})
	}
	return rows
}

// oneOffRows are what is paid once. What a bank keeps ready can be captured, or let go.
func (k facts) oneOffRows(csrf string) (rows []design.Row) {
	for _, o := range k.OneOffs {
		what := o.Description
		if o.PriceKey != "" {
			what = k.Price(o.PriceKey)
		}
		do := templ.Component(templ.NopComponent)
		if o.Status == billing.PurchaseAuthorized && o.Captured.IsZero() {
			do = keptReady(csrf, k.Status.Account.ID, o)
		}
		rows = append(rows, design.Row{
			design.Text(what), design.Status(shownState(string(o.Status))), when(o.CreatedAt), when(o.DoneAt), design.Money(o.Amount), do,
		})
	}
	return rows
}

const purchaseField = "purchase"

// capture takes what a bank keeps ready, all of it.
func (a *admin) capture(w http.ResponseWriter, r *http.Request, _ frame) error {
	id := billing.AccountID(r.PathValue("id"))
	if _, err := a.service.Capture(r.Context(), id, billing.PurchaseID(r.PostFormValue(purchaseField)), 0); err != nil {
		return err
	}
	http.Redirect(w, r, accountPath(id)+"?captured", http.StatusSeeOther)
	return nil
}

// release lets go of it.
func (a *admin) release(w http.ResponseWriter, r *http.Request, _ frame) error {
	id := billing.AccountID(r.PathValue("id"))
	if _, err := a.service.CancelPurchase(r.Context(), id, billing.PurchaseID(r.PostFormValue(purchaseField))); err != nil {
		return err
	}
	http.Redirect(w, r, accountPath(id)+"?released", http.StatusSeeOther)
	return nil
}
