package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// users are Fieldnotes' own records, kept in one small file so that a restart keeps them.
type users struct {
	path string
	mu   sync.Mutex
	byID map[string]user
}

// user is never changed in place: a page may be reading it.
type user struct {
	Email    string    `json:"email"`
	Projects []project `json:"projects"`
	Made     int       `json:"made"` // projects ever made; numbers the next
}

type project struct {
	ID        int       `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

func openUsers(dir string) (*users, error) {
	u := &users{path: filepath.Join(dir, "fieldnotes.json"), byID: map[string]user{}}
	data, err := os.ReadFile(u.path)
	if errors.Is(err, fs.ErrNotExist) {
		return u, nil
	}
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if err := json.Unmarshal(data, &u.byID); err != nil {
		return nil, fmt.Errorf("demo: %s is damaged, remove it or start with --reset: %w", u.path, err)
	}
	return u, nil
}

// userID is made from the address, so that signing up twice, or once more after a crash, is one account.
func userID(email string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(email)))
	return "user_" + hex.EncodeToString(sum[:8])
}

func (u *users) find(id string) (user, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	found, ok := u.byID[id]
	return found, ok
}

// change replaces a user by what fn makes of him and writes the file.
func (u *users) change(id string, fn func(user) user) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	before, existed := u.byID[id]
	u.byID[id] = fn(before)
	if err := u.save(); err != nil {
		u.byID[id] = before
		if !existed {
			delete(u.byID, id)
		}
		return err
	}
	return nil
}

// save replaces the file in one step, so that it is whole at every moment of a crash.
func (u *users) save() error {
	data, err := json.MarshalIndent(u.byID, "", "\t")
	if err != nil {
		return err
	}
	next := u.path + ".next"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := os.Rename(next, u.path); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}

func (u user) with(name string, now time.Time) user {
	u.Made++
	u.Projects = append(slices.Clone(u.Projects), project{ID: u.Made, Name: name, CreatedAt: now})
	return u
}

func (u user) without(id int) user {
	u.Projects = slices.DeleteFunc(slices.Clone(u.Projects), func(p project) bool { return p.ID == id })
	return u
}
