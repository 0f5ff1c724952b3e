package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

const (
	headerTimeout   = 10 * time.Second // a client that has not said what it wants by then is gone, or means harm
	requestTimeout  = time.Minute
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 10 * time.Second // for requests under way at Ctrl-C; then they are cut
)

// listen opens a port. A port in use is the commonest trouble of a first try, so its error says what to do; flag is the
// flag that gave the address.
func listen(address, flag string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("cannot listen on %s: the port is in use", address)
		return nil, hint(err, "another dues may be running; stop it, or choose another port: %s %s", flag, nextPort(address))
	}
	return nil, hint(fmt.Errorf("cannot listen on %s: %w", address, err), "%s takes an address such as 127.0.0.1:8080", flag)
}

func nextPort(address string) string {
	host, port, err := net.SplitHostPort(address)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil {
		return "127.0.0.1:8081"
	}
	return net.JoinHostPort(host, strconv.Itoa(n+1))
}

// site is a handler that is being served.
type site struct {
	server *http.Server
	failed chan error // receives why serving ended
}

// open serves handler on l until close is called.
func open(l net.Listener, handler http.Handler, log *slog.Logger) *site {
	s := &site{failed: make(chan error, 1), server: &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}
	go func() { s.failed <- s.server.Serve(l) }()
	return s
}

// shut closes a listener that a site may have closed before.
func shut(l net.Listener) error {
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// close lets requests under way finish, but not for ever.
func (s *site) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if s.server.Shutdown(ctx) != nil {
		return s.server.Close()
	}
	return nil
}

// wait returns nil when ctx is over, or the error by which one of the sites or tasks ended before.
func wait(ctx context.Context, failed ...chan error) error {
	first := make(chan error, len(failed))
	for _, f := range failed {
		go func() {
			select {
			case err := <-f:
				first <- err
			case <-ctx.Done():
			}
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-first:
		return err
	}
}

// work runs a task of the service until stop is called, which waits for its end.
func work(run func(context.Context) error) (failed chan error, stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	failed, done := make(chan error, 1), make(chan error, 1)
	go func() {
		err := run(ctx)
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil // that is how every task ends
		}
		failed <- err
		done <- err
	}()
	return failed, func() error {
		cancel()
		return <-done
	}
}
