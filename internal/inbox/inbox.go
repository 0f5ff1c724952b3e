// Package inbox is the mail inbox of development: an SMTP server that delivers nothing, and pages that show what it took.
//
// The mailer talks to it as to any SMTP server, so what is seen here is what a customer would get, headers and all.
// Messages are files in one folder and survive a restart.
package inbox

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/emersion/go-smtp"
)

// messagesMax is how many messages are kept; the oldest go first. More than anybody reads, and they stay in memory.
const messagesMax = 1000

const (
	suffix        = ".eml"
	partialSuffix = ".partial" // of a file that is being written: it is renamed when it is whole
)

// Box keeps the messages of one folder.
type Box struct {
	dir  string
	log  *slog.Logger
	smtp *smtp.Server

	mu       sync.RWMutex
	messages []Message // oldest first
	last     int       // number of the newest message ever kept
}

// Open reads the messages in dir, which it makes when missing. Call Serve to take mail, and Close in the end.
func Open(dir string, log *slog.Logger) (*Box, error) {
	b := &Box{dir: dir, log: log}
	b.smtp = b.newServer()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	for _, entry := range entries {
		if err := b.load(entry); err != nil {
			return nil, fmt.Errorf("inbox: %w", err)
		}
	}
	slices.SortFunc(b.messages, func(x, y Message) int { return x.ID - y.ID })
	b.trim()
	return b, nil
}

// load takes one file of the folder in; what a killed process left half written is removed, for its sender got no answer
// and sends it again.
func (b *Box) load(entry fs.DirEntry) error {
	name := entry.Name()
	if strings.HasSuffix(name, partialSuffix) {
		return os.Remove(filepath.Join(b.dir, name))
	}
	id, err := strconv.Atoi(strings.TrimSuffix(name, suffix))
	if err != nil || !strings.HasSuffix(name, suffix) {
		return nil // not ours
	}
	raw, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		return err
	}
	b.messages = append(b.messages, parse(id, raw))
	b.last = max(b.last, id)
	return nil
}

// Messages returns the messages, newest first.
func (b *Box) Messages() []Message {
	b.mu.RLock()
	defer b.mu.RUnlock()
	newest := append([]Message{}, b.messages...) // never nil: the JSON of an empty inbox is []
	slices.Reverse(newest)
	return newest
}

// Message returns the message with that id, or false.
func (b *Box) Message(id int) (Message, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	i, found := slices.BinarySearchFunc(b.messages, id, func(m Message, id int) int { return m.ID - id })
	if !found {
		return Message{}, false
	}
	return b.messages[i], true
}

// keep stores a message; when it returns nil the message is on the disk.
func (b *Box) keep(raw []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := b.last + 1
	if err := writeWhole(b.file(id), raw); err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	b.last = id
	b.messages = append(b.messages, parse(id, raw))
	b.trim()
	return nil
}

// trim drops the oldest messages above the limit.
func (b *Box) trim() {
	for len(b.messages) > messagesMax {
		if err := os.Remove(b.file(b.messages[0].ID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			b.log.Warn("inbox: an old message stays on the disk", "error", err)
		}
		b.messages = b.messages[1:]
	}
}

func (b *Box) file(id int) string { return filepath.Join(b.dir, fmt.Sprintf("%08d%s", id, suffix)) }

// writeWhole writes a file so that a crash leaves either all of it under its name, or nothing.
func writeWhole(name string, data []byte) (err error) {
	f, err := os.Create(name + partialSuffix)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(name+partialSuffix, name)
}
