package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dues-billing/dues/license"
	"github.com/dues-billing/dues/service"
)

type licenseCommands struct {
	Keygen licenseKeygen `cmd:"" help:"Make a key to sign license files with."`
	Verify licenseVerify `cmd:"" help:"Say what a license file proves."`
}

// licenseFlags are how dues serve signs.
type licenseFlags struct {
	Key    string   `help:"Private key that signs license files and tokens of entitlements; dues license keygen makes one. Without it none are signed." env:"DUES_LICENSE_KEY" placeholder:"dlsk_…"`
	OldKey []string `help:"Public key that signed before, while its files have not ended; repeatable." env:"DUES_LICENSE_OLD_KEY" placeholder:"KEY"`
	Token  int      `name:"token-minutes" help:"How long a token of entitlements holds at most." env:"DUES_LICENSE_TOKEN_MINUTES" default:"15" placeholder:"MINUTES"`
	Days   int      `help:"How long a file holds at most: it cannot be taken back." env:"DUES_LICENSE_DAYS" default:"35" placeholder:"DAYS"`
}

// read is the flags as the service takes them.
func (f licenseFlags) read() (service.LicenseSigning, error) {
	if f.Key == "" {
		return service.LicenseSigning{}, nil
	}
	key, err := license.ParsePrivateKey(f.Key)
	if err != nil {
		return service.LicenseSigning{}, hint(err, "dues license keygen makes one")
	}
	signing := service.LicenseSigning{Key: key, For: time.Duration(f.Days) * 24 * time.Hour, TokenFor: time.Duration(f.Token) * time.Minute}
	for _, text := range f.OldKey {
		keys, err := license.ParseKeys(text)
		if err != nil {
			return service.LicenseSigning{}, err
		}
		for _, public := range keys {
			signing.Retired = append(signing.Retired, public)
		}
	}
	return signing, nil
}

type licenseKeygen struct{}

// Run prints a new pair of keys.
func (licenseKeygen) Run(c console) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	c.printf("private  %s\npublic   %s\nid       %s\n\n", license.EncodePrivateKey(private), license.EncodeKey(public), license.KeyID(public))
	c.printf("The private key is for DUES_LICENSE_KEY (or DUES_LICENSE_KEY_FILE) of dues serve, the public one for your application.\n" +
		"To replace a key, let applications trust both first, then sign with the new one and name the old public one with --license-old-key.\n")
	return nil
}

type licenseVerify struct {
	Key  []string `help:"Public key that is trusted; repeatable." env:"DUES_LICENSE_PUBLIC_KEY" placeholder:"KEY" required:""`
	File string   `arg:"" help:"The file, - for standard input." placeholder:"FILE"`
}

// Run says what the file proves, and fails when it proves nothing now.
func (v licenseVerify) Run(c console) error {
	keys, err := license.ParseKeys(v.Key...)
	if err != nil {
		return hint(err, "dues license keygen prints it as public")
	}
	read := func() ([]byte, error) { return os.ReadFile(v.File) }
	if v.File == "-" {
		read = func() ([]byte, error) { return io.ReadAll(io.LimitReader(os.Stdin, 1<<20)) }
	}
	file, err := read()
	if err != nil {
		return err
	}
	held, err := keys.Verify(file)
	if err != nil {
		return err
	}
	c.printf("account  %s\nasset    %s\nfrom     %s\nuntil    %s\n", held.Account, held.Asset, held.StartsAt.Format(time.RFC3339), held.EndsAt.Format(time.RFC3339))
	if err := held.Check(time.Now()); err != nil {
		return fmt.Errorf("the signature is right, but: %w", err)
	}
	return nil
}
