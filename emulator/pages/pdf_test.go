package pages

import (
	"bytes"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

func TestAnInvoiceIsAlsoAFile(t *testing.T) {
	t.Parallel()
	s, inv := late(t)
	path := invoicePath(s.eng.AccountID(), inv.HostedToken)
	s.get(path).says(http.StatusOK, "Download PDF")
	first := s.get(path + "/pdf")
	if first.status != http.StatusOK || first.header.Get("Content-Type") != "application/pdf" {
		t.Fatalf("got %d %s", first.status, first.header.Get("Content-Type"))
	}
	if got, want := first.header.Get("Content-Disposition"), "attachment; filename=Invoice-"+inv.Number+".pdf"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	soundPDF(t, []byte(first.html), 1)
	for range 3 {
		if again := s.get(path + "/pdf"); again.html != first.html {
			t.Fatal("the same invoice gave another file")
		}
	}
	s.post(path, card("4242424242424242")...).leads(path)
	if s.get(path+"/pdf").html == first.html {
		t.Error("the file of the paid invoice still says that it is open")
	}
}

func TestADraftHasNoFile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cus := do[engine.Customer](b, &engine.CreateCustomer{})
	draft := do[engine.Invoice](b, &engine.CreateInvoice{Customer: engine.Some(cus.ID)})
	for _, token := range []string{draft.ID, "unknown"} {
		b.get(invoicePath(b.eng.AccountID(), token) + "/pdf").says(http.StatusNotFound)
	}
}

func TestAnyTextCanBeDrawn(t *testing.T) {
	t.Parallel()
	v := invoiceView{Path: "/i/a/b", URL: "http://127.0.0.1/i/a/b", Company: "Łódź 🚀 GmbH", Number: "Ü-1", Issued: time.Unix(1_800_000_000, 0), Footer: strings.Repeat("word ", 400)}
	v.Facts = []fact{{"Billed to", "李小龍, שלום, \x00\n\ttabs"}}
	for i := range 60 {
		v.Lines = append(v.Lines, invoiceLine{Text: strings.Repeat("unbrokenandlong", i) + " 🚀", Quantity: "1", Amount: eur(int64(i))})
	}
	body, err := pdfOf(v)
	if err != nil {
		t.Fatal(err)
	}
	soundPDF(t, body, 10)
}

// soundPDF checks the bones of a PDF: its head, its end, its number of pages, and that the table of objects stands where the end says.
func soundPDF(t *testing.T, body []byte, pagesMin int) {
	t.Helper()
	if !bytes.HasPrefix(body, []byte("%PDF-1.")) || !bytes.HasSuffix(body, []byte("%%EOF\n")) {
		t.Fatalf("no PDF: %.40q", body)
	}
	at := regexp.MustCompile(`startxref\n(\d+)\n`).FindSubmatch(body)
	if at == nil {
		t.Fatal("no table of objects")
	}
	if n, err := strconv.Atoi(string(at[1])); err != nil || !bytes.HasPrefix(body[n:], []byte("xref\n")) {
		t.Errorf("the table of objects is not at %s", at[1])
	}
	if got := bytes.Count(body, []byte("<</Type /Page\n")); got < pagesMin {
		t.Errorf("got %d pages, want at least %d", got, pagesMin)
	}
}
