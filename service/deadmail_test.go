package service_test

import (
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/dues-billing/dues/internal/inbox"
	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/service"
)

func TestMailsWaitForADeadMailServerAndLeaveWhenItIsBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		sender, err := mailer.NewSMTP(mailer.SMTPConfig{Addr: listener.Addr().String(), From: "billing@northwind.example", Plain: true})
		if err := errors.Join(err, listener.Close()); err != nil { // nobody listens there any more
			t.Fatal(err)
		}
		s := w.serviceWith(func(c *service.Config) { c.Sender = sender })
		w.signUp(s)
		w.drain(s)
		waiting, _, err := s.Effects(t.Context(), service.EffectFilter{Account: "ada"}, service.Page{})
		if err != nil || len(waiting) != 1 || waiting[0].State != "pending" || waiting[0].Error == "" {
			t.Fatalf("effects %+v, %v; want the welcome to wait with its error", waiting, err)
		}
		box, err := inbox.Open(t.TempDir(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		again, err := net.Listen("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- box.Serve(again) }()
		w.move(waiting[0].DueAt)
		w.drain(s)
		w.move(w.now.Now().Add(time.Hour))
		w.drain(s)
		if n := len(box.Messages()); n != 1 {
			t.Errorf("%d mails have arrived, want the welcome once", n)
		}
		if err := errors.Join(box.Close(), <-served); err != nil {
			t.Error(err)
		}
	})
}
