// Package dues runs subscriptions on Stripe inside a Go application.
//
// Open gives a Service: mount its Handler, keep its Run going, and ask it who may use what:
//
//	svc, err := dues.Open(ctx, dues.Config{
//		Stripe:    dues.Stripe{Key: key, WebhookSecrets: []string{secret}},
//		Database:  "postgres://…",
//		Catalog:   plans,
//		PublicURL: "https://billing.example.com",
//	})
//	go svc.Run(ctx)
//	mux.Handle("/billing/", http.StripPrefix("/billing", svc.Handler()))
//	mux.Handle("/export", svc.Require("export", accountOf)(export))
//
// The same service runs as a process of its own beside an app in any language: see cmd/dues. In tests, package emulator
// is the Stripe to point it at.
package dues
