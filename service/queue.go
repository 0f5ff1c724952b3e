package service

import "context"

// Ready returns an error when the service cannot work: the database does not answer, is not migrated, or has refused a write since and
// still does.
func (s *Service) Ready(ctx context.Context) error { return s.cfg.Store.Check(ctx) }

// TryWrite finds out whether the database takes writes. Its error has code unavailable and says what to do.
func (s *Service) TryWrite(ctx context.Context) error { return s.cfg.Store.TryWrite(ctx) }
