package engine

// couponExpired answers the use of a coupon that cannot be redeemed any more.
func couponExpired(c *Coupon, param string) *Error {
	return invalid(param, "coupon_expired", "Coupon expired: %s", c.ID)
}
