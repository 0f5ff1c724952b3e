package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"

	"github.com/dues-billing/dues/emulator/engine"
)

// journal is the file that an emulator lives on: every command that reached a world, one line each, appended before its answer leaves. Of
// a command that was taken back only the passing of time is written, and its answer if that was asked for under an idempotency key. A
// world is a pure function of its commands, so reading the file again gives the same worlds, the stored idempotent answers and the webhooks
// that still wait. A line is a checksum, a space and JSON; a line torn by a crash is cut off when the file is opened, for nobody was told
// about it.
//
// The file is handed to the operating system with every line, and so survives the end of the process at any point. It is not synced to
// the disk: a development tool need not outlive a power cut, and a sync would cost a hundred commands.
type journal struct {
	mu   sync.Mutex
	file *os.File
	end  int64 // of the last line
	err  error // the first write that failed; nothing is written after it
}

const journalFormat = 2

// header is the first line of a journal. Commands replay under the settings that they ran under; only the pages' address may change.
type header struct {
	Format   int             `json:"dues_emulator_journal"`
	Seed     string          `json:"seed"`
	Settings engine.Settings `json:"settings"`
}

// record is one line: a command of a world, or the one other thing that is given.
type record struct {
	World   string           `json:"world"`
	At      int64            `json:"at,omitempty"`
	Name    string           `json:"name,omitempty"`
	Command json.RawMessage  `json:"command,omitempty"`
	Request engine.Request   `json:"req,omitzero"`
	Number  uint64           `json:"n,omitempty"` // of the request within the world
	Key     string           `json:"key,omitempty"`
	Reply   *reply           `json:"reply,omitempty"`
	Done    *doneDelivery    `json:"done,omitempty"`
	Turn    *turn            `json:"turn,omitempty"`     // of the whole world: a snapshot, a rewind, …
	Chaos   *[]Chaos         `json:"chaos,omitempty"`    // what goes wrong with webhooks from here on
	Base    *engine.Settings `json:"settings,omitempty"` // of worlds that are opened from here on
}

// place is where a line of the journal stands in the file.
type place struct {
	offset int64
	length int
}

// doneDelivery says that an event needs no further delivery to an endpoint: it was taken, or given up.
type doneDelivery struct {
	Endpoint string `json:"endpoint"`
	Seq      int64  `json:"seq"`
	State    string `json:"state"`
	Twin     int    `json:"twin,omitempty"` // which thin event of that event; 0 is the event itself
}

// openJournal opens or makes the file. Nothing is read yet.
func openJournal(path string) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &journal{file: file}, nil
}

// load calls replay for each of the journal's records.
func (j *journal) load(fresh header, start func(header) error, replay func(record, place) error) error {
	in := bufio.NewReaderSize(j.file, 1<<16)
	var good int64 // bytes up to the end of the last whole line
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err != nil { // the end, perhaps with a torn line before it
			break
		}
		body, ok := unseal(line)
		if !ok {
			if _, err := in.Peek(1); errors.Is(err, io.EOF) {
				break // torn within its last page
			}
			return fmt.Errorf("line %d is damaged", number)
		}
		if err := j.take(number, body, place{good, len(line)}, start, replay); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		good += int64(len(line))
	}
	if err := j.file.Truncate(good); err != nil {
		return err
	}
	if _, err := j.file.Seek(good, io.SeekStart); err != nil {
		return err
	}
	j.end = good
	if good > 0 {
		return nil
	}
	if err := start(fresh); err != nil {
		return err
	}
	_, err := j.append(fresh)
	return err
}

func (j *journal) take(number int, body []byte, at place, start func(header) error, replay func(record, place) error) error {
	if number > 1 {
		var r record
		if err := json.Unmarshal(body, &r); err != nil {
			return err
		}
		return replay(r, at)
	}
	h := header{Settings: engine.DefaultSettings()} // for those that this program has and the file has not
	if err := json.Unmarshal(body, &h); err != nil {
		return err
	}
	if h.Format != journalFormat {
		return fmt.Errorf("its format is %d, this program reads %d; start with a new file", h.Format, journalFormat)
	}
	return start(h)
}

// append writes one line and tells where it stands. After a failed write it refuses all further ones: a hole would make the replay another
// world.
func (j *journal) append(v any) (place, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return place{}, err
	}
	line := seal(body)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return place{}, j.err
	}
	if _, err := j.file.Write(line); err != nil {
		j.err = fmt.Errorf("journal: %w", err)
		return place{}, j.err
	}
	at := place{j.end, len(line)}
	j.end += int64(len(line))
	return at, nil
}

// read reads a line again.
func (j *journal) read(at place, r *record) error {
	if j == nil {
		return errNoJournal
	}
	line := make([]byte, at.length)
	if _, err := j.file.ReadAt(line, at.offset); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	body, ok := unseal(line)
	if !ok {
		return fmt.Errorf("journal: the line at byte %d is damaged", at.offset)
	}
	return json.Unmarshal(body, r)
}

func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = errors.New("journal: closed")
	}
	return j.file.Close()
}

var errNoJournal = errors.New("a step of the world's history stands in a journal that is not open")

const sealLength = 9 // eight hexadecimal digits and a space

func seal(body []byte) []byte {
	line := make([]byte, 0, sealLength+len(body)+1)
	line = fmt.Appendf(line, "%08x ", crc32.ChecksumIEEE(body))
	return append(append(line, body...), '\n')
}

func unseal(line []byte) ([]byte, bool) {
	line = bytes.TrimSuffix(line, []byte("\n"))
	if len(line) < sealLength {
		return nil, false
	}
	body := line[sealLength:]
	return body, string(line[:sealLength]) == fmt.Sprintf("%08x ", crc32.ChecksumIEEE(body))
}
