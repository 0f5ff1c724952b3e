// Package stripejs is the emulator's Stripe.js: what a site's own payment page
// loads in place of https://js.stripe.com. Card numbers are typed into frames
// of the emulator's origin and never reach the page, and a 3-D Secure challenge
// opens above it, as with the real one.
package stripejs

import (
	"embed"
	"net/http"
	"path"
)

//go:embed stripe.js frame.html frame.js frame.css answered.js
var files embed.FS

// framePolicy lets any site hold the frame with the card fields, which talks to the emulator and nobody else.
const framePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"

// addresses are those of Stripe.js: the old one, and one for each release that has a name.
var addresses = []string{"/v3/{$}", "/v3", "/acacia/stripe.js", "/basil/stripe.js", "/clover/stripe.js", "/dahlia/stripe.js", "/endive/stripe.js"}

// Register adds Stripe.js and its frames to a mux.
func Register(mux *http.ServeMux) {
	for _, address := range addresses {
		mux.HandleFunc("GET "+address, func(w http.ResponseWriter, r *http.Request) {
			// Any site loads it, also one that asks for cross-origin isolation.
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			serve(w, r, "stripe.js", "text/javascript; charset=utf-8")
		})
	}
	for name, kind := range map[string]string{
		"frame.html": "text/html; charset=utf-8", "frame.js": "text/javascript; charset=utf-8", "frame.css": "text/css; charset=utf-8",
		"answered.js": "text/javascript; charset=utf-8",
	} {
		mux.HandleFunc("GET /v3/"+name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", framePolicy)
			serve(w, r, path.Base(r.URL.Path), kind)
		})
	}
}

func serve(w http.ResponseWriter, r *http.Request, name, kind string) {
	body, err := files.ReadFile(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache") // it changes with the program
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(body) // the reader went away: nobody is left to tell
}
