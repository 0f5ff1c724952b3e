package service

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

const (
	// cardLinkLife is how long the link of a mail opens the page for another card. The next reminder brings a new one.
	cardLinkLife = 7 * 24 * time.Hour
	// linkKey is the mark under which the key of all links is kept, named for the first kind that there was. Who can read the database can make a
	// link, and could read the mails too.
	linkKey = "card-link-key"
)

// cardLink returns an address under which an account's customer enters another card without signing in. It opens nothing else.
func (s *Service) cardLink(ctx context.Context, id billing.AccountID) (string, error) {
	until := strconv.FormatInt(s.cfg.Clock.Wall().Add(cardLinkLife).Unix(), 36)
	of := base64.RawURLEncoding.EncodeToString([]byte(id))
	mac, err := s.cardLinkMAC(ctx, of, until)
	if err != nil {
		return "", err
	}
	return s.cfg.PublicURL + "/card?" + url.Values{"of": {of}, "until": {until}, "mac": {mac}}.Encode(), nil
}

// cardLinkMAC signs a link.
func (s *Service) cardLinkMAC(ctx context.Context, of, until string) (string, error) {
	mac, err := s.linkMAC(ctx, "card\n"+of+"\n"+until)
	return base64.RawURLEncoding.EncodeToString(mac), err
}

// linkMAC signs what stands for the right to open something; its first line says what. The key is made when the first is.
func (s *Service) linkMAC(ctx context.Context, signed string) ([]byte, error) {
	key, err := s.cfg.Store.Mark(ctx, linkKey)
	if err == nil && key == "" {
		err = s.inTx(ctx, func(tx *sqlstore.Tx) (err error) {
			key, err = tx.FirstMark(ctx, linkKey, rand.Text())
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(signed))
	return mac.Sum(nil), nil
}

// OpenCardLink answers where the link of a reminder leads (GET /card?…): to the provider's page for another card, which is opened at this click, or to
// the account page when the link is too old or not ours, or nothing is owed any more. Whoever signs in there can do the same.
func (s *Service) OpenCardLink(ctx context.Context, link url.Values) (redirect string, err error) {
	of, until := link.Get("of"), link.Get("until")
	mac, err := s.cardLinkMAC(ctx, of, until)
	if err != nil {
		return "", err
	}
	end, err := strconv.ParseInt(until, 36, 64)
	id, broken := base64.RawURLEncoding.DecodeString(of)
	if !hmac.Equal([]byte(mac), []byte(link.Get("mac"))) || err != nil || broken != nil || strings.ToLower(until) != until || !s.cfg.Clock.Wall().Before(time.Unix(end, 0)) {
		return s.cfg.AccountURL, nil
	}
	row, err := s.cfg.Store.Account(ctx, billing.AccountID(id))
	if billing.CodeOf(err) == billing.NotFound {
		return s.cfg.AccountURL, nil
	}
	if err != nil {
		return "", err
	}
	state, err := s.cfg.Store.Standing(ctx, row.Customer)
	if err != nil {
		return "", err
	}
	if !s.cfg.Catalog.Owes(state) {
		return s.cfg.AccountURL, nil
	}
	return s.openPortalAt(ctx, row.Account, PortalRequest{Customer: row.Customer, Task: UpdateMethodTask}, s.cfg.AccountURL)
}
