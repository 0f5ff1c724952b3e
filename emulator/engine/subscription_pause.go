package engine

// PauseCollectionParams are pause_collection: what becomes of new invoices while payments are not collected.
type PauseCollectionParams struct {
	Behavior  Opt[string] `form:"behavior"`
	ResumesAt Opt[int64]  `form:"resumes_at"`
}

// The behaviors of pause_collection.
const (
	PauseKeepAsDraft       = "keep_as_draft"
	PauseMarkUncollectible = "mark_uncollectible"
	PauseVoid              = "void"
)

const timerUnpause = "subscription.unpause"

func init() { onTimer(timerUnpause, (*tx).unpauseDue) }

// setPause takes pause_collection; sent empty, it ends the pause. Nothing else about the subscription changes.
func (t *tx) setPause(s *Subscription, p Opt[PauseCollectionParams]) error {
	if p.Cleared() {
		s.PauseCollection = nil
		return nil
	}
	pause, ok := p.Get()
	if !ok {
		return nil
	}
	behavior, ok := pause.Behavior.Get()
	if !ok {
		return required("pause_collection[behavior]")
	}
	if err := oneOf("pause_collection[behavior]", behavior, PauseKeepAsDraft, PauseMarkUncollectible, PauseVoid); err != nil {
		return err
	}
	at := pause.ResumesAt.Or(0)
	if pause.ResumesAt.Given() && !pause.ResumesAt.Cleared() && at <= t.now {
		return invalid("pause_collection[resumes_at]", "", "Invalid timestamp: must be an integer Unix timestamp in the future.")
	}
	s.PauseCollection = &PauseCollection{Behavior: behavior, ResumesAt: at}
	return nil
}

// resumesAt is when a pause ends by itself, 0 for never.
func (s *Subscription) resumesAt() int64 {
	if s.PauseCollection == nil || !s.live() {
		return 0
	}
	return s.PauseCollection.ResumesAt
}

func (t *tx) unpauseDue(id string) {
	before, ok := Get[Subscription](t.world, id)
	if !ok || before.PauseCollection == nil {
		return
	}
	s := *before
	s.PauseCollection = nil
	t.putSubscription(before, &s)
}

// dispose does to the draft of a paused subscription what its pause says. A draft that is kept is not released by the
// end of the pause.
func (t *tx) dispose(draft *Invoice, behavior string) {
	if behavior == PauseKeepAsDraft {
		return
	}
	inv := t.finalize(draft)
	switch {
	case inv.Status != InvoiceOpen: // nothing was due, or the balance has paid it
	case behavior == PauseVoid:
		t.void(inv)
	default:
		t.markUncollectible(inv, UncollectiblePaused)
	}
}
