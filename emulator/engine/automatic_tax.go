package engine

// AutomaticTaxParam turns automatic tax on or off. Only off is served: Stripe computes such tax by rules of its own.
type AutomaticTaxParam struct {
	Enabled Opt[bool] `form:"enabled"`
}

// check refuses what would compute tax. param is automatic_tax, by the name it has there.
func (p AutomaticTaxParam) check(param string) error {
	if p.Enabled.Or(false) {
		return unsupported(param+"[enabled]", "true")
	}
	return nil
}
