package service

import (
	"context"
	"log/slog"

	"github.com/dues-billing/dues/sqlstore"
)

// Tracer shows work as spans of a trace: package tracing is one, over OpenTelemetry. Its methods must return at once and be safe for
// concurrent use.
type Tracer interface {
	// Begin begins a span within the one that ctx carries, and returns a context that carries the new one. Whoever begins a span
	// ends it.
	Begin(ctx context.Context, w Work) (context.Context, Span)
	// Here names the span that ctx carries, as the header traceparent of W3C Trace Context does; "" without one.
	Here(ctx context.Context) string
}

// Work is what a span is about.
type Work struct {
	Name string
	Kind WorkKind
	// From is the traceparent of a caller, whose trace goes on; "" stays within the context's.
	From string
	// Causes are the traceparents of what led to this work: spans of other traces that had ended before it began.
	Causes []string
	Attrs  []slog.Attr
}

// WorkKind says on which side of a conversation a span is.
type WorkKind int

// The kinds of work.
const (
	Inside   WorkKind = iota // of this process alone
	Answers                  // a request that somebody made to us
	Asks                     // a request that we make
	Consumes                 // what was queued
)

// Span is work that goes on.
type Span interface {
	// Rename gives the span another name than it began with.
	Rename(name string)
	// Set adds attributes: strings (cleaned by Clean), lists of strings, numbers, bools, durations (as seconds).
	Set(attrs ...slog.Attr)
	// End ends the span; with an error it failed. The error's text is cleaned by Clean.
	End(err error)
}

// span is a Span, or nothing when nobody traces.
type span struct{ to Span }

// on reports whether somebody traces: attributes that cost something are made only then.
func (sp span) on() bool { return sp.to != nil }

func (sp span) set(attrs ...slog.Attr) {
	if sp.to != nil {
		sp.to.Set(attrs...)
	}
}

func (sp span) end(err error) {
	if sp.to != nil {
		sp.to.End(err)
	}
}

// begin begins a span when somebody traces.
func (s *Service) begin(ctx context.Context, kind WorkKind, name string, causes ...string) (context.Context, span) {
	if s.cfg.Tracer == nil {
		return ctx, span{}
	}
	ctx, to := s.cfg.Tracer.Begin(ctx, Work{Name: name, Kind: kind, Causes: causes})
	return ctx, span{to}
}

// inTx is Store.InTx as a span: waiting for the writer before it, and others' commits that it shares, are in it.
func (s *Service) inTx(ctx context.Context, fn func(tx *sqlstore.Tx) error) error {
	ctx, span := s.begin(ctx, Inside, "commit")
	err := s.cfg.Store.InTx(ctx, fn)
	span.end(err)
	return err
}
