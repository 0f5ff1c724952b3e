package wire

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/dues-billing/dues/emulator/engine"
)

// LoginPrefix is the path at which stripe login pairs the official CLI with an account.
const LoginPrefix = "/stripecli/auth"

// loginMax is far above what the CLI says of itself.
const loginMax = 1 << 12

// Login serves stripe login. Nobody is asked to approve: a machine gets a key of its own, the same one each time, as any test key is good here.
func (s *Server) Login() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+LoginPrefix, s.pair)
	mux.HandleFunc("GET "+LoginPrefix+"/{code}", s.redeem)
	return mux
}

// pair answers where the CLI is approved, and where it then gets its key.
func (s *Server) pair(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, loginMax)
	machine := cmp.Or(r.PostFormValue("machine_uuid"), r.PostFormValue("device_name"))
	if machine == "" {
		s.refuseLogin(w, badRequest("parameter_missing", "machine_uuid", "Missing required param: machine_uuid."))
		return
	}
	sum := sha256.Sum256([]byte(s.opts.Seed + "\x00stripe login\x00" + machine))
	code := hex.EncodeToString(sum[:12])
	writeJSON(w, http.StatusOK, object{
		"browser_url":       s.opts.Settings.BaseURL + "/_emulator/accounts/" + s.account(cliKey(code)).id,
		"poll_url":          s.opts.Settings.BaseURL + LoginPrefix + "/" + code,
		"verification_code": code[:4] + "-" + code[4:8] + "-" + code[8:12],
	})
}

func cliKey(code string) string { return "sk_test_" + code }

// redeem gives the key of a pairing.
func (s *Server) redeem(w http.ResponseWriter, r *http.Request) {
	code := r.PathValue("code")
	if raw, err := hex.DecodeString(code); err != nil || len(raw) != 12 {
		s.refuseLogin(w, failure(http.StatusNotFound, "", "No such pairing: '%s'", shorten(code)))
		return
	}
	a := s.account(cliKey(code))
	a.mu.Lock()
	name := a.world.Settings().AccountName
	a.mu.Unlock()
	writeJSON(w, http.StatusOK, object{
		"redeemed": true, "account_id": a.id, "account_display_name": name, "testmode_key_secret": cliKey(code),
		"testmode_key_publishable": "pk_test_" + code, "livemode_key_secret": "", "livemode_key_publishable": "",
		"test_workspace_id": a.id, "user_id": "usr_" + code,
	})
}

// refuseLogin says what is wrong with a pairing, as the API says it.
func (s *Server) refuseLogin(w http.ResponseWriter, e *engine.Error) {
	writeJSON(w, e.Status, object{"error": object{"message": e.Message, "type": e.Type}})
}
