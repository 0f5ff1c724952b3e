package engine

// InvoiceTemplate is how a merchant wants invoices to look. Stripe's Dashboard makes them; here CreateInvoiceTemplate stands for it.
type InvoiceTemplate struct {
	ID       string
	Created  int64
	Nickname string
	Status   string // active or archived
	Version  int64
}

// The statuses of templates.
const (
	TemplateActive   = "active"
	TemplateArchived = "archived"
)

// templateTables hold invoice rendering templates.
type templateTables struct {
	templates *table[InvoiceTemplate]
}

func (ts *templateTables) open() []anyTable {
	ts.templates = newTable("invoice_rendering_template", func(o *InvoiceTemplate) string { return o.ID })
	return []anyTable{ts.templates}
}

// CreateInvoiceTemplate is the emulator's own command.
type CreateInvoiceTemplate struct {
	Nickname string `form:"nickname"`
}

func (c CreateInvoiceTemplate) apply(t *tx) (Result, error) {
	made := &InvoiceTemplate{ID: t.long("inrtem_"), Created: t.now, Nickname: c.Nickname, Status: TemplateActive, Version: 1}
	put(t, made)
	return made, nil
}

// ArchiveInvoiceTemplate is POST /v1/invoice_rendering_templates/{template}/archive: no new invoice can take it.
type ArchiveInvoiceTemplate struct {
	ID string `form:"-"`
}

func (c ArchiveInvoiceTemplate) apply(t *tx) (Result, error) {
	return t.turnTemplate(c.ID, TemplateArchived)
}

// UnarchiveInvoiceTemplate is POST /v1/invoice_rendering_templates/{template}/unarchive.
type UnarchiveInvoiceTemplate struct {
	ID string `form:"-"`
}

func (c UnarchiveInvoiceTemplate) apply(t *tx) (Result, error) {
	return t.turnTemplate(c.ID, TemplateActive)
}

func (t *tx) turnTemplate(id, status string) (Result, error) {
	before, ok := Get[InvoiceTemplate](t.world, id)
	if !ok {
		return nil, NotFound("invoice rendering template", id, "template")
	}
	if before.Status == status {
		return nil, invalid("", "", "The invoice rendering template %s is already %s.", id, status)
	}
	after := *before
	after.Status = status
	put(t, &after)
	return &after, nil
}

// ListInvoiceTemplates is GET /v1/invoice_rendering_templates.
type ListInvoiceTemplates struct {
	Page
	Status Opt[string] `form:"status"`
}

func (q ListInvoiceTemplates) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[InvoiceTemplate]{
		cursorName: "invoice rendering template", keep: func(o *InvoiceTemplate) bool { return q.Status.Or(o.Status) == o.Status },
	})
}

// template finds the template that an invoice shall follow, and the version of it.
func (p RenderingParams) template(t *tx, look *InvoiceRendering) error {
	if p.Template.Cleared() {
		look.Template, look.TemplateVersion = "", 0
		return nil
	}
	if id, ok := p.Template.Get(); ok {
		found, known := Get[InvoiceTemplate](t.world, id)
		if !known {
			return noSuchParam("invoice rendering template", id, "rendering[template]")
		}
		if found.Status != TemplateActive {
			return invalid("rendering[template]", "", "The invoice rendering template %s is archived.", id)
		}
		look.Template, look.TemplateVersion = id, found.Version
	}
	if version, ok := p.TemplateVersion.Get(); ok {
		found, known := Get[InvoiceTemplate](t.world, look.Template)
		if !known || version < 1 || version > found.Version {
			return invalid("rendering[template_version]", "", "There is no version %d of this invoice rendering template.", version)
		}
		look.TemplateVersion = version
	}
	return nil
}

var _ = register(CreateInvoiceTemplate{}, ArchiveInvoiceTemplate{}, UnarchiveInvoiceTemplate{})
