package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	toldOf   = `SELECT plan, level, sequence, look_at, others FROM told WHERE account = $1`
	saveTold = `INSERT INTO told (account, plan, level, sequence, look_at, others) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account) DO UPDATE
		SET plan = excluded.plan, level = excluded.level, sequence = excluded.sequence, look_at = excluded.look_at, others = excluded.others`
	toLookAt = `SELECT account FROM told WHERE look_at > 0 AND look_at <= $1 ORDER BY look_at LIMIT $2 + 0`
)

// Told returns what the application was told of an account last, zero when nothing was.
func (r reads) Told(ctx context.Context, account billing.AccountID) (billing.Told, error) {
	told, err := row(ctx, r, func(from scanner) (t billing.Told, err error) {
		var others string
		if err = from.Scan(&t.Plan, &t.Level, &t.Sequence, moment{&t.LookAt}, &others); err == nil && others != "" {
			err = json.Unmarshal([]byte(others), &t.Others)
		}
		return t, err
	}, toldOf, account)
	if errors.Is(err, sql.ErrNoRows) {
		return billing.Told{}, nil
	}
	return told, err
}

// SaveTold notes what the application was told of an account. The caller holds the lease of its customer.
func (tx *Tx) SaveTold(ctx context.Context, account billing.AccountID, t billing.Told) error {
	others := ""
	if len(t.Others) > 0 {
		text, err := json.Marshal(t.Others)
		if err != nil {
			return err
		}
		others = string(text)
	}
	return tx.put(ctx, string(account), saveTold, account, t.Plan, t.Level, t.Sequence, micros(t.LookAt), others)
}

// ToLookAt returns accounts, at most limit, whose access has changed by the passing of time since they were told of.
func (r reads) ToLookAt(ctx context.Context, business time.Time, limit int) ([]billing.AccountID, error) {
	return rows(ctx, r, func(from scanner) (id billing.AccountID, err error) { return id, from.Scan(&id) }, toLookAt, micros(business), limit)
}
