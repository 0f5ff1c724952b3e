package wire

import (
	"slices"

	"github.com/dues-billing/dues/emulator/engine"
)

// World is an account of the server for callers inside the process: the hosted pages, the dashboard, tests. What it does is journalled and
// its webhooks go out like those of the API.
type World struct{ account *account }

// Worlds are the accounts that were opened, in that order.
func (s *Server) Worlds() []World {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]World, len(s.opened))
	for i, a := range s.opened {
		out[i] = World{a}
	}
	return out
}

// World is the account of an API key, opened if need be.
func (s *Server) World(key string) World { return World{s.account(key)} }

// Key is the API key that opened the account.
func (w World) Key() string { return w.account.key }

// Read runs f while the world stands still, after everything that is due has happened. now is the world's time. f must not keep the world.
func (w World) Read(f func(world *engine.World, now int64)) {
	a := w.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.catchUp(); err != nil {
		a.server.opts.Log.Error("emulator timer", "err", err)
	}
	f(a.world, a.world.Now(a.server.opts.Now().Unix()))
}

// Apply runs a command as Stripe's own doing, which no request caused. A refusal is an *engine.Error.
func (w World) Apply(cmd engine.Command) (engine.Result, error) {
	w.account.mu.Lock()
	defer w.account.mu.Unlock()
	return w.account.apply(cmd, entry{})
}

// Deliveries are the newest webhook deliveries: those that wait first, then those that are over, newest first.
func (w World) Deliveries(limit int) []Delivery {
	w.account.mu.Lock()
	defer w.account.mu.Unlock()
	return slices.Clone(w.account.outbox.newest(limit))
}

// Mails are what Stripe would have mailed to customers, oldest first: to one, or to all with "".
func (w World) Mails(customer string) []*engine.Mail {
	var out []*engine.Mail
	w.account.locked(func() { out = w.account.world.Mails(customer) })
	return out
}

// Settings are the account's, as they are now.
func (w World) Settings() engine.Settings {
	var out engine.Settings
	w.account.locked(func() { out = w.account.world.Settings() })
	return out
}

// ChangeSettings changes those settings that change changes. A refusal is an *engine.Error that names the setting.
func (w World) ChangeSettings(change func(*engine.Settings)) error {
	return w.do(func(a *account) error {
		before := a.world.Settings()
		after := before // its lists are the caller's own: change may write into them
		after.Emails, after.RetryDays, after.ReminderDays = slices.Clone(before.Emails), slices.Clone(before.RetryDays), slices.Clone(before.ReminderDays)
		after.DeclineOn = slices.Clone(before.DeclineOn)
		change(&after)
		return a.change(engine.Difference(before, after))
	})
}

// Keep takes a snapshot of the world, in place of an earlier one of that name.
func (w World) Keep(snapshot string) error {
	return w.do(func(a *account) error { return a.keep(snapshot) })
}

// Forget deletes a snapshot.
func (w World) Forget(snapshot string) error {
	return w.do(func(a *account) error { return a.forget(snapshot) })
}

// Snapshots are the names of the world's snapshots, sorted.
func (w World) Snapshots() []string {
	var out []string
	w.account.locked(func() { out = w.account.snapshotNames() })
	return out
}

// Restore makes the world what it was when the snapshot was taken. Its time goes on from there.
func (w World) Restore(snapshot string) error {
	return w.do(func(a *account) error { return a.restore(snapshot) })
}

// Fork makes the world of an unused key equal to this one, or to a snapshot of it unless that is "".
func (w World) Fork(key, snapshot string) (World, error) {
	s := w.account.server
	if err := s.fork(w.account.key, key, snapshot); err != nil {
		return World{}, err
	}
	return s.World(key), nil
}

// Rewind takes the world back to how it was after so many commands.
func (w World) Rewind(commands int) error {
	return w.do(func(a *account) error { return a.rewindTo(commands) })
}

// RewindToTime takes the world back to a Unix time of its own line.
func (w World) RewindToTime(at int64) error {
	return w.do(func(a *account) error { return a.rewindToTime(at) })
}

// RewindToEvent takes the world back to where an event had just happened.
func (w World) RewindToEvent(id string) error {
	return w.do(func(a *account) error { return a.rewindToEvent(id) })
}

// Commands is how many commands made the world what it is.
func (w World) Commands() int {
	n := 0
	w.account.locked(func() { n = w.account.history.commands() })
	return n
}

// Reset empties the world. Its seed stays, so a repeated run gets the ids of the first; its snapshots stay too.
func (w World) Reset() error { return w.do((*account).reset) }

// SetChaos makes these the things that go wrong with the world's webhooks; none ends the chaos.
func (w World) SetChaos(rules ...Chaos) error {
	return w.do(func(a *account) error { return a.setChaos(slices.Clone(rules)) })
}

// Resend sends an event again, to every endpoint or to one, and tells to how many.
func (w World) Resend(event, endpoint string) (int, error) {
	sent := 0
	err := w.do(func(a *account) (err error) {
		sent, err = a.resend(event, endpoint)
		return err
	})
	return sent, err
}

// RollSecret gives a webhook endpoint a new secret, and returns it. The old one signs too for so many seconds more, a day at most.
func (w World) RollSecret(endpoint string, overlap int64) (string, error) {
	made, err := w.Apply(&engine.RollWebhookSecret{ID: endpoint, Overlap: engine.Some(overlap)})
	if err != nil {
		return "", err
	}
	return made.(*engine.WebhookEndpoint).Secret, nil
}

// Requests are the newest requests to the account's API, newest first.
func (w World) Requests(limit int) []LoggedRequest { return w.account.requests.newest(limit) }

func (w World) do(f func(a *account) error) error {
	w.account.mu.Lock()
	defer w.account.mu.Unlock()
	return f(w.account)
}
