package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
)

// rounds answers the median round on a database. On PostgreSQL it prints that of the peer, too, and answers what ours is of its renewals, which is
// what the goal is about, each round beside its own: machines are not equally fast from one minute to the next.
func (p processing) rounds(ctx context.Context, w io.Writer, path, kind string) (median worked, of string, err error) {
	var engine *syncEngine
	if kind == onPostgres {
		if engine, err = installSyncEngine(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "bench: without the sync engine:", err)
		}
	}
	var ours []worked
	var all, renewals []engineRun
	var ofRenewals, ofAll []int64 // percent
	for range processedRounds {
		own, err := p.measure(ctx, path, kind, 0)
		if err != nil {
			return median, "", err
		}
		ours = append(ours, own)
		if engine == nil {
			continue
		}
		every, alone, err := engine.workOff(ctx, p.postgres, own.bodies)
		if err != nil {
			return median, "", err
		}
		all, renewals = append(all, every), append(renewals, alone)
		ofRenewals, ofAll = append(ofRenewals, own.perSecond()*100/alone.perSecond()), append(ofAll, own.perSecond()*100/every.perSecond())
	}
	if engine != nil {
		middle(all, engineRun.perSecond).print(w, "the same webhooks")
		middle(renewals, engineRun.perSecond).print(w, "its subscription.updated alone")
		of = fmt.Sprintf("%d %% (%d to %d), %d %% of all", middle(ofRenewals, same), slices.Min(ofRenewals), slices.Max(ofRenewals), middle(ofAll, same))
	}
	return middle(ours, worked.perSecond), of, nil
}

// middle is the one with the median rate.
func middle[T any](all []T, rate func(T) int64) T {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b T) int { return cmp.Compare(rate(a), rate(b)) })
	return sorted[len(sorted)/2]
}

func same(n int64) int64 { return n }
