package wire

import "github.com/dues-billing/dues/emulator/engine"

var creditNoteRoutes = []*route{
	post("/v1/credit_notes", "CreateCreditNote"),
	list("/v1/credit_notes", engine.ListCreditNotes{}),
	{method: "GET", path: "/v1/credit_notes/preview", command: "PreviewCreditNote"},
	list("/v1/credit_notes/preview/lines", engine.PreviewCreditNoteLines{}),
	retrieve[engine.CreditNote]("/v1/credit_notes/{id}", "credit_note", "id"),
	post("/v1/credit_notes/{id}", "UpdateCreditNote"),
	post("/v1/credit_notes/{id}/void", "VoidCreditNote"),
	list("/v1/credit_notes/{credit_note}/lines", engine.ListCreditNoteLines{}),
}
