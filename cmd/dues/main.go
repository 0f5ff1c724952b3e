// Dues runs subscriptions on Stripe beside an application in any language, and brings its own Stripe to try it with.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"
)

const description = `Dues runs subscriptions on Stripe: who may use what, until when, and why.

Start here; it needs no account, no key and no network:

  dues dev          the whole product with its own Stripe, a mail inbox and a demo application
  dues emulate      the Stripe alone, for the official SDKs and for CI

Every flag can also be set by its environment variable, or by the same name in a YAML file given with --config. A
secret can be read from a file: DUES_STRIPE_KEY_FILE=/run/secrets/stripe.`

// commands are the whole command line; each lives in a file of its own.
type commands struct {
	Config configFile `help:"A YAML file with flags: 'stripe-key: …', 'server-key: [a, b]'." env:"DUES_CONFIG" placeholder:"FILE"`

	Dev       dev              `cmd:"" help:"Everything on this machine: service, Stripe, mail inbox, demo application."`
	Serve     serve            `cmd:"" help:"The service, against Stripe or an emulator."`
	Emulate   emulate          `cmd:"" help:"The emulator alone: Stripe for the official SDKs, without account or network."`
	Catalog   catalogCommands  `cmd:"" help:"What is sold: check the file, compare it with Stripe, apply it."`
	Sync      backfill         `cmd:"" help:"Read the customers that a Stripe account had before Dues."`
	Reconcile reconcile        `cmd:"" help:"Compare every customer with Stripe, and repair what differs."`
	Webhooks  webhooks         `cmd:"" help:"The webhook endpoint at Stripe."`
	Account   accountCommands  `cmd:"" help:"Accounts: who has what, and why."`
	Events    eventCommands    `cmd:"" help:"Webhooks that came in: list, work off again."`
	Effects   effectCommands   `cmd:"" help:"Mails and calls that go out: list, try again."`
	Keys      keyCommands      `cmd:"" help:"API keys: make, list, rotate, revoke."`
	Operators operatorCommands `cmd:"" help:"Who works at the admin: add, list, role, reset, remove."`
	Audit     auditLog         `cmd:"" help:"Who changed what, newest first."`
	License   licenseCommands  `cmd:"" help:"Keys for license files, and what a file proves."`
	Doctor    doctor           `cmd:"" help:"Check key, endpoint, clock, database and queues, and say how to mend each."`
	Export    export           `cmd:"" help:"Write everything in the database to a file: a backup, or a move."`
	Import    load             `cmd:"" help:"Read such a file into an empty database."`
	Migrate   migrate          `cmd:"" help:"Bring the database's schema up to date."`
	Version   version          `cmd:"" help:"What this program is made of."`

	Completion kongcompletion.Completion `cmd:"" help:"Let bash, zsh or fish complete commands and flags."`
}

// console is where a command writes: out for what was asked, err for logs and complaints.
type console struct{ out, err io.Writer }

func (c console) printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }

func main() {
	os.Exit(run(os.Args[1:], console{os.Stdout, os.Stderr}))
}

// run parses the arguments and runs one command until it is done or Ctrl-C; it returns the exit code.
func run(arguments []string, c console) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exited := false
	code := 0
	parser, err := newParser(ctx, c, func(status int) { exited, code = true, status })
	if err != nil {
		panic(err) // the struct above is wrong
	}
	if kongcompletion.Register(parser); exited { // a shell has asked for completions, by a variable
		return code
	}
	if len(arguments) == 0 {
		arguments = []string{"--help"}
	}
	command, err := parser.Parse(arguments)
	if exited { // --help has been printed
		return code
	}
	if err == nil {
		err = command.Run()
	}
	var status exit
	switch {
	case errors.As(err, &status):
		return status.code
	case err != nil:
		complain(c.err, err)
		return 1
	}
	return 0
}

// newParser reads the command line as the struct above says.
func newParser(ctx context.Context, c console, exit func(int)) (*kong.Kong, error) {
	return kong.New(&commands{},
		kong.Name("dues"),
		kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
		kong.Writers(c.out, c.err),
		kong.Exit(exit),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(c),
		kong.Resolvers(kong.ResolverFunc(secretFiles)),
	)
}

// exit ends the program with a code of the command's own, when all that is to be said has been printed.
type exit struct{ code int }

func (e exit) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// A hinted error tells beside what is wrong what to do about it.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// hint adds to err what to do about it.
func hint(err error, format string, args ...any) error {
	return hinted{err, fmt.Sprintf(format, args...)}
}

func complain(w io.Writer, err error) {
	fmt.Fprintf(w, "dues: %s\n", strings.TrimPrefix(err.Error(), "dues: "))
	var h hinted
	var wrong *kong.ParseError
	switch {
	case errors.As(err, &h):
		fmt.Fprintf(w, "hint: %s\n", strings.ReplaceAll(h.hint, "\n", "\n      "))
	case errors.As(err, &wrong):
		fmt.Fprintf(w, "hint: %s --help lists commands and flags\n", strings.TrimSpace("dues "+commandOf(wrong)))
	}
}

// commandOf names the command whose arguments were wrong, "" when there was none.
func commandOf(wrong *kong.ParseError) string {
	if node := wrong.Context.Selected(); node != nil {
		return strings.TrimPrefix(node.FullPath(), "dues ")
	}
	return ""
}
