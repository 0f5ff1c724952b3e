package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stripe/stripe-mock/embedded"
)

func TestCommittedTablesMatchTheOpenAPIDocument(t *testing.T) {
	t.Parallel()
	want, err := Tables(embedded.OpenAPISpec)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../stripe.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("emulator/wire/stripe.txt is stale: run go generate ./emulator/wire")
	}
}
