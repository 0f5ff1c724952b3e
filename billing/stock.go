package billing

// Stock is what a provider has to sell: the catalogue as it stands there, and whatever else is there.
type Stock struct {
	Meters   []StockMeter
	Products []StockProduct
	Prices   []StockPrice
	Coupons  []StockCoupon
	Codes    []StockCode
}

// StockMeter counts usage at the provider.
type StockMeter struct {
	ID     string
	Name   string
	Active bool
	Meter
}

// StockProduct is a plan or an add-on at the provider.
type StockProduct struct {
	ID          ProductID
	Ours        bool // made or taken over by Dues
	Active      bool
	Name        string
	Description string
	Unit        string
	TaxCode     string
}

// StockPrice is a price at the provider. Its Kind is never PerSeat, for there a flat price and one for each seat are the same, and its
// Feature is not known: Event is.
type StockPrice struct {
	ID      PriceID
	Product ProductID
	Active  bool
	Event   string // Metered: of its meter
	Price
}

// StockCoupon is a coupon at the provider. Products stand for its Plans.
type StockCoupon struct {
	ID       string
	Ours     bool
	Valid    bool // false: expired or used up
	Products []ProductID
	Coupon
}

// StockCode is a promotion code at the provider.
type StockCode struct {
	ID     string
	Coupon string // the provider's id
	Active bool
	PromotionCode
}

// StockKind is what a StockChange is about, in the order in which changes are made: a price needs its meter and its product.
type StockKind string

// The kinds.
const (
	MeterStock   StockKind = "meter"
	ProductStock StockKind = "product"
	PriceStock   StockKind = "price"
	CouponStock  StockKind = "coupon"
	CodeStock    StockKind = "promotion code"
)

// StockAction is what is done about a difference.
type StockAction string

// The actions. Nothing can be done about a refused one: its Refusal says why and what to do instead.
const (
	CreateStock  StockAction = "create"
	UpdateStock  StockAction = "update"
	ArchiveStock StockAction = "archive"
	RestoreStock StockAction = "restore" // of what is archived there
	DeleteStock  StockAction = "delete"
	RefuseStock  StockAction = "refuse"
)

// StockChange is one difference between a catalogue and a Stock. Of Meter, Product, Price, Coupon and Code that of its kind holds what the
// catalogue wants; the Currencies of a price that is updated are those to be added.
type StockChange struct {
	Action  StockAction
	Kind    StockKind
	Name    string // the catalogue's
	ID      string // the provider's, "" of what is to be created
	Fields  []StockField
	Refusal string

	Meter   StockMeter
	Product StockProduct
	Price   StockPrice
	Coupon  StockCoupon
	Code    StockCode
}

// StockField is what differs in one field.
type StockField struct {
	Name       string
	AtProvider string
	Wanted     string
}

// productPrefix is before the catalogue's ids in the ids of products and coupons, so that two processes that make them at once make one.
const productPrefix = "dues_"

// ProductID is the id that the plan's product has at the provider.
func (p Plan) ProductID() ProductID { return productID(p.Product, string(p.ID)) }

// ProductID is the id that the add-on's product has at the provider.
func (a AddOn) ProductID() ProductID { return productID(a.Product, string(a.ID)) }

func productID(given ProductID, id string) ProductID {
	if given != "" {
		return given
	}
	return ProductID(productPrefix + id)
}

// StockID is the id that the coupon has at the provider.
func (c Coupon) StockID() string { return productPrefix + string(c.ID) }
