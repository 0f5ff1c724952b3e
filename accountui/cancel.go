package accountui

import (
	"net/http"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Fields of the form that cancels.
const (
	feedbackField = "feedback"
	commentField  = "comment"
)

// cancelView asks whether somebody means to cancel, and why.
type cancelView struct {
	frame
	Status service.Status
}

func (p *pages) askCancel(w http.ResponseWriter, r *http.Request, f frame) error {
	status, pays, err := p.standing(r.Context(), f.account.ID)
	if err != nil {
		return err
	}
	if !pays || !status.CancelAt.IsZero() {
		p.lead(w, r, f, f.at(""), true)
		return nil
	}
	p.serve(w, r, f, http.StatusOK, "cancel.title", cancelPage(cancelView{f, status}))
	return nil
}

func (p *pages) cancel(w http.ResponseWriter, r *http.Request, f frame) error {
	if err := r.ParseForm(); err != nil {
		return billing.Errorf(billing.Invalid, "the form cannot be read").Because(err)
	}
	_, err := p.service.Cancel(r.Context(), f.account.ID, service.Cancel{CancellationDetails: billing.CancellationDetails{
		Feedback: r.PostForm.Get(feedbackField), Comment: r.PostForm.Get(commentField),
	}})
	return p.did(w, r, f, "canceled", err)
}

func (p *pages) resume(w http.ResponseWriter, r *http.Request, f frame) error {
	_, err := p.service.Resume(r.Context(), f.account.ID, "")
	return p.did(w, r, f, "resumed", err)
}

func (p *pages) keep(w http.ResponseWriter, r *http.Request, f frame) error {
	_, err := p.service.KeepPlan(r.Context(), f.account.ID, "")
	return p.did(w, r, f, "kept", err)
}

// did leads home once something was done.
func (p *pages) did(w http.ResponseWriter, r *http.Request, f frame, done string, err error) error {
	if err == nil {
		p.lead(w, r, f, withQuery(f.at(""), doneField, done), true)
	}
	return err
}

// card leads to the page where another card is saved, and back.
func (p *pages) card(w http.ResponseWriter, r *http.Request, f frame) error {
	page, err := p.service.OpenPortalAt(r.Context(), f.account.ID, "", service.UpdateMethodTask, withQuery(f.public, doneField, "card"))
	if err == nil {
		p.lead(w, r, f, page, false)
	}
	return err
}
