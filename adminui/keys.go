package adminui

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

// The fields of the forms about API keys.
const (
	nameField    = "name"
	scopeField   = "scope"
	daysField    = "days"  // until it expires, "" for never
	overlapField = "hours" // that the secret before opens on
)

type keysView struct {
	frame
	Now     time.Time
	Keys    []billing.Key
	Revoked bool // one was, a moment ago
	Asked   askedKey
}

// askedKey is what the form for a new key was filled in with, and what was wrong with it.
type askedKey struct {
	Name, Days         string
	Scopes             []string
	NameFault, Refused string
}

type keyView struct {
	frame
	Now    time.Time
	Key    billing.Key
	Secret string // of a key that was made or rotated a moment ago
}

func (a *admin) keys(w http.ResponseWriter, r *http.Request, f frame) error {
	return a.showKeys(w, r, f, http.StatusOK, askedKey{})
}

func (a *admin) showKeys(w http.ResponseWriter, r *http.Request, f frame, status int, asked askedKey) error {
	f.Title, f.Current = "API keys", base+"/keys"
	all, err := a.service.Keys(r.Context())
	if err != nil {
		return err
	}
	a.serve(w, r, status, keysPage(keysView{frame: f, Now: a.clock.Wall(), Keys: all, Revoked: r.URL.Query().Has("revoked"), Asked: asked}))
	return nil
}

// createKey shows the new key with its secret, once: a reload asks the browser's user whether to make another.
func (a *admin) createKey(w http.ResponseWriter, r *http.Request, f frame) error {
	asked := askedKey{Name: strings.TrimSpace(r.PostFormValue(nameField)), Days: r.PostFormValue(daysField), Scopes: r.PostForm[scopeField]}
	req := service.NewKey{Name: asked.Name}
	for _, scope := range asked.Scopes {
		req.Scopes = append(req.Scopes, billing.Scope(scope))
	}
	if asked.Days != "" {
		days, err := strconv.Atoi(asked.Days)
		if err != nil || days < 1 {
			return billing.Errorf(billing.Invalid, "%q is no number of days", asked.Days).In(daysField)
		}
		req.ExpiresAt = a.clock.Wall().AddDate(0, 0, days)
	}
	made, err := a.service.CreateKey(r.Context(), req)
	if known, refused := invalid(err); refused {
		if asked.Refused = known.Message; known.Field == nameField {
			asked.NameFault, asked.Refused = known.Message, ""
		}
		return a.showKeys(w, r, f, http.StatusBadRequest, asked)
	}
	if err != nil {
		return err
	}
	return a.showKey(w, r, f, made.Key, made.Secret)
}

// key shows one.
func (a *admin) key(w http.ResponseWriter, r *http.Request, f frame) error {
	all, err := a.service.Keys(r.Context())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(k billing.Key) bool { return string(k.ID) == r.PathValue("key") })
	if at < 0 {
		return billing.Errorf(billing.NotFound, "There is no key %q.", r.PathValue("key"))
	}
	return a.showKey(w, r, f, all[at], "")
}

func (a *admin) showKey(w http.ResponseWriter, r *http.Request, f frame, k billing.Key, secret string) error {
	f.Title, f.Current = k.Name, base+"/keys"
	w.Header().Set("Cache-Control", "no-store")
	a.serve(w, r, http.StatusOK, keyPage(keyView{frame: f, Now: a.clock.Wall(), Key: k, Secret: secret}))
	return nil
}

func (a *admin) rotateKey(w http.ResponseWriter, r *http.Request, f frame) error {
	hours, err := strconv.Atoi(r.PostFormValue(overlapField))
	if err != nil || hours < 0 || hours > int(billing.KeyOverlapMax/time.Hour) {
		return billing.Errorf(billing.Invalid, "%q is no number of hours up to %d", r.PostFormValue(overlapField), billing.KeyOverlapMax/time.Hour).In(overlapField)
	}
	made, err := a.service.RotateKey(r.Context(), billing.KeyID(r.PathValue("key")), time.Duration(hours)*time.Hour)
	if err != nil {
		return err
	}
	return a.showKey(w, r, f, made.Key, made.Secret)
}

func (a *admin) revokeKey(w http.ResponseWriter, r *http.Request, _ frame) error {
	if _, err := a.service.RevokeKey(r.Context(), billing.KeyID(r.PathValue("key"))); err != nil {
		return err
	}
	http.Redirect(w, r, base+"/keys?revoked", http.StatusSeeOther)
	return nil
}

func keyPath(id billing.KeyID) string { return base + "/keys/" + url.PathEscape(string(id)) }

// lives are how long a new key may open.
var lives = []design.Option{{Value: "", Text: "Never"}, {Value: "30", Text: "In 30 days"}, {Value: "90", Text: "In 90 days"}, {Value: "365", Text: "In a year"}}

// overlaps are how much longer the secret before a rotation opens.
var overlaps = []design.Option{{Value: "24", Text: "For 24 hours more"}, {Value: "168", Text: "For 7 days more"}, {Value: "0", Text: "Not any more, from now on"}}

func (v keysView) rows() []design.Row {
	var rows []design.Row
	for _, k := range v.Keys {
		rows = append(rows, design.Row{
			design.Anchor(k.Name, keyPath(k.ID)), design.Code(string(k.ID)), keyState(k, v.Now), design.Text(scopesInWords(k)), when(k.CreatedAt), when(k.UsedAt),
		})
	}
	return rows
}

func keyState(k billing.Key, now time.Time) templ.Component {
	switch k.State(now) {
	case billing.KeyRevoked:
		return design.Badge(design.Plain, "Revoked")
	case billing.KeyExpired:
		return design.Badge(design.Plain, "Expired")
	case billing.KeyRotating:
		return design.Badge(design.Note, "Being rotated")
	}
	return design.Badge(design.Good, "Valid")
}

// open reports whether the key can be rotated and revoked.
func (v keyView) open() bool {
	state := v.Key.State(v.Now)
	return state == billing.KeyActive || state == billing.KeyRotating
}

func scopesInWords(k billing.Key) string {
	words := make([]string, len(k.Scopes))
	for i, scope := range k.Scopes {
		words[i] = string(scope)
	}
	return strings.Join(words, ", ")
}
