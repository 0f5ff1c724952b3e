package pages

import (
	"bytes"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

// The page is US Letter, which is what the API's rendering.pdf.page_size says. All measures are points.
const (
	pdfMargin    = 54
	pdfWidth     = 612 - 2*pdfMargin
	pdfBottom    = 792 - 72 // below it stands the footer
	pdfLeading   = 14       // from one line of text to the next
	pdfFactName  = 80
	pdfSumName   = 220
	pdfSumAmount = 110
)

// pdfColumns are the columns of the lines: description, quantity, unit price, amount.
var pdfColumns = [...]struct {
	title string
	width int
	align string
}{{"Description", pdfWidth - 230, "L"}, {"Quantity", 55, "R"}, {"Unit price", 80, "R"}, {"Amount", 95, "R"}}

// invoicePDF answers with the invoice as a file. The same invoice gives the same bytes.
func (s *site) invoicePDF(w http.ResponseWriter, r *http.Request) error {
	return s.bill(w, r, func(eng *engine.World, inv *engine.Invoice) response {
		v := invoiceViewOf(eng, inv)
		return func(w http.ResponseWriter, _ *http.Request, _ World) error {
			body, err := pdfOf(v)
			if err != nil {
				return err
			}
			header := w.Header()
			header.Set("Content-Type", "application/pdf")
			header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "Invoice-" + v.Number + ".pdf"}))
			header.Set("Cache-Control", "no-store")
			header.Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(body) // a browser that went away
			return nil
		}
	})
}

// pdfOf draws what the hosted page shows of an invoice, or what a quote says.
func pdfOf(v invoiceView) ([]byte, error) {
	p := &sheet{Fpdf: fpdf.New("P", "pt", "Letter", "")}
	// Without fixed dates and an order, every drawing would be another file.
	p.SetCreationDate(v.Issued)
	p.SetModificationDate(v.Issued)
	p.SetCatalogSort(true)
	p.SetProducer("Dues emulator", true)
	p.SetTitle(drawable(v.Kind+" "+v.Number+" from "+v.Company), true)
	p.SetAuthor(drawable(v.Company), true)
	p.SetLang("en")
	p.AddUTF8FontFromBytes("go", "", goregular.TTF)
	p.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	p.SetMargins(pdfMargin, pdfMargin, pdfMargin)
	p.SetAutoPageBreak(false, 0)
	p.SetCellMargin(0)
	p.AliasNbPages("{pages}")
	p.SetFooterFunc(func() { p.foot(v) })
	p.AddPage()

	p.head(v)
	p.lines(v.Lines)
	p.sums(v.Sums)
	p.notes(v)

	var out bytes.Buffer
	err := p.Output(&out)
	return out.Bytes(), err
}

// sheet is a PDF that is drawn from the top down.
type sheet struct{ *fpdf.Fpdf }

func (p *sheet) font(style string, size int) {
	grey := 0
	if style == "muted" {
		style, grey = "", 100
	}
	p.SetFont("go", style, float64(size))
	p.SetTextColor(grey, grey, grey)
}

// row writes one line of text across the page, left and right.
func (p *sheet) row(height int, left, right string) {
	y := p.GetY()
	p.CellFormat(pdfWidth, float64(height), left, "", 0, "L", false, 0, "")
	p.SetXY(pdfMargin, y)
	p.CellFormat(pdfWidth, float64(height), right, "", 1, "R", false, 0, "")
}

// room begins a new page when a block of that height does not fit, and reports whether it did.
func (p *sheet) room(height int) bool {
	if p.GetY()+float64(height) <= pdfBottom {
		return false
	}
	p.AddPage()
	return true
}

func (p *sheet) head(v invoiceView) {
	p.font("B", 22)
	p.row(28, v.Kind, drawable(v.Company))
	p.Ln(14)
	for _, f := range append([]fact{{"Number", v.Number}}, v.Facts...) {
		p.font("muted", 10)
		top := p.GetY()
		p.CellFormat(pdfFactName, pdfLeading, f.Name, "", 0, "L", false, 0, "")
		p.font("", 10)
		p.SetXY(pdfMargin+pdfFactName, top)
		p.paragraph(f.Value, pdfWidth-pdfFactName)
	}
	p.Ln(18)
	p.font("B", 16)
	p.row(22, strings.TrimSuffix(drawable(v.Summary.Headline+"  "+v.Summary.Note), "  "), "")
	if v.URL == "" {
		p.Ln(18)
		return
	}
	p.font("", 10)
	p.SetTextColor(26, 86, 190)
	text := "View this invoice online"
	if v.Payable {
		text = "Pay online"
	}
	p.CellFormat(pdfWidth, pdfLeading, text, "", 1, "L", false, 0, v.URL)
	p.Ln(18)
}

// paragraph writes text that may need several lines, in a column that begins where the pen is.
func (p *sheet) paragraph(text string, width int) {
	x := p.GetX()
	for _, line := range p.SplitText(drawable(text), float64(width)) {
		p.room(pdfLeading)
		p.SetX(x)
		p.CellFormat(float64(width), pdfLeading, line, "", 1, "L", false, 0, "")
	}
}

func (p *sheet) lines(lines []invoiceLine) {
	p.titles()
	for _, l := range lines {
		p.font("", 10)
		text := p.SplitText(drawable(l.Text), float64(pdfColumns[0].width-10))
		height := pdfLeading*len(text) + 10
		if l.Period != "" {
			height += pdfLeading
		}
		if p.room(height) {
			p.titles()
			p.font("", 10)
		}
		p.Ln(5)
		for i, line := range text {
			if i > 0 {
				p.cells(line)
				continue
			}
			p.cells(line, l.Quantity, l.Unit, design.FormatMoney(l.Amount))
		}
		if l.Period != "" {
			p.font("muted", 9)
			p.cells(l.Period)
		}
		p.Ln(5)
		p.rule(225)
	}
	p.Ln(10)
}

// titles writes the head of the table.
func (p *sheet) titles() {
	p.font("muted", 9)
	p.cells(pdfColumns[0].title, pdfColumns[1].title, pdfColumns[2].title, pdfColumns[3].title)
	p.Ln(3)
	p.rule(120)
}

// cells writes one line of the table from the left.
func (p *sheet) cells(texts ...string) {
	for i, text := range texts {
		c := pdfColumns[i]
		p.CellFormat(float64(c.width), pdfLeading, text, "", 0, c.align, false, 0, "")
	}
	p.Ln(pdfLeading)
}

func (p *sheet) rule(grey int) {
	p.SetDrawColor(grey, grey, grey)
	p.SetLineWidth(0.5)
	p.Line(pdfMargin, p.GetY(), pdfMargin+pdfWidth, p.GetY())
}

func (p *sheet) sums(sums []summarySum) {
	p.room(20 * len(sums))
	for _, s := range sums {
		p.font("", 10)
		if s.Strong {
			p.font("B", 11)
		}
		p.SetX(pdfMargin + pdfWidth - pdfSumName - pdfSumAmount)
		p.CellFormat(pdfSumName, 18, p.oneLine(s.Name, pdfSumName-8), "", 0, "L", false, 0, "")
		p.CellFormat(pdfSumAmount, 18, design.FormatMoney(s.Amount), "", 1, "R", false, 0, "")
	}
	p.Ln(18)
}

// oneLine is as much of a text as a width has room for.
func (p *sheet) oneLine(text string, width int) string {
	lines := p.SplitText(drawable(text), float64(width))
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

// notes are the texts at the end: what became of the invoice, and what the seller wants to say.
func (p *sheet) notes(v invoiceView) {
	p.font("", 10)
	for _, text := range append([]string{v.Settled}, append(v.Appendix, v.Footer)...) {
		if text != "" {
			p.paragraph(text, pdfWidth)
			p.Ln(4)
		}
	}
}

// foot is the end of every page.
func (p *sheet) foot(v invoiceView) {
	p.SetY(-pdfMargin)
	p.rule(225)
	p.Ln(6)
	p.font("muted", 8)
	p.row(12, "Page "+strconv.Itoa(p.PageNo())+" of {pages}", drawable(v.Number+"  ·  Test mode: no money moves"))
}

// drawable leaves out what the library cannot draw: it panics on characters above U+FFFF, such as most emoji. Characters that the font
// lacks (Chinese, Arabic) become empty boxes.
func drawable(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, text)
}
