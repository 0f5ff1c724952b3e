package testenv_test

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
)

// scripts/test runs every test on a network that has the loopback and nothing else (scripts/offline); a test that needs more fails there.
// This one shows that it is so.
//
// Features: 110.
func TestTheSuiteRunsWithNoNetworkButTheLoopback(t *testing.T) {
	if os.Getenv("DUES_OFFLINE") == "" {
		t.Skip("this run has a network: it is not one of make test, or this system allows none of one's own (scripts/offline)")
	}
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if one.Flags&net.FlagLoopback == 0 && one.Flags&net.FlagUp != 0 {
			t.Errorf("there is %s beside the loopback", one.Name)
		}
	}
	if conn, err := net.Dial("tcp", "192.0.2.1:443"); !errors.Is(err, syscall.ENETUNREACH) { // an address for documentation, RFC 5737
		if conn != nil {
			_ = conn.Close()
		}
		t.Errorf("whoever leaves the loopback gets %v", err)
	}
}
