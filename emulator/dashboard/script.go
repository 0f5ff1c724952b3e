package dashboard

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
)

//go:embed clock.js
var script []byte

// scriptPath is where the script of the clock is; it changes with its content, so that browsers may keep it.
func scriptPath() string {
	sum := sha256.Sum256(script)
	return Home + "/script/" + hex.EncodeToString(sum[:6]) + "/clock.js"
}

func serveScript(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(script) // the reader went away: nobody is left to tell
}
