package service

import "testing"

func TestAHostIsAllowedWithItsPortUnlessAnyPortIs(t *testing.T) {
	t.Parallel()
	allowed := hosts{}
	for _, host := range []string{"App.example.com", "shop.example.com:8443", "localhost:*"} {
		allowed.add(host)
	}
	for host, want := range map[string]bool{
		"app.example.com": true, "APP.example.com": true, "app.example.com:8080": false, "evil.example.com": false,
		"shop.example.com:8443": true, "shop.example.com": false, "shop.example.com:*": false,
		"localhost": true, "localhost:3000": true, "localhost.evil.com:3000": false, "notlocalhost:3000": false, "": false, ":*": false, "[::1]:3000": false,
	} {
		if got := allowed.allow(host); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}
