package emulator

import (
	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
)

// The controls of the world of Key. Each is also an operation of the control API below /_emulator/api/ (docs/emulator.md) and a method of
// [wire.World], which answers errors; these end the test.

// Settings are those of the account, as they are now.
func (s *Server) Settings() engine.Settings { return s.World(s.Key).Settings() }

// ChangeSettings changes what the account has chosen, for what happens from now on.
func (s *Server) ChangeSettings(change func(*engine.Settings)) {
	s.tb.Helper()
	s.check("change settings", s.World(s.Key).ChangeSettings(change))
}

// Snapshot keeps the world as it is under a name.
func (s *Server) Snapshot(name string) {
	s.tb.Helper()
	s.check("snapshot", s.World(s.Key).Keep(name))
}

// Restore makes the world what it was when the snapshot was taken; its time goes on from there.
func (s *Server) Restore(name string) {
	s.tb.Helper()
	s.check("restore", s.World(s.Key).Restore(name))
}

// Fork returns this server with another key, whose world begins as this one is now. What happens in one is nothing to the other.
func (s *Server) Fork(key string) *Server {
	s.tb.Helper()
	return s.fork(key, "")
}

// ForkOf is Fork of a snapshot.
func (s *Server) ForkOf(snapshot, key string) *Server {
	s.tb.Helper()
	return s.fork(key, snapshot)
}

func (s *Server) fork(key, snapshot string) *Server {
	s.tb.Helper()
	_, err := s.World(s.Key).Fork(key, snapshot)
	s.check("fork", err)
	return &Server{Emulator: s.Emulator, URL: s.URL, Key: key, tb: s.tb}
}

// Rewind takes back the last commands of the world, so many of them.
func (s *Server) Rewind(commands int) {
	s.tb.Helper()
	world := s.World(s.Key)
	s.check("rewind", world.Rewind(world.Commands()-commands))
}

// RewindToEvent takes the world back to where an event had just happened.
func (s *Server) RewindToEvent(id string) {
	s.tb.Helper()
	s.check("rewind", s.World(s.Key).RewindToEvent(id))
}

// Reset empties the world.
func (s *Server) Reset() {
	s.tb.Helper()
	s.check("reset", s.World(s.Key).Reset())
}

// Chaos makes these the things that go wrong with webhooks from now on; none ends the chaos.
func (s *Server) Chaos(rules ...wire.Chaos) {
	s.tb.Helper()
	s.check("chaos", s.World(s.Key).SetChaos(rules...))
}

// Deliveries are the newest webhook deliveries with all their attempts: those that wait first, then those that are over, newest first.
func (s *Server) Deliveries(limit int) []wire.Delivery { return s.World(s.Key).Deliveries(limit) }

// Mails are what Stripe would have mailed to a customer by itself, oldest first; "" is every customer. The settings emails and reminder_days say
// what is.
func (s *Server) Mails(customer string) []*engine.Mail { return s.World(s.Key).Mails(customer) }

// Resend sends an event again to every endpoint, and tells to how many.
func (s *Server) Resend(event string) int {
	s.tb.Helper()
	sent, err := s.World(s.Key).Resend(event, "")
	s.check("resend", err)
	return sent
}

// RollSecret gives a webhook endpoint a new secret, which it returns; for a day the old one signs beside it.
func (s *Server) RollSecret(endpoint string) string {
	s.tb.Helper()
	const day = 24 * 60 * 60
	secret, err := s.World(s.Key).RollSecret(endpoint, day)
	s.check("roll secret", err)
	return secret
}

// Requests are the newest requests to the API with this key, newest first.
func (s *Server) Requests(limit int) []wire.LoggedRequest { return s.World(s.Key).Requests(limit) }

func (s *Server) check(what string, err error) {
	s.tb.Helper()
	if err != nil {
		s.tb.Fatalf("emulator: %s: %v", what, err)
	}
}
