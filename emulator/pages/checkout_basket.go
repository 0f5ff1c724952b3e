package pages

import (
	"net/http"
	"strconv"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

// What may be changed of an order before it is paid: quantities, optional items and a promotion code.

// basketView is what the summary of an open session lets its reader change.
type basketView struct {
	Path   string // where the forms go
	Code   design.Field
	Given  string // the code that was taken
	Offers []basketOffer
}

// basketOffer is an optional item that can be added.
type basketOffer struct{ Item, Name, Detail string }

// basketLine changes one line of the order.
type basketLine struct {
	Path, Item string
	Quantity   design.Field // no name when it cannot be chosen
	Removable  bool
}

func basketPath(session string) string { return checkoutPath(session) + "/basket" }

// basketOf is what can be changed of a session; nil is nothing.
func basketOf(w *engine.World, s *engine.CheckoutSession, typed string, wrong problems) *basketView {
	v := basketView{Path: basketPath(s.ID)}
	if s.AllowPromotionCodes != nil && *s.AllowPromotionCodes {
		v.Code = design.Field{
			Name: "promotionCode", ID: "promotionCode", Label: "Promotion code", Placeholder: "Add promotion code", HideLabel: true, MaxLength: 500,
			Value: typed, Error: wrong["promotionCode"],
		}
		for _, d := range s.Discounts {
			if code, ok := engine.Get[engine.PromotionCode](w, d.PromotionCode); ok {
				v.Given = code.Code
			}
		}
	}
	for _, item := range s.Offers() {
		price, ok := engine.Get[engine.Price](w, item.Price)
		if !ok {
			continue
		}
		v.Offers = append(v.Offers, basketOffer{Item: item.Price, Name: productName(w, price), Detail: priceText(price, item.Quantity)})
	}
	if v.Code.Name == "" && len(v.Offers) == 0 {
		return nil
	}
	return &v
}

// basketLineOf is what can be changed of a line; nil is nothing.
func basketLineOf(s *engine.CheckoutSession, line *engine.CheckoutLine) *basketLine {
	if line.Adjustable == nil && !line.Optional {
		return nil
	}
	out := &basketLine{Path: basketPath(s.ID), Item: line.ID, Removable: line.Optional}
	if a := line.Adjustable; a != nil {
		least, most := a.Bounds()
		out.Quantity = design.Field{
			Name: "quantity", ID: "quantity-" + line.ID, Label: "Quantity of " + line.Description, Value: strconv.FormatInt(line.Quantity, 10),
			Type: "number", HideLabel: true, Hint: "Between " + strconv.FormatInt(least, 10) + " and " + strconv.FormatInt(most, 10),
		}
	}
	return out
}

// changeBasket changes the order and shows what it costs now.
func (s *site) changeBasket(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	world, ok := findObject[engine.CheckoutSession](s.host, id)
	if !ok {
		return missing(w, r, "checkout session")
	}
	if _, _, open := checkoutNow(world, id); !open {
		return s.leaveCheckout(w, r, world)
	}
	cmd := &engine.ChangeCheckout{Session: id, Item: r.PostFormValue("item")}
	if r.PostForm.Has("promotionCode") {
		cmd.Code = engine.Clear[string]()
		if code := r.PostFormValue("promotionCode"); code != "" {
			cmd.Code = engine.Some(code)
		}
	}
	var err error
	if cmd.Item != "" {
		if cmd.Quantity, err = strconv.ParseInt(r.PostFormValue("quantity"), 10, 64); err != nil {
			return s.showCheckout(w, r, world, http.StatusUnprocessableEntity, cardForm{Problems: problems{generalProblem: "Enter a quantity."}})
		}
	}
	if _, err := world.Apply(cmd); err != nil {
		refused, err := refusal(err)
		if err != nil {
			return err
		}
		return s.showCheckout(w, r, world, refusalStatus(refused), cardForm{Problems: problemsOf(refused)})
	}
	return move(w, r, checkoutPath(id))
}
