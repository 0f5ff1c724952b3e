package engine

import "strings"

// CreateFeedbackOption is POST /v1/billing/feedback_options: a reason for leaving, in an account's own words.
type CreateFeedbackOption struct {
	Description Opt[string] `form:"description"`
}

func (c CreateFeedbackOption) apply(t *tx) (Result, error) {
	option := &FeedbackOption{ID: "bfo_" + t.world.characters(24), Description: c.Description.Or(""), Status: StatusActive}
	if strings.TrimSpace(option.Description) == "" {
		return nil, required("description")
	}
	put(t, option)
	return option, nil
}

// UpdateFeedbackOption is POST /v1/billing/feedback_options/{id}.
type UpdateFeedbackOption struct {
	ID          string      `form:"-"`
	Description Opt[string] `form:"description"`
}

func (c UpdateFeedbackOption) apply(t *tx) (Result, error) {
	before, ok := Get[FeedbackOption](t.world, c.ID)
	if !ok {
		return nil, NotFound("feedback option", c.ID, "id")
	}
	option := *before
	option.Description = c.Description.Or(option.Description)
	put(t, &option)
	return &option, nil
}

// DeactivateFeedbackOption is POST /v1/billing/feedback_options/{id}/deactivate, which nothing undoes.
type DeactivateFeedbackOption struct {
	ID string `form:"-"`
}

func (c DeactivateFeedbackOption) apply(t *tx) (Result, error) {
	before, ok := Get[FeedbackOption](t.world, c.ID)
	if !ok {
		return nil, NotFound("feedback option", c.ID, "id")
	}
	if before.Status == StatusInactive {
		return nil, invalid("", "", "This feedback option is already inactive.")
	}
	option := *before
	option.Status, option.DeactivatedAt = StatusInactive, t.now
	put(t, &option)
	return &option, nil
}

// ListFeedbackOptions is GET /v1/billing/feedback_options.
type ListFeedbackOptions struct {
	Page
	Status Opt[string] `form:"status"`
}

func (q ListFeedbackOptions) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[FeedbackOption]{cursorName: "feedback option", keep: func(o *FeedbackOption) bool {
		return q.Status.Or(o.Status) == o.Status
	}})
}

var _ = register(CreateFeedbackOption{}, UpdateFeedbackOption{}, DeactivateFeedbackOption{})
