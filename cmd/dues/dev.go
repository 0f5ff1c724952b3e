package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/docs"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/internal/demo"
	"github.com/dues-billing/dues/internal/docsite"
	"github.com/dues-billing/dues/internal/inbox"
	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/service"
)

type dev struct {
	logging
	Addr         string `help:"Where the service and the demo listen." env:"DUES_ADDR" default:"127.0.0.1:8080"`
	EmulatorAddr string `help:"Where its Stripe listens." env:"DUES_EMULATOR_ADDR" default:"127.0.0.1:12111"`
	Data         string `help:"Where everything is kept. Default: .dues." env:"DUES_DATA" default:".dues" placeholder:"DIR"`
	Catalog      string `help:"What is sold. Default: the demo's plans." env:"DUES_CATALOG" placeholder:"FILE"`
	Reset        bool   `help:"Forget everything in --data first."`

	Endpoints endpoints `help:"Where your application takes notices, as for dues serve." env:"DUES_ENDPOINTS" placeholder:"YAML"`
}

// Help teaches by examples.
func (dev) Help() string {
	return `Starts the service on SQLite, its own Stripe, a mail inbox and a demo application, in one process and without network. Time in it
is the emulator's: the bar at the bottom of the demo moves it, and renewals, failed payments and mails follow.

  dues dev                                       then open http://127.0.0.1:8080/demo/
  dues dev --reset                               begin anew
  dues dev --addr 127.0.0.1:9000 --data /tmp/d   another port, another folder
  dues dev --catalog catalog.yaml                with plans of your own`
}

// docsPath is where the documents are.
const docsPath = "/docs"

// Names of what is kept in the data folder, beside dev.json.
const (
	databaseFile = "dues.db"
	journalFile  = "stripe.journal"
	inboxDir     = "inbox"
	demoDir      = "demo"
)

// Run serves everything until Ctrl-C.
func (d dev) Run(ctx context.Context, c console) error {
	log := d.logger(c.err)
	web, err := listen(d.Addr, "dues dev --addr")
	if err != nil {
		return err
	}
	stripeWeb, err := listen(d.EmulatorAddr, "dues dev --emulator-addr")
	if err != nil {
		return errors.Join(err, web.Close())
	}
	house, err := d.open(ctx, log, web, stripeWeb)
	if err != nil {
		return errors.Join(err, shut(web), shut(stripeWeb))
	}
	house.announce(c)
	return errors.Join(wait(ctx, house.failed...), house.close())
}

// house is everything that `dues dev` runs.
type house struct {
	url, stripeURL string
	state          devState
	failed         []chan error
	closers        []func() error // to be called last first
}

func (h *house) onClose(f func() error) { h.closers = append(h.closers, f) }

// close ends everything in the reverse order of its start, so that nothing asks a thing that is gone.
func (h *house) close() error {
	var errs []error
	for len(h.closers) > 0 {
		last := len(h.closers) - 1
		errs = append(errs, h.closers[last]())
		h.closers = h.closers[:last]
	}
	return errors.Join(errs...)
}

func (h *house) announce(c console) {
	c.printf("Demo     %s/demo/\n", h.url)
	c.printf("Inbox    %s/inbox\n", h.url)
	c.printf("Docs     %s%s\n", h.url, docsPath)
	c.printf("Admin    %s/admin/  (password %s)\n", h.url, h.state.AdminPassword)
	c.printf("API      %s/openapi.json  (operator key %s)\n", h.url, h.state.OperatorKey)
	c.printf("Stripe   %s/_emulator  (key %s)\n", h.stripeURL, devKey)
	c.printf("ready\n")
	c.printf("Sign up in the demo, upgrade with card 4242 4242 4242 4242, then move the clock at the bottom by a month.\n")
}

// open starts the parts, each on what the one before gave.
func (d dev) open(ctx context.Context, log *slog.Logger, web, stripeWeb net.Listener) (*house, error) {
	h := &house{url: "http://" + web.Addr().String(), stripeURL: "http://" + stripeWeb.Addr().String()}
	err := d.furnish(ctx, log, h, web, stripeWeb)
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (d dev) furnish(ctx context.Context, log *slog.Logger, h *house, web, stripeWeb net.Listener) error {
	if err := d.prepare(h); err != nil {
		return err
	}
	box, smtp, err := d.openInbox(log, h)
	if err != nil {
		return err
	}
	stripeSide, err := d.openStripe(ctx, log, h, stripeWeb)
	if err != nil {
		return err
	}
	sender, err := mailer.NewSMTP(mailer.SMTPConfig{
		Addr: smtp, From: demoBrand + " <billing@fieldnotes.example>", Plain: true,
		Now: func() time.Time { return stripeSide.Now(devKey) },
	})
	if err != nil {
		return err
	}
	svc, err := d.openService(ctx, log, h, stripeSide, sender)
	if err != nil {
		return err
	}
	app, err := demo.New(demo.Config{
		BasePath: "/demo", PublicURL: h.url + "/demo", Dir: filepath.Join(d.Data, demoDir),
		APIURL: h.url, ServerKey: h.state.ServerKey,
		JWT:   demo.JWT{Secret: []byte(h.state.JWTSecret), Issuer: jwtParty, Audience: jwtParty},
		Clock: devClock{emulator: stripeSide, service: svc}, Wall: time.Now,
		InboxURL: h.url + "/inbox", DashboardURL: h.stripeURL + "/_emulator", AdminURL: h.url + "/admin/", Log: log,
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", svc.Handler())
	mux.Handle("GET /{$}", http.RedirectHandler("/demo/", http.StatusSeeOther))
	mux.Handle("/demo/", app)
	manual, err := docsite.New(docs.Files, docsPath)
	if err != nil {
		return err
	}
	mux.Handle(docsPath, manual)
	mux.Handle(docsPath+"/", manual)
	for _, pages := range []string{"/inbox", "/inbox/", "/inbox.json"} {
		mux.Handle(pages, box.Handler())
	}
	main := open(web, mux, log)
	h.failed = append(h.failed, main.failed)
	h.onClose(main.close)
	return nil
}

// prepare makes the data folder and reads what the last start left in it.
func (d dev) prepare(h *house) error {
	if err := os.MkdirAll(d.Data, 0o700); err != nil {
		return hint(fmt.Errorf("the data folder: %w", err), "--data takes a folder that can be written")
	}
	release, err := lockFile(filepath.Join(d.Data, "lock"))
	if errors.Is(err, errLocked) {
		return hint(fmt.Errorf("another dues dev is running on %s", d.Data), "stop it, or give this one a folder of its own: --data DIR")
	}
	if err != nil {
		return err
	}
	h.onClose(release)
	if d.Reset {
		if err := forget(d.Data); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(d.Data, demoDir), 0o700); err != nil {
		return err
	}
	h.state, err = openState(d.Data)
	return err
}

// forget removes what this program keeps in a folder, and nothing else: --data may name any folder.
func forget(dir string) error {
	names := []string{stateFile(dir), filepath.Join(dir, journalFile), filepath.Join(dir, inboxDir), filepath.Join(dir, demoDir)}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		names = append(names, filepath.Join(dir, databaseFile+suffix))
	}
	for _, name := range names {
		if err := os.RemoveAll(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// openInbox starts the mail server, on any free port: only the service has to know its address.
func (d dev) openInbox(log *slog.Logger, h *house) (*inbox.Box, string, error) {
	box, err := inbox.Open(filepath.Join(d.Data, inboxDir), log)
	if err != nil {
		return nil, "", err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	failed := make(chan error, 1)
	go func() {
		if err := box.Serve(l); err != nil {
			failed <- err
		}
	}()
	h.failed = append(h.failed, failed)
	h.onClose(box.Close)
	return box, l.Addr().String(), nil
}

// openStripe starts the emulator, and points a webhook endpoint at the service.
func (d dev) openStripe(ctx context.Context, log *slog.Logger, h *house, l net.Listener) (*emulator.Emulator, error) {
	stripeSide, err := emulator.New(emulator.Options{
		Now: time.Now, Journal: filepath.Join(d.Data, journalFile), BaseURL: h.stripeURL, Log: log,
	})
	if err != nil {
		return nil, hint(fmt.Errorf("the emulator does not start: %w", err), "dues dev --reset begins anew")
	}
	h.onClose(stripeSide.Close)
	api := open(l, stripeSide, log)
	h.failed = append(h.failed, api.failed)
	h.onClose(api.close)
	client := stripe.NewClient(devKey, stripe.WithBackends(stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		URL: stripe.String(h.stripeURL), EnableTelemetry: stripe.Bool(false),
	})))
	if err := h.state.ensureEndpoint(ctx, client, h.url+webhookPath); err != nil {
		return nil, fmt.Errorf("the webhook endpoint: %w", err)
	}
	return stripeSide, h.state.save(d.Data)
}

const (
	demoBrand = "Fieldnotes"
	jwtParty  = "fieldnotes" // makes the demo's tokens, and is whom they are for
)

func (d dev) openService(ctx context.Context, log *slog.Logger, h *house, stripeSide *emulator.Emulator, sender service.Sender) (*dues.Service, error) {
	plans := catalog.Default()
	if d.Catalog != "" {
		var err error
		if plans, err = readCatalog(d.Catalog); err != nil {
			return nil, err
		}
	}
	endpoints, err := d.Endpoints.read()
	if err != nil {
		return nil, err
	}
	tracer, endTraces, err := openTraces(ctx, log)
	if err != nil {
		return nil, err
	}
	h.onClose(endTraces)
	svc, err := dues.Open(ctx, dues.Config{
		Stripe:   dues.Stripe{Key: devKey, BaseURL: h.stripeURL, WebhookSecrets: []string{h.state.WebhookSecret}},
		Database: "sqlite:" + filepath.Join(d.Data, databaseFile), SoleProcess: true, Catalog: plans,
		PublicURL: h.url, AccountURL: h.url + "/demo/billing", ReturnHosts: []string{"localhost:*", "127.0.0.1:*"}, // an application that is built beside it
		ServerKeys: []string{h.state.ServerKey}, OperatorKeys: []string{h.state.OperatorKey}, AdminPassword: h.state.AdminPassword,
		JWT:    httpapi.JWT{Algorithm: "HS256", Key: []byte(h.state.JWTSecret), Issuer: jwtParty, Audience: jwtParty},
		Sender: sender, Brand: demoBrand, Endpoints: endpoints, Log: log, Version: programVersion(), Tracer: tracer,
		Clock: service.Clock{Wall: time.Now, Business: func() time.Time { return stripeSide.Now(devKey) }},
	})
	if err != nil {
		return nil, err
	}
	h.onClose(svc.Close)
	failed, stop := work(svc.Run)
	h.failed = append(h.failed, failed)
	h.onClose(stop)
	return svc, nil
}
