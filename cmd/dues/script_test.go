package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a started program may take to say what a script waits for.
const patience = 30 * time.Second

// await waits until a program that runs in the background has written a line to a file: await FILE TEXT.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await FILE TEXT")
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		text, _ := os.ReadFile(ts.MkAbs(args[0])) // not there yet is not written yet
		if strings.Contains(string(text), args[1]) {
			return
		}
		select {
		case <-look.C:
		case <-deadline.C:
			ts.Fatalf("%s never said %q; it says:\n%s", args[0], args[1], text)
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
