// Command gen writes the tables that the wire reads about Stripe's API: every operation with its parameters, and every schema with the
// fields that may be expanded. Its source is the OpenAPI document inside github.com/stripe/stripe-mock, which takes over a second to load
// as a whole; the tables take a millisecond.
package main

import (
	"log"
	"os"

	"github.com/stripe/stripe-mock/embedded"
)

func main() {
	text, err := Tables(embedded.OpenAPISpec)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("stripe.txt", text, 0o644); err != nil {
		log.Fatal(err)
	}
}
