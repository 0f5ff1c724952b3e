package wire

import (
	"net/http"

	"github.com/dues-billing/dues/emulator/engine"
)

var templateRoutes = []*route{
	list("/v1/invoice_rendering_templates", engine.ListInvoiceTemplates{}),
	retrieve[engine.InvoiceTemplate]("/v1/invoice_rendering_templates/{template}", "invoice rendering template", "template"),
	post("/v1/invoice_rendering_templates/{template}/archive", "ArchiveInvoiceTemplate"),
	post("/v1/invoice_rendering_templates/{template}/unarchive", "UnarchiveInvoiceTemplate"),
}

func (v *view) invoiceTemplate(o *engine.InvoiceTemplate) object {
	return object{
		"id": o.ID, "object": "invoice_rendering_template", "created": o.Created, "livemode": false, "metadata": metadata(nil),
		"nickname": orNull(o.Nickname), "status": o.Status, "version": o.Version,
	}
}

// controlTemplate makes a template, as Stripe's Dashboard would.
func controlTemplate(a *account, r *http.Request) (any, error) {
	form, refused := readForm(r)
	if refused != nil {
		return nil, refused
	}
	var cmd engine.CreateInvoiceTemplate
	if refused := decode(form, &cmd); refused != nil {
		return nil, refused
	}
	made, err := a.apply(&cmd, entry{})
	if err != nil {
		return nil, err
	}
	return a.view().render(made), nil
}
