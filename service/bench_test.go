package service_test

import (
	"fmt"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/service"
)

// BenchmarkStatus is what an application asks most, without HTTP.
func BenchmarkStatus(b *testing.B) {
	w := newWorld(b, testenv.SQLiteURL(b))
	s := w.service()
	var ids []billing.AccountID
	for i := range 100 {
		id := billing.AccountID(fmt.Sprint("user", i))
		if _, _, err := s.CreateAccount(b.Context(), service.NewAccount{ID: id, Email: string(id) + "@example.com"}); err != nil {
			b.Fatal(err)
		}
		ids = append(ids, id)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if _, err := s.Status(b.Context(), ids[i%len(ids)]); err != nil {
			b.Fatal(err)
		}
	}
}
