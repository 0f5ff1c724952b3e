package dashboard

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/emulator/engine"
)

// snapshotsView is what can be done with the account as a whole.
type snapshotsView struct {
	Chrome   chrome
	Names    []string
	Commands int
	Done     string
}

// snapshotDone says what was done, by the word that the redirect carries.
var snapshotDone = map[string]string{
	"kept": "The account is kept as it is now.", "back": "The account is what it was when the snapshot was taken. Its time goes on from there.",
	"erased": "The snapshot is erased.", "empty": "The account is empty.",
	"forked": "This account began as a copy. What happens in one is nothing to the other.",
}

func (v *visit) snapshots() (templ.Component, error) {
	return snapshotsPage(snapshotsView{
		Chrome: v.chrome("/snapshots"), Names: v.world.Snapshots(), Commands: v.world.Commands(), Done: snapshotDone[v.URL.Query().Get("done")],
	}), nil
}

func (v *visit) did(what string) string { return v.path("/snapshots?done=" + what) }

func (v *visit) keepSnapshot() (string, error) {
	return v.did("kept"), v.world.Keep(strings.TrimSpace(v.PostFormValue("name")))
}

func (v *visit) restoreSnapshot() (string, error) {
	return v.did("back"), v.world.Restore(v.PathValue("name"))
}

func (v *visit) eraseSnapshot() (string, error) {
	return v.did("erased"), v.world.Forget(v.PathValue("name"))
}

// fork begins another account as a copy of this one, and goes there.
func (v *visit) fork() (string, error) {
	forked, err := v.world.Fork(strings.TrimSpace(v.PostFormValue("key")), v.PostFormValue("snapshot"))
	if err != nil {
		return "", err
	}
	account := ""
	forked.Read(func(w *engine.World, _ int64) { account = w.AccountID() })
	return Path(account) + "/snapshots?done=forked", nil
}

func (v *visit) empty() (string, error) { return v.did("empty"), v.world.Reset() }

// snapshotPath is where something is done with a snapshot.
func snapshotPath(c chrome, name, what string) string {
	return Path(c.Account) + "/snapshots/" + url.PathEscape(name) + "/" + what
}
