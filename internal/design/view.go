package design

import (
	"context"
	"io"
	"strconv"

	"github.com/a-h/templ"
)

// Page is what Layout needs to know about a page.
type Page struct {
	Title string // in the browser's tab and history
	Brand string // the name at the top left; empty leaves the top bar out
	Home  string // where the brand links to; empty: nowhere
	Nav   []Link
	Chip  string          // a word beside the brand, such as "Test mode"
	End   templ.Component // the right end of the top bar: who is signed in, the time
	Width Width
	// Language is that of the page's text, as BCP 47 names it; "" is English. Skip is the text of the link past the top bar in it.
	Language, Skip string
	// Script is the path of a script of the page's own site, which ServeScripted lets run; empty is none.
	Script string
	// RefreshSeconds reloads the page by itself; 0 never.
	RefreshSeconds int
}

// Width is how wide the column of a page is.
type Width string

// The widths: a form alone, text and lists, tables side by side.
const (
	Wide    Width = ""
	Regular Width = "main-regular"
	Narrow  Width = "main-narrow"
)

// Link is a link in the top bar.
type Link struct {
	Text, Href string
	Current    bool
}

// Shot is one page in one state, for the gallery. Name is a path without
// extension, such as "checkout/declined".
type Shot struct {
	Name      string
	Component templ.Component
}

// Tone is what a badge or notice says before it is read.
type Tone string

// The tones.
const (
	Plain Tone = ""
	Good  Tone = "good"
	Warn  Tone = "warn"
	Bad   Tone = "bad"
	Note  Tone = "note"
)

// ButtonStyle is how much a button asks to be pressed. One Primary per page.
type ButtonStyle string

// The button styles.
const (
	Secondary ButtonStyle = ""
	Primary   ButtonStyle = "button-primary"
	Danger    ButtonStyle = "button-danger"
	Quiet     ButtonStyle = "button-quiet"
)

// Button is a submit button, or with Href a link that looks like one.
type Button struct {
	Text        string
	Style       ButtonStyle
	Href        string
	Name, Value string
	Icon        string // a name of Icon, before the text
	Large, Wide bool
	Disabled    bool
	// SkipCheck lets the button submit a form that the browser finds incomplete.
	SkipCheck bool
	// About completes the text for readers who hear the button out of its
	// context: "Remove" about "Visa ending in 4242".
	About string
}

// Render implements templ.Component.
func (b Button) Render(ctx context.Context, w io.Writer) error { return button(b).Render(ctx, w) }

func (b Button) class() string {
	class := "button"
	if b.Style != "" {
		class += " " + string(b.Style)
	}
	if b.Wide {
		class += " button-wide"
	}
	if b.Large {
		class += " button-large"
	}
	return class
}

// Action is a form of its own that holds nothing but a button: every change
// is a POST, also one that takes a single press.
type Action struct {
	Path   string
	Button Button
	Hidden []Hidden
}

// Hidden is a value a form carries unseen.
type Hidden struct{ Name, Value string }

// Render implements templ.Component.
func (a Action) Render(ctx context.Context, w io.Writer) error { return action(a).Render(ctx, w) }

// Field is a labelled input. With Options it is a select, with Rows > 0 a text area.
type Field struct {
	Name, Label, Value string
	Type               string // of the input; empty means text
	Placeholder        string
	Hint               string // what to enter, said before an error can happen
	Error              string // what was wrong with Value; shown in place of Hint
	Autocomplete       string
	InputMode          string
	MaxLength          int
	Rows               int
	Options            []Option
	Required           bool
	Autofocus          bool
	HideLabel          bool // keeps the label for screen readers only
	ID                 string
}

// Option is one choice of a select.
type Option struct{ Value, Text string }

// Render implements templ.Component.
func (f Field) Render(ctx context.Context, w io.Writer) error { return field(f).Render(ctx, w) }

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return "f-" + f.Name
}

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) describedBy() string {
	switch {
	case f.Error != "":
		return f.id() + "-error"
	case f.Hint != "":
		return f.id() + "-hint"
	}
	return ""
}

// Table is rows under columns. On a phone each row becomes a small list.
type Table struct {
	Columns []Column
	Rows    []Row
	Caption string // for screen readers
	// Nothing is shown when there is no row.
	Nothing string
}

// Column is the head of a column; Num puts it to the right.
type Column struct {
	Title string
	Num   bool
}

// Row is one row: a cell for each column.
type Row []templ.Component

// Render implements templ.Component.
func (t Table) Render(ctx context.Context, w io.Writer) error { return table(t).Render(ctx, w) }

func (t Table) column(i int) Column {
	if i < len(t.Columns) {
		return t.Columns[i]
	}
	return Column{}
}

// Definitions is a list of terms and what they are.
type Definitions []Definition

// Definition is one term and its value.
type Definition struct {
	Term  string
	Value templ.Component
}

// Render implements templ.Component.
func (d Definitions) Render(ctx context.Context, w io.Writer) error {
	return definitions(d).Render(ctx, w)
}

// attributes are those that all kinds of input share.
func (f Field) attributes() templ.Attributes {
	a := templ.Attributes{"name": f.Name, "class": "input"}
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("placeholder", f.Placeholder)
	set("autocomplete", f.Autocomplete)
	set("inputmode", f.InputMode)
	set("aria-describedby", f.describedBy())
	if f.MaxLength > 0 {
		a["maxlength"] = strconv.Itoa(f.MaxLength)
	}
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	a["required"] = f.Required
	a["autofocus"] = f.Autofocus
	return a
}
