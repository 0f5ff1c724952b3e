package wire

import (
	"net/http"

	"github.com/dues-billing/dues/emulator/engine"
)

// about tells what a world is.
func (a *account) about() map[string]any {
	return map[string]any{
		"key": a.key, "account": a.id, "now": a.world.Now(a.server.opts.Now().Unix()), "events": a.world.LastEventSeq(),
		"commands": a.history.commands(), "snapshots": texts(a.snapshotNames()),
	}
}

func controlWorld(a *account, _ *http.Request) (any, error) {
	if err := a.catchUp(); err != nil {
		return nil, err
	}
	return a.about(), nil
}

// controlWorlds needs no key: the emulator listens on this machine.
func (s *Server) controlWorlds(w http.ResponseWriter, _ *http.Request) {
	list := []any{}
	for _, world := range s.Worlds() {
		world.account.locked(func() { list = append(list, world.account.about()) })
	}
	writeJSON(w, http.StatusOK, map[string]any{"worlds": list})
}

func controlReset(a *account, _ *http.Request) (any, error) {
	return map[string]any{"reset": true}, a.reset()
}

// rewindParams are those of POST rewind; one of them is given.
type rewindParams struct {
	Commands engine.Opt[int64]  `form:"commands"`
	Event    engine.Opt[string] `form:"event"`
	Time     engine.Opt[int64]  `form:"time"`
}

func controlRewind(a *account, r *http.Request) (any, error) {
	var p rewindParams
	if err := params(r, &p); err != nil {
		return nil, err
	}
	if err := a.rewind(p); err != nil {
		return nil, err
	}
	return a.about(), nil
}

func (a *account) rewind(p rewindParams) error {
	if n, ok := p.Commands.Get(); ok {
		return a.rewindTo(int(n))
	}
	if id, ok := p.Event.Get(); ok {
		return a.rewindToEvent(id)
	}
	if at, ok := p.Time.Get(); ok {
		return a.rewindToTime(at)
	}
	return badRequest("parameter_missing", "commands", "Say where to: commands=NUMBER, event=evt_… or time=UNIX.")
}

func controlSnapshots(a *account, _ *http.Request) (any, error) {
	list := []any{}
	for _, name := range a.snapshotNames() {
		s := a.snapshots[name]
		list = append(list, map[string]any{
			"name": name, "now": s.world.Reached(), "events": s.world.LastEventSeq(), "commands": s.history.commands(), "taken": s.at,
		})
	}
	return map[string]any{"snapshots": list}, nil
}

func controlKeep(a *account, r *http.Request) (any, error) {
	var p struct {
		Name string `form:"name"`
	}
	if err := params(r, &p); err != nil {
		return nil, err
	}
	if err := a.keep(p.Name); err != nil {
		return nil, err
	}
	return controlSnapshots(a, r)
}

func controlForget(a *account, r *http.Request) (any, error) {
	if err := a.forget(r.PathValue("name")); err != nil {
		return nil, err
	}
	return controlSnapshots(a, r)
}

func controlRestore(a *account, r *http.Request) (any, error) {
	if err := a.restore(r.PathValue("name")); err != nil {
		return nil, err
	}
	return a.about(), nil
}

func (s *Server) controlFork(w http.ResponseWriter, r *http.Request) {
	s.controlled(func(key string, r *http.Request) (any, error) {
		var p struct {
			To       string `form:"to"`
			Snapshot string `form:"snapshot"`
		}
		if err := params(r, &p); err != nil {
			return nil, err
		}
		if err := s.fork(key, p.To, p.Snapshot); err != nil {
			return nil, err
		}
		a := s.account(p.To)
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.about(), nil
	})(w, r)
}
