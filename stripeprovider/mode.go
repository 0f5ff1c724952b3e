package stripeprovider

import "strings"

// mode is what a key opens at Stripe: objects of test mode and of live mode never meet.
type mode string

const (
	anyMode  mode = "" // a key that does not say, such as an emulator's
	testMode mode = "test mode"
	liveMode mode = "live mode"
)

// modeOfKey reads the mode from a secret or restricted key.
func modeOfKey(key string) mode {
	for _, kind := range []string{"sk_", "rk_"} {
		switch rest, found := strings.CutPrefix(key, kind); {
		case found && strings.HasPrefix(rest, "test_"):
			return testMode
		case found && strings.HasPrefix(rest, "live_"):
			return liveMode
		}
	}
	return anyMode
}

func modeOf(live bool) mode {
	if live {
		return liveMode
	}
	return testMode
}
