package pages

import "strings"

// onlyDigits drops everything but digits, so that numbers may be typed in groups.
func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
