package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// connections is how many clients ask at once unless a workload says otherwise: what a busy app server keeps open.
const connections = 64

// A workload is one kind of request, asked again and again.
type workload struct {
	name    string
	make    func(n int64) (*http.Request, error) // the n-th request, counted from 0
	clients int                                  // 0 is connections
	status  int                                  // what every answer must be; 0 is 200
	peer    string                               // the workload that it is compared with
	goal    int64                                // percent of the peer
	// goalRate is the goal where it is requests a second.
	goalRate int64
	server   *process // what answers, when that is a process of its own
	// after is called after each round, beside the measurement.
	after func(measurement) error
}

// A measurement is what a workload showed.
type measurement struct {
	name      string
	requests  int
	perSecond int64
	p50, p99  time.Duration
	cpu       time.Duration // that the server's process spent on a request, 0 when it is not known; servers of this process share it with the clients
}

// rounds is how often each workload is measured; the middle one counts.
const rounds = 5

// median measures all workloads in turn, several times, so that what else the machine does hits all of them, and answers the middle
// measurement of each. Where profiles is a directory, it gets a CPU profile of each workload's last round; the clients have a label there:
// go tool pprof -top -cum -tagignore side=client FILE shows the servers of this process.
func median(ctx context.Context, all []workload, span time.Duration, profiles string) ([]measurement, error) {
	taken := make([][]measurement, len(all))
	for round := range rounds {
		for k := range all {
			i := (k + round*len(all)/rounds) % len(all) // each round begins elsewhere, or what comes back as often as a round does hits the same ones
			w, file := all[i], ""
			if profiles != "" && round == rounds-1 {
				file = filepath.Join(profiles, fmt.Sprintf("load-%02d.prof", i))
			}
			err := profiled(file, func() error {
				m, err := measure(ctx, w, span, requestsMax)
				taken[i] = append(taken[i], m)
				return err
			})
			if err == nil && w.after != nil {
				err = w.after(taken[i][round])
			}
			if err != nil {
				return nil, err
			}
		}
	}
	var middle []measurement
	for _, of := range taken {
		slices.SortFunc(of, func(a, b measurement) int { return int(a.perSecond - b.perSecond) })
		middle = append(middle, of[len(of)/2])
	}
	return middle, nil
}

// measure asks w for the given time, bounded by at most requestsMax requests, and fails on the first wrong answer.
func measure(ctx context.Context, w workload, span time.Duration, requestsMax int64) (measurement, error) {
	clients := cmp.Or(w.clients, connections)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	took := make([][]time.Duration, clients)
	spent := stopwatch(w.server)
	start := time.Now()
	var group sync.WaitGroup
	for i := range clients {
		group.Go(func() {
			pprof.SetGoroutineLabels(pprof.WithLabels(ctx, pprof.Labels("side", "client")))
			line, err := dial(ctx, w)
			if err != nil {
				cancel(err)
				return
			}
			defer line.conn.Close()
			for time.Since(start) < span && ctx.Err() == nil {
				n := next.Add(1) - 1
				if n >= requestsMax {
					return
				}
				began := time.Now()
				if err := line.ask(w, n); err != nil {
					cancel(err)
					return
				}
				took[i] = append(took[i], time.Since(began))
			}
		})
	}
	group.Wait()
	elapsed := time.Since(start)
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return measurement{}, fmt.Errorf("%s: %w", w.name, err)
	}
	all := slices.Concat(took...)
	if len(all) == 0 {
		return measurement{}, fmt.Errorf("%s: no request was answered", w.name)
	}
	slices.Sort(all)
	return measurement{
		name: w.name, requests: len(all), perSecond: int64(len(all)) * int64(time.Second) / int64(elapsed),
		p50: all[len(all)/2], p99: all[len(all)*99/100], cpu: spent() / time.Duration(len(all)),
	}, nil
}

// stopwatch tells how long a process has been computing since: this one, its clients included, when p is nil.
func stopwatch(p *process) func() time.Duration {
	if p == nil {
		before := ownTime()
		return func() time.Duration { return ownTime() - before }
	}
	before, known := p.cpu()
	return func() time.Duration {
		after, still := p.cpu()
		if !known || !still {
			return 0
		}
		return after - before
	}
}

// line is one connection to a server. It sends a request and reads the answer where it stands: the transport of net/http would spend more on
// handing them between goroutines than some of the servers spend on answering.
type line struct {
	conn net.Conn
	in   *bufio.Reader
	out  *bufio.Writer
}

// answerLimit is how long a connection may live: longer than any workload.
const answerLimit = 5 * time.Minute

func dial(ctx context.Context, w workload) (*line, error) {
	req, err := w.make(0)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", req.URL.Host)
	if err != nil {
		return nil, err
	}
	return &line{conn, bufio.NewReader(conn), bufio.NewWriter(conn)}, conn.SetDeadline(time.Now().Add(answerLimit))
}

// ask sends one request and reads its whole answer.
func (l *line) ask(w workload, n int64) error {
	req, err := w.make(n)
	if err != nil {
		return err
	}
	if err := errors.Join(req.Write(l.out), l.out.Flush()); err != nil {
		return err
	}
	resp, err := http.ReadResponse(l.in, req)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != cmp.Or(w.status, http.StatusOK) {
		return fmt.Errorf("answered %s: %.300s", resp.Status, body)
	}
	return nil
}
