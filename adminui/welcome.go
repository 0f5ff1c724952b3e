package adminui

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/qr"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/operator"
)

// welcomeView is where somebody who was added chooses his password and reads the secret of his codes.
type welcomeView struct {
	Brand    string
	Link     string
	Operator operator.Operator
	Picture  picture
	Fault    string // of the password
	Code     string // what is wrong with it
}

func (a *admin) welcome(w http.ResponseWriter, r *http.Request) {
	a.showWelcome(w, r, http.StatusOK, welcomeView{})
}

func (a *admin) showWelcome(w http.ResponseWriter, r *http.Request, status int, v welcomeView) {
	who, err := a.gate.operators.Link(r.Context(), r.PathValue("link"))
	if billing.CodeOf(err) == billing.NotFound {
		a.serve(w, r, http.StatusNotFound, linkGonePage(a.brand))
		return
	}
	if err == nil {
		v.Picture, err = pictureOf(operator.SecretURI(who.Secret, a.brand, who.Email))
	}
	if err != nil {
		a.failOutside(w, r, err)
		return
	}
	v.Brand, v.Link, v.Operator = a.brand, r.PathValue("link"), who
	w.Header().Set("Cache-Control", "no-store")
	a.serve(w, r, status, welcomePage(v))
}

// settle takes the password and the first code.
func (a *admin) settle(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, signInBytesMax)
	if !a.gate.mayTry() {
		a.showWelcome(w, r, http.StatusTooManyRequests, welcomeView{Fault: "Too many tries. Wait a few seconds."})
		return
	}
	token, who, err := a.gate.operators.Welcome(r.Context(), r.PathValue("link"), r.PostFormValue(passwordField), r.PostFormValue(codeField), r.UserAgent())
	known, refused := refusal(err)
	switch {
	case billing.CodeOf(err) == billing.NotFound:
		a.serve(w, r, http.StatusNotFound, linkGonePage(a.brand))
	case refused && known.Field == codeField:
		a.showWelcome(w, r, http.StatusBadRequest, welcomeView{Code: sentence(known.Message)})
	case refused:
		a.showWelcome(w, r, http.StatusBadRequest, welcomeView{Fault: sentence(known.Message)})
	case err != nil:
		a.failOutside(w, r, err)
	default:
		a.letIn(w, r, who, token, func() { http.Redirect(w, r, base+"/", http.StatusSeeOther) })
	}
}

// picture is a QR code as the path of an SVG: nothing to load, and sharp at any size.
type picture struct {
	Size int // modules on each side
	Path string
}

func (p picture) viewBox() string {
	const quiet = 4 // modules of white around it, so that a camera finds it
	return fmt.Sprintf("%d %d %d %d", -quiet, -quiet, p.Size+2*quiet, p.Size+2*quiet)
}

func pictureOf(text string) (picture, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return picture{}, err
	}
	p := picture{Size: code.Bounds().Dx()}
	var path strings.Builder
	for y := range p.Size {
		for x := range p.Size {
			if red, _, _, _ := code.At(x, y).RGBA(); red == 0 {
				square(&path, x, y)
			}
		}
	}
	p.Path = path.String()
	return p, nil
}

// inGroups writes a secret so that it can be typed.
func inGroups(secret string) string {
	var groups []string
	for len(secret) > 4 {
		groups, secret = append(groups, secret[:4]), secret[4:]
	}
	return strings.Join(append(groups, secret), " ")
}

func square(to *strings.Builder, x, y int) { fmt.Fprintf(to, "M%d %dh1v1h-1z", x, y) }
