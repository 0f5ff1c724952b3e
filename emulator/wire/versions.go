package wire

import (
	"slices"
	"sync"

	"github.com/dues-billing/dues/emulator/engine"
)

// NativeVersion is the API version that commands read and objects are rendered in, before they are adapted to the version asked for. It is
// the one that stripe-go v86 pins.
const NativeVersion = "2026-06-24.dahlia"

// oldestVersion is the first that is served: what changed before it is not in the list of changes.
const oldestVersion = "2020-08-27"

// laterVersions came after the OpenAPI document that the parameter table is made from.
var laterVersions = []string{"2026-09-30.endive", "2026-10-28.endive"}

// knownVersions are all versions that Stripe has, from the enum of an endpoint's api_version.
var knownVersions = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	create := stripeSpec().ops["POST /v1/webhook_endpoints"].params()
	for _, version := range create.fields["api_version"].values {
		known[version] = true
	}
	return known
})

// checkVersion refuses a version that Stripe does not have, and one older than what this emulator renders. Versions begin with their date,
// so they compare as texts.
func checkVersion(version string) *engine.Error {
	if !knownVersions()[version] {
		return badRequest("", "", "Invalid Stripe API version: %s", shorten(version))
	}
	if version < oldestVersion {
		return badRequest("version_unsupported", "", "This emulator speaks Stripe's API from %s on; %s is a version of Stripe that it does not render.",
			oldestVersion, version)
	}
	return nil
}

// era is Stripe's API as one version has it: which of the changes had come by then.
type era struct {
	version string
	undone  []*change           // those that came after it and at or before the native version, newest first
	done    []*change           // those that came after the native version and by then, oldest first
	gone    map[string][]string // the keys that changes up to it have taken away, by object

	defs sync.Map // operation → *param
}

// eras are those that were asked for: at most one for each version that Stripe has.
var eras = struct {
	sync.RWMutex
	of map[string]*era
}{of: map[string]*era{}}

func eraOf(version string) *era {
	eras.RLock()
	known := eras.of[version]
	eras.RUnlock()
	if known != nil {
		return known
	}
	eras.Lock()
	defer eras.Unlock()
	if eras.of[version] == nil {
		eras.of[version] = newEra(version)
	}
	return eras.of[version]
}

func newEra(version string) *era {
	e := &era{version: version, gone: map[string][]string{}}
	for _, c := range changes {
		if c.version <= version {
			for name, keys := range c.went {
				e.gone[name] = append(e.gone[name], keys...)
			}
		}
		switch {
		case c.version <= NativeVersion && version < c.version:
			e.undone = append(e.undone, c)
		case c.version > NativeVersion && c.version <= version:
			e.done = append([]*change{c}, e.done...)
		}
	}
	return e
}

// params is the definition of an operation's parameters in this version.
func (e *era) params(op *operation) *param {
	if known, ok := e.defs.Load(op); ok {
		return known.(*param)
	}
	def, name := op.params(), op.method+" "+op.path
	for _, c := range e.undone {
		for _, p := range c.params {
			if p.op != name {
				continue
			}
			for _, path := range p.came {
				def = def.without(path)
			}
			for path, kind := range p.went {
				def = def.with(path, stripeSpec().parse(kind))
			}
		}
	}
	for _, c := range e.done {
		for _, p := range c.params {
			if p.op == name {
				for path, kind := range p.brought {
					def = def.with(path, stripeSpec().parse(kind))
				}
			}
		}
	}
	e.defs.Store(op, def)
	return def
}

// fieldOf is a field that may be expanded in this version.
func (e *era) fieldOf(schema, name string) (field, bool) {
	resource := stripeSpec().named[schema]
	found, ok := stripeSpec().fieldOf(schema, name)
	for _, c := range e.undone {
		if slices.Contains(c.came[resource], name) {
			ok = false
		}
		if f, had := c.fields[resource][name]; had {
			found, ok = f, true
		}
	}
	return found, ok
}

// step goes from the schemas that an object may have to those that one of its fields may have.
func (e *era) step(schemas []string, segment string) (next []string, found bool) {
	for _, schema := range schemas {
		if f, ok := e.fieldOf(schema, segment); ok {
			found = true
			next = append(next, f.targets...)
		}
	}
	return next, found
}

// modernize rewrites a request of this version into the words of the native one, which the commands read. It refuses what this version did
// in a way that is not served.
func (e *era) modernize(op *operation, form *Node) *engine.Error {
	name := op.method + " " + op.path
	for i := len(e.undone) - 1; i >= 0; i-- { // the oldest first: each change takes the request one step nearer to today
		for _, p := range e.undone[i].params {
			if p.op != name {
				continue
			}
			if p.refuse != nil {
				if err := p.refuse(form); err != nil {
					return err
				}
			}
			if p.rewrite != nil {
				p.rewrite(form)
			}
		}
	}
	return nil
}

// adapt turns a rendering of the native version into this one's, in place. Objects that stand inside others are adapted with them.
func (v *view) adapt(x any) {
	switch x := x.(type) {
	case object:
		name := text(x["object"])
		if name == "event" {
			return // it was rendered in its own version
		}
		if name != "" {
			v.adaptOne(name, x)
		}
		for _, inner := range x {
			v.adapt(inner)
		}
	case []any:
		for _, inner := range x {
			v.adapt(inner)
		}
	case []object:
		for _, inner := range x {
			v.adapt(inner)
		}
	}
}

func (v *view) adaptOne(name string, o object) {
	for _, c := range v.era.undone {
		if before := c.before[name]; before != nil {
			before(v, o)
		}
		for _, key := range c.came[name] {
			delete(o, key)
		}
		for _, key := range c.came[""] {
			delete(o, key)
		}
	}
	for _, c := range v.era.done {
		if after := c.after[name]; after != nil {
			after(v, o)
		}
	}
	for _, key := range v.era.gone[name] {
		delete(o, key)
	}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
