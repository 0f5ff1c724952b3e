package service

import (
	"net"
	"strings"
)

// hosts are where customers may be sent back to, in lower case: app.example.com, app.example.com:8443, or localhost:* with any port.
type hosts map[string]bool

// anyPort ends a host whose port does not matter: what a developer runs on the machine itself.
const anyPort = ":*"

func (h hosts) add(host string) { h[strings.ToLower(host)] = true }

// allow says whether a URL's host, with its port if it has one, is among them.
func (h hosts) allow(host string) bool {
	host = strings.ToLower(host)
	if h[host] {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return h[name+anyPort]
}
