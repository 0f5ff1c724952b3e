package demo

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The names the catalogue gives to what is gated here.
const (
	featureProjects = "projects"
	featureExport   = "export"
	assetHandbook   = "handbook"
)

const projectNameBytesMax = 80

// home is the front page for strangers and the projects for users.
func (a *app) home(w http.ResponseWriter, r *http.Request) error {
	v, ok := a.visitor(r)
	if !ok {
		a.serve(w, r, http.StatusOK, frontPage(a.frame(r, "Fieldnotes"), "", ""))
		return nil
	}
	return a.notes(w, r, v, http.StatusOK, "", "")
}

// notes shows the projects. name and fault are what was wrong with a new one.
func (a *app) notes(w http.ResponseWriter, r *http.Request, v visitor, status int, name, fault string) error {
	me, err := a.api.me(r.Context(), v.ID)
	if err != nil {
		return err
	}
	held, err := a.api.entitlements(r.Context(), v.ID)
	if err != nil {
		return err
	}
	handbook, err := a.handbookOf(r, v)
	if err != nil {
		return err
	}
	view := notesView{
		frame: a.frame(r, "Projects"), Account: me, Projects: v.Projects, Limit: held[featureProjects].Limit,
		Export: held[featureExport].Enabled, Handbook: handbook, Name: name, NameFault: fault,
		Upgraded: r.URL.Query().Has("upgraded") && held[featureExport].Enabled,
	}
	a.serve(w, r, status, notesPage(view))
	return nil
}

// addProject asks Dues how many projects there may be; this application has no rule of its own.
func (a *app) addProject(w http.ResponseWriter, r *http.Request, v visitor) error {
	name := strings.TrimSpace(r.FormValue("name"))
	if name == "" || len(name) > projectNameBytesMax {
		return a.notes(w, r, v, http.StatusUnprocessableEntity, name, "Give the project a name of at most 80 characters.")
	}
	held, err := a.api.entitlements(r.Context(), v.ID)
	if err != nil {
		return err
	}
	now, full := a.now(r), false
	err = a.users.change(v.ID, func(u user) user {
		if full = int64(len(u.Projects)) >= held[featureProjects].Limit; full {
			return u
		}
		return u.with(name, now)
	})
	if err != nil {
		return err
	}
	if full {
		return a.notes(w, r, v, http.StatusForbidden, name, "Your plan has no room for another project.")
	}
	a.redirect(w, r, "/")
	return nil
}

func (a *app) removeProject(w http.ResponseWriter, r *http.Request, v visitor) error {
	id, err := strconv.Atoi(r.FormValue("id"))
	if err != nil {
		return &refusal{Status: http.StatusBadRequest, Detail: "There is no such project."}
	}
	if err := a.users.change(v.ID, func(u user) user { return u.without(id) }); err != nil {
		return err
	}
	a.redirect(w, r, "/")
	return nil
}

func (a *app) export(w http.ResponseWriter, r *http.Request, v visitor) error {
	held, err := a.api.entitlements(r.Context(), v.ID)
	if err != nil {
		return err
	}
	if !held[featureExport].Enabled {
		return a.locked(w, r, "Export comes with Premium", "Your projects stay yours: upgrade, and take them along as a spreadsheet.")
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="fieldnotes.csv"`)
	rows := [][]string{{"project", "created"}}
	for _, p := range v.Projects {
		rows = append(rows, []string{plainCell(p.Name), p.CreatedAt.UTC().Format(time.RFC3339)})
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// plainCell keeps a spreadsheet from running a name as a formula.
func plainCell(name string) string {
	if strings.ContainsAny(name[:min(1, len(name))], "=+-@\t") {
		return "'" + name
	}
	return name
}

func (a *app) handbook(w http.ResponseWriter, r *http.Request, v visitor) error {
	held, err := a.handbookOf(r, v)
	if err != nil {
		return err
	}
	if held == nil || !held.Valid {
		return a.locked(w, r, "The Field Handbook comes with Premium", "Each paid month licenses it for that month.")
	}
	a.serve(w, r, http.StatusOK, handbookPage(a.frame(r, "The Field Handbook"), *held))
	return nil
}

// handbookOf is nil for a user who never had the handbook.
func (a *app) handbookOf(r *http.Request, v visitor) (*license, error) {
	held, err := a.api.licenses(r.Context(), v.ID)
	for _, l := range held {
		if l.Asset == assetHandbook {
			return &l, err
		}
	}
	return nil, err
}

func (a *app) locked(w http.ResponseWriter, r *http.Request, title, text string) error {
	a.serve(w, r, http.StatusForbidden, lockedPage(a.frame(r, title), title, text))
	return nil
}
