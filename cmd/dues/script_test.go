package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dues-billing/dues/sqlstore"
)

// patience is how long a started program may take to say what a script waits for.
const patience = 30 * time.Second

// await waits until a server answers at a URL, whatever it answers: await URL.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await URL")
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	client := http.Client{Timeout: patience}
	for {
		resp, err := client.Get(args[0])
		if err == nil {
			ts.Check(resp.Body.Close())
			return
		}
		select {
		case <-look.C:
		case <-deadline.C:
			ts.Fatalf("nobody answers at %s: %v", args[0], err)
		}
	}
}

// httpGet prints what a URL answers to standard output, for stdout to look at; an answer other than 200 fails unless negated.
func httpGet(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 1 {
		ts.Fatalf("usage: httpget URL [USER]")
	}
	req, err := http.NewRequest(http.MethodGet, args[0], nil)
	ts.Check(err)
	if len(args) > 1 {
		req.SetBasicAuth(args[1], "")
	}
	client := http.Client{Timeout: patience}
	resp, err := client.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	_, err = ts.Stdout().Write(body)
	ts.Check(err)
	if (resp.StatusCode == http.StatusOK) == neg {
		ts.Fatalf("%s answered %s", args[0], resp.Status)
	}
}

// hold listens on a port until the script ends: hold PORT.
func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold PORT")
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
}

// terminate sends SIGTERM to all programs in the background, which the kill of scripts does not know.
func terminate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: terminate")
	}
	for _, program := range ts.BackgroundCmds() {
		ts.Check(program.Process.Signal(syscall.SIGTERM))
	}
}

// httpPost sends a form to a Stripe, prints the answer, and keeps the id in it as $ID: httppost URL KEY FORM.
func httpPost(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: httppost URL KEY FORM")
	}
	req, err := http.NewRequest(http.MethodPost, args[0], strings.NewReader(args[2]))
	ts.Check(err)
	req.SetBasicAuth(args[1], "")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := http.Client{Timeout: patience}
	resp, err := client.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	var made struct {
		ID string `json:"id"`
	}
	ts.Check(json.NewDecoder(resp.Body).Decode(&made))
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("%s answered %s", args[0], resp.Status)
	}
	ts.Setenv("ID", made.ID)
}

// postJSON sends JSON to a service and prints the answer: postjson URL KEY BODY.
func postJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: postjson URL KEY BODY")
	}
	req, err := http.NewRequest(http.MethodPost, args[0], strings.NewReader(args[2]))
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+args[1])
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Timeout: patience}).Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
	if resp.StatusCode/100 != 2 {
		ts.Fatalf("%s answered %s", args[0], resp.Status)
	}
}

// waitFor runs a command again and again until its standard output matches: waitfor PATTERN COMMAND [ARGUMENT…].
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: waitfor PATTERN COMMAND [ARGUMENT…]")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		ts.Check(ts.Exec(args[1], args[2:]...))
		if pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		select {
		case <-look.C:
		case <-deadline.C:
			ts.Fatalf("%q never printed what matches %s", args[1:], args[0])
		}
	}
}

// unread makes it so many days since Stripe's list of events was read: unread DATABASE DAYS.
func unread(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: unread DATABASE DAYS")
	}
	days, err := strconv.Atoi(args[1])
	ts.Check(err)
	ctx := context.Background()
	store, err := sqlstore.Open(ctx, "sqlite:"+ts.MkAbs(args[0]))
	ts.Check(err)
	at := time.Now().AddDate(0, 0, -days)
	ts.Check(store.InTx(ctx, func(tx *sqlstore.Tx) error {
		return tx.SaveFeed(ctx, "", sqlstore.Feed{Event: "evt_1", CreatedAt: at, ReadAt: at})
	}))
	ts.Check(store.Close())
}

// issueKey makes an API key and keeps its secret and its id in variables: issue NAME SECRET-VARIABLE ID-VARIABLE FLAG…
func issueKey(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: issue NAME SECRET ID FLAG…")
	}
	ts.Check(ts.Exec("dues", append([]string{"keys", "create", args[0], "--json"}, args[3:]...)...))
	var made struct {
		Key    struct{ ID string }
		Secret string
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &made))
	ts.Setenv(args[1], made.Secret)
	ts.Setenv(args[2], made.Key.ID)
}
