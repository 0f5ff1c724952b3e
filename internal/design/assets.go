package design

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"slices"

	"github.com/a-h/templ"
)

// Prefix is the path below which Assets answers.
const Prefix = "/_design/"

// ContentPolicy is the Content-Security-Policy of every page laid out here.
// It names no form-action on purpose: browsers apply that to the redirect
// after a POST too, and hosted pages redirect to the application's own site.
const ContentPolicy = basePolicy + "; frame-ancestors 'none'"

const basePolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; base-uri 'none'"

// assetAge lets browsers keep an asset for ever: its path changes with its content.
const assetAge = "public, max-age=31536000, immutable"

//go:embed dues.css
var baseCSS []byte

//go:embed hosted.css
var hostedCSS []byte

//go:embed product.css
var productCSS []byte

// stylesheet is one file on the wire: a page asks once and the next one asks nothing.
var stylesheet = slices.Concat(baseCSS, hostedCSS, productCSS, customerCSS, chartCSS, docsCSS, emulatorCSS)

//go:embed customer.css
var customerCSS []byte

//go:embed chart.css
var chartCSS []byte

//go:embed docs.css
var docsCSS []byte

//go:embed emulator.css
var emulatorCSS []byte

//go:embed mark.svg
var mark []byte

var assetHash = hashOf(stylesheet, mark)

func hashOf(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// Stylesheet is the CSS itself, for those who write pages to files.
func Stylesheet() []byte { return bytes.Clone(stylesheet) }

// Assets serves the stylesheet and the icon below Prefix, by a path that holds
// a hash of their content, so that they can be cached for ever.
func Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case StylesheetPath():
			serveAsset(w, "text/css; charset=utf-8", stylesheet)
		case markPath():
			serveAsset(w, "image/svg+xml", mark)
		default:
			http.NotFound(w, r)
		}
	})
}

func serveAsset(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", assetAge)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body) // the reader went away: nobody is left to tell
}

// StylesheetPath is where Assets has the stylesheet.
func StylesheetPath() string { return Prefix + assetHash + "/dues.css" }
func markPath() string       { return Prefix + assetHash + "/mark.svg" }

type rootKey struct{}

// WithRoot says below which path the pages are mounted ("/billing"), or from
// where a page written to a file reaches its assets ("."). Without it the root
// is the server's.
func WithRoot(ctx context.Context, root string) context.Context {
	return context.WithValue(ctx, rootKey{}, root)
}

func rooted(ctx context.Context, path string) string {
	root, _ := ctx.Value(rootKey{}).(string)
	return root + path
}

// Serve writes a page with its status and the headers every page needs. The
// page is rendered before anything is sent, so a failing one becomes a 500
// instead of a torn answer.
func Serve(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	serve(w, r, status, page, ContentPolicy)
}

// ServeScripted is Serve for a page that loads a script from its own site. No
// script in the page itself runs.
func ServeScripted(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	serve(w, r, status, page, ContentPolicy+"; script-src 'self'")
}

// ServeFramed is ServeScripted for a page that stands in a frame of any other
// site, as a bank's question does above a shop's page.
func ServeFramed(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	serve(w, r, status, page, basePolicy+"; script-src 'self'; frame-ancestors *")
}

func serve(w http.ResponseWriter, r *http.Request, status int, page templ.Component, policy string) {
	var body bytes.Buffer
	if err := page.Render(r.Context(), &body); err != nil {
		http.Error(w, "The page could not be rendered.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // the reader went away: nobody is left to tell
}
