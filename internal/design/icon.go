package design

import (
	"context"
	"html"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// icons are drawn on a 24 by 24 grid with a stroke of 2, round ends.
var icons = map[string]string{
	"alert":    `<circle cx="12" cy="12" r="9"/><path d="M12 8v4.5M12 16h.01"/>`,
	"info":     `<circle cx="12" cy="12" r="9"/><path d="M12 11.5V16M12 8h.01"/>`,
	"check":    `<path d="M20 6.5 9.5 17 4 11.5"/>`,
	"good":     `<circle cx="12" cy="12" r="9"/><path d="m8.5 12.2 2.4 2.4 4.6-5"/>`,
	"warn":     `<path d="M12 4 2.8 19.5h18.4zM12 10.5v4M12 17h.01"/>`,
	"close":    `<path d="M18 6 6 18M6 6l12 12"/>`,
	"back":     `<path d="M19 12H5M11 18l-6-6 6-6"/>`,
	"forward":  `<path d="M5 12h14M13 6l6 6-6 6"/>`,
	"external": `<path d="M14 5h5v5M19 5l-8 8M17 14v5H5V7h5"/>`,
	"clock":    `<circle cx="12" cy="12" r="9"/><path d="M12 7v5.2l3.2 2"/>`,
	"card":     `<rect x="3" y="5.5" width="18" height="13" rx="2"/><path d="M3 10h18M7 15h3"/>`,
	"lock":     `<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`,
	"shield":   `<path d="M12 3.5 5 6v5.5c0 4.2 2.9 7.6 7 9 4.1-1.4 7-4.8 7-9V6z"/>`,
	"invoice":  `<path d="M6 3.5h12V21l-3-2-3 2-3-2-3 2zM9.5 8.5h5M9.5 12.5h5"/>`,
	"plus":     `<path d="M12 5v14M5 12h14"/>`,
	"user":     `<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5a7.5 7.5 0 0 1 15 0"/>`,
	"mail":     `<rect x="3" y="5.5" width="18" height="13" rx="2"/><path d="m3.5 7.5 8.5 6 8.5-6"/>`,
	"download": `<path d="M12 4v11M7 10.5l5 5 5-5M5 20h14"/>`,
}

// Icon draws one of the small line icons: alert, info, check, good, warn, close,
// back, forward, external, clock, card, lock, shield, invoice, plus, user, mail,
// download. It is hidden from screen readers; the words beside it speak.
func Icon(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<svg width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" `+
			`stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">`+icons[name]+`</svg>`)
		return err
	})
}

func noticeIcon(tone Tone) string {
	switch tone {
	case Good:
		return "good"
	case Warn:
		return "warn"
	case Bad:
		return "alert"
	}
	return "info"
}

// cardMarks are how the card networks are told apart at a glance: ground, ink, name.
var cardMarks = map[string]struct{ ground, ink, name, word string }{
	"visa":       {"#1a1f71", "#ffffff", "Visa", "VISA"},
	"mastercard": {"#2b2b2f", "#ffffff", "Mastercard", ""},
	"amex":       {"#016fd0", "#ffffff", "American Express", "AMEX"},
	"discover":   {"#ffffff", "#c44f00", "Discover", "DISC"},
	"diners":     {"#0b4f8a", "#ffffff", "Diners Club", "DINE"},
	"jcb":        {"#0f7a3c", "#ffffff", "JCB", "JCB"},
	"unionpay":   {"#9c1d26", "#ffffff", "UnionPay", "UPAY"},
}

// CardMark draws the mark of a card network, by Stripe's word for the brand.
func CardMark(brand string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		m, ok := cardMarks[brand]
		if !ok {
			m.ground, m.ink, m.name = "#5d6472", "#ffffff", CardName(brand)
		}
		ink := `<text x="17" y="15.2" text-anchor="middle" font-family="Arial, sans-serif" font-size="9" font-weight="700" fill="` + m.ink + `">` + m.word + `</text>`
		if brand == "mastercard" {
			ink = `<circle cx="13.6" cy="12" r="5.6" fill="#eb001b"/><circle cx="20.4" cy="12" r="5.6" fill="#f79e1b" fill-opacity="0.9"/>`
		}
		_, err := io.WriteString(w, `<svg width="34" height="24" viewBox="0 0 34 24" role="img" aria-label="`+html.EscapeString(m.name)+`">`+
			`<rect x="0.5" y="0.5" width="33" height="23" rx="4" fill="`+m.ground+`" stroke="#000" stroke-opacity="0.12"/>`+ink+`</svg>`)
		return err
	})
}

// CardName is the network's own spelling of its name, by Stripe's word for the brand.
func CardName(brand string) string {
	if m, ok := cardMarks[brand]; ok {
		return m.name
	}
	return "Card"
}

func initial(name string) string {
	for _, r := range strings.TrimSpace(name) {
		return strings.ToUpper(string(r))
	}
	return "•"
}
