package service

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// Logger returns a logger whose lines carry what their context knows (request_id, events, trace_id, span_id) and which are cleaned by
// Clean. A logger that does so already is returned as it is. tracer and requestID, which names the request that a context belongs to,
// may be nil.
func Logger(log *slog.Logger, tracer Tracer, requestID func(context.Context) string) *slog.Logger {
	if _, done := log.Handler().(*logHandler); done {
		return log
	}
	return slog.New(&logHandler{next: log.Handler(), tracer: tracer, requestID: requestID})
}

type logHandler struct {
	next      slog.Handler
	tracer    Tracer
	requestID func(context.Context) string
}

// Enabled implements slog.Handler.
func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// WithGroup implements slog.Handler.
func (h *logHandler) WithGroup(name string) slog.Handler {
	return &logHandler{h.next.WithGroup(name), h.tracer, h.requestID}
}

// WithAttrs implements slog.Handler.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = cleanAttr(a)
	}
	return &logHandler{h.next.WithAttrs(clean), h.tracer, h.requestID}
}

// Handle implements slog.Handler.
func (h *logHandler) Handle(ctx context.Context, line slog.Record) error {
	clean := slog.NewRecord(line.Time, line.Level, Clean(line.Message), line.PC)
	named := h.requestID == nil
	line.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(cleanAttr(a))
		named = named || a.Key == "request_id"
		return true
	})
	if !named {
		if id := h.requestID(ctx); id != "" {
			clean.AddAttrs(slog.String("request_id", id))
		}
	}
	if turn, _ := ctx.Value(turnKey{}).(*turn); turn != nil {
		if ids := turn.named(); len(ids) > 0 {
			clean.AddAttrs(slog.Any("events", ids))
		}
	}
	if h.tracer != nil {
		// 00-<32 digits of the trace>-<16 of the span>-<flags>
		if here := h.tracer.Here(ctx); len(here) >= 55 {
			clean.AddAttrs(slog.String("trace_id", here[3:35]), slog.String("span_id", here[36:52]))
		}
	}
	return h.next.Handle(ctx, clean)
}

func cleanAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, Clean(v.String()))
	case slog.KindGroup:
		var within []slog.Attr
		for _, b := range v.Group() {
			within = append(within, cleanAttr(b))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(within...)}
	case slog.KindAny:
		switch held := v.Any().(type) {
		case error:
			return slog.String(a.Key, Clean(held.Error()))
		case fmt.Stringer:
			return slog.String(a.Key, Clean(held.String()))
		}
	}
	return slog.Attr{Key: a.Key, Value: v}
}

// What a text is searched for. Our own lines hold none of it; what Stripe, mail servers and net/http say in errors does.
var (
	mailAddress = regexp.MustCompile(`[A-Za-z0-9._%+'-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*`)
	secretKey   = regexp.MustCompile(`\b(?:sk|rk|whsec)_[A-Za-z0-9_+/=-]{4,}|\b(?:cs|pi|seti)_[A-Za-z0-9_]+_secret_[A-Za-z0-9]+|\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+`)
	cardNumber  = regexp.MustCompile(`\b[0-9](?:[ -]?[0-9]){12,18}\b`)
	password    = regexp.MustCompile(`://[^/\s:@]+:[^/\s@]+@`)
)

// Clean takes out of a text for the log or a trace what may not be there: e-mail addresses, keys, tokens and secrets, the user
// and password of a URL, and card numbers. Names it cannot tell; nothing of ours writes them down.
func Clean(text string) string {
	if strings.Contains(text, "://") && strings.Contains(text, "@") {
		text = password.ReplaceAllString(text, "://[password]@")
	}
	if strings.Contains(text, "@") || strings.Contains(text, "%40") {
		text = mailAddress.ReplaceAllString(text, "[e-mail]")
	}
	if strings.Contains(text, "k_") || strings.Contains(text, "sec") || strings.Contains(text, "eyJ") {
		text = secretKey.ReplaceAllString(text, "[secret]")
	}
	if digits(text) >= 13 {
		text = cardNumber.ReplaceAllStringFunc(text, hideCard)
	}
	return text
}

func digits(text string) (n int) {
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			n++
		}
	}
	return n
}

// hideCard hides a number that a card can have, and leaves others, such as times in nanoseconds.
func hideCard(number string) string {
	sum, double := 0, false
	for i := len(number) - 1; i >= 0; i-- {
		if number[i] < '0' || number[i] > '9' {
			continue
		}
		digit := int(number[i] - '0')
		if double {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum, double = sum+digit, !double
	}
	if sum%10 != 0 {
		return number
	}
	return "[card]"
}
