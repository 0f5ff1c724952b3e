package operator

import "time"

// SessionLife is how long somebody stays signed in: a working day. Then he proves again who he is.
const SessionLife = 12 * time.Hour

// seenEvery is how exactly it is kept when a session was used last.
const seenEvery = time.Minute

// SessionID names a session: the hash of what the browser holds. It opens nothing.
type SessionID string

// Session is somebody signed in with one browser.
type Session struct {
	ID       SessionID
	Operator ID     // "" for who came with the password of the settings
	Proof    string // of that password: with another one the session ends
	Agent    string // the browser, as it calls itself
	// CreatedAt, SeenAt (to the minute) and Until are by the wall clock.
	CreatedAt, SeenAt, Until time.Time
}

// Open reports whether the session still lasts.
func (s Session) Open(now time.Time) bool { return now.Before(s.Until) }

// Stale reports whether it should be written down that the session was used now.
func (s Session) Stale(now time.Time) bool { return now.Sub(s.SeenAt) >= seenEvery }

// Signed is who asks: an operator in a session.
type Signed struct {
	Session  Session
	Operator Operator // zero for who came with the password of the settings
}

// Role is what he may do. The password of the settings opens everything, for as long as no owner has a name.
func (s Signed) Role() Role {
	if s.Session.Operator == "" {
		return Own
	}
	return s.Operator.Role
}
