package main

import "testing"

func TestTheCatalogueIsMeasured(t *testing.T) {
	t.Parallel()
	m, err := newMonth(t.Context(), itself(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.stripe.stop(); err != nil {
			t.Error(err)
		}
	}()
	steps, err := m.catalogue(t.Context(), 150)
	if err != nil || len(steps) != 3 {
		t.Fatalf("%+v, %v", steps, err)
	}
	for _, s := range steps[1:] {
		if s.requests > s.most {
			t.Errorf("%s took %d requests, want %d at most", s.name, s.requests, s.most)
		}
	}
}
