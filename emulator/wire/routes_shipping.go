package wire

import "github.com/dues-billing/dues/emulator/engine"

// shippingRoutes serve what it costs to send something.
var shippingRoutes = []*route{
	post("/v1/shipping_rates", "CreateShippingRate"),
	list("/v1/shipping_rates", engine.ListShippingRates{}),
	retrieve[engine.ShippingRate]("/v1/shipping_rates/{shipping_rate_token}", "shipping rate", "shipping_rate_token"),
	post("/v1/shipping_rates/{shipping_rate_token}", "UpdateShippingRate"),
}

func shippingRate(r *engine.ShippingRate) object {
	var estimate any
	if r.Minimum != nil || r.Maximum != nil {
		estimate = object{"maximum": shippingBound(r.Maximum), "minimum": shippingBound(r.Minimum)}
	}
	return object{
		"id": r.ID, "object": "shipping_rate", "active": r.Active, "created": r.Created, "delivery_estimate": estimate, "display_name": r.DisplayName,
		"fixed_amount": object{"amount": r.Amount, "currency": r.Currency}, "livemode": false, "metadata": metadata(r.Metadata),
		"tax_behavior": r.TaxBehavior, "tax_code": orNull(r.TaxCode), "type": "fixed_amount",
	}
}

func shippingBound(b *engine.ShippingBound) any {
	if b == nil {
		return nil
	}
	return object{"unit": b.Unit, "value": b.Value}
}
