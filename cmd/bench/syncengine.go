package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"time"
)

// The peer of webhooks that are worked off: Supabase's sync engine for Stripe, which writes what a webhook carries into PostgreSQL. It
// fetches nothing, decides nothing and has no effects; it is what people run who want Stripe's objects in a database of their own.

//go:embed syncengine/package.json syncengine/package-lock.json syncengine/.npmrc syncengine/peer.mjs
var engineFiles embed.FS

const (
	engineSubscriptions = 10_000 // rows in its table of subscriptions
	engineConnections   = 16     // to PostgreSQL, and webhooks at once
)

// syncEngine is the peer, installed.
type syncEngine struct{ dir string }

// engineRun is how long the peer took for webhooks; times are nanoseconds.
type engineRun struct {
	Webhooks  int   `json:"webhooks"`
	Unknown   int   `json:"unknown"` // that it has no table for
	Took      int64 `json:"took"`
	Processor int64 `json:"cpu"` // that Node used
}

func (r engineRun) perSecond() int64 { return int64(r.Webhooks) * int64(time.Second) / r.Took }

func (r engineRun) print(w io.Writer, what string) {
	fmt.Fprintf(w, "sync engine with %d subscriptions, %s\t%d\t%d\t\t\t%s\t\t\t0\t\t\t\t\n", engineSubscriptions, what, r.Webhooks, r.perSecond(),
		time.Duration(r.Processor).Round(time.Millisecond))
}

// installSyncEngine puts the peer into the user's cache, from npm unless it is there already.
func installSyncEngine(ctx context.Context) (*syncEngine, error) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("%s is not installed: scripts/setup does that", tool)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(cache, "dues-bench", "syncengine")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	const lock = "package-lock.json"
	wanted, err := engineFiles.ReadFile(path.Join("syncengine", lock))
	if err != nil {
		return nil, err
	}
	// npm writes the second file when it is done.
	known, _ := os.ReadFile(filepath.Join(dir, lock)) // none: it is not installed
	_, unfinished := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
	files, err := engineFiles.ReadDir("syncengine")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		body, err := engineFiles.ReadFile(path.Join("syncengine", file.Name()))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, file.Name()), body, 0o644); err != nil {
			return nil, err
		}
	}
	if unfinished == nil && bytes.Equal(known, wanted) {
		return &syncEngine{dir}, nil
	}
	fmt.Fprintln(os.Stderr, "installing the npm package @supabase/stripe-sync-engine into", dir, "…")
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm ci: %w: %.500s", err, out)
	}
	return &syncEngine{dir}, nil
}

// workOff lets the peer work webhooks off on a database of its own: all of them, then the renewals of subscriptions alone.
func (e *syncEngine) workOff(ctx context.Context, postgres string, bodies [][]byte) (all, renewals engineRun, err error) {
	made, err := newPostgres(ctx, postgres)
	if err != nil {
		return all, renewals, err
	}
	defer func() { err = errors.Join(err, made.drop()) }()
	texts := make([]string, len(bodies))
	for i, body := range bodies {
		texts[i] = string(body)
	}
	list, err := json.Marshal(texts)
	if err != nil {
		return all, renewals, err
	}
	dir, err := os.MkdirTemp("", "dues-bench")
	if err != nil {
		return all, renewals, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "webhooks.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		return all, renewals, err
	}
	fmt.Fprintln(os.Stderr, "the sync engine works off the same webhooks …")
	node := exec.CommandContext(ctx, "node", "peer.mjs", file, strconv.Itoa(engineSubscriptions), strconv.Itoa(engineConnections))
	node.Dir, node.Env = e.dir, append(os.Environ(), "DATABASE_URL="+made.url)
	said := new(bytes.Buffer)
	node.Stderr = said
	out, err := node.Output()
	if err != nil {
		return all, renewals, fmt.Errorf("the sync engine: %w: %.1000s", err, said)
	}
	var runs struct{ All, Renewals engineRun }
	if err := json.Unmarshal(out, &runs); err != nil {
		return all, renewals, fmt.Errorf("the sync engine printed %.300q: %w", out, err)
	}
	if runs.All.Webhooks != len(bodies) || runs.Renewals.Webhooks == 0 {
		return all, renewals, fmt.Errorf("the sync engine worked off %d of %d webhooks, and %d renewals", runs.All.Webhooks, len(bodies), runs.Renewals.Webhooks)
	}
	return runs.All, runs.Renewals, nil
}
