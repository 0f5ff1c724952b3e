package wire

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

// refuseItemsTwice refuses a change of a subscription that says its quantity in two places. Stripe says so before it looks at each of them.
func refuseItemsTwice(op *operation, form *Node) *engine.Error {
	if op.method+" "+op.path == updateSubscription && form.Child("items") != nil && form.Child("quantity") != nil {
		return badRequest("", "", "Received both items and quantity parameters. Please pass in only one.")
	}
	return nil
}

// checkParams holds a request against the definition of its operation and answers Stripe's error for the first thing wrong, or nil.
// Unknown parameters come first, all of them in one message, as Stripe answers them.
func checkParams(def *param, form *Node) *engine.Error {
	if unknown := unknownParams(def, form, ""); len(unknown) > 0 {
		noun := "parameter"
		if len(unknown) > 1 {
			noun = "parameters"
		}
		return badRequest("parameter_unknown", unknown[0], "Received unknown %s: %s", noun, strings.Join(unknown, ", "))
	}
	return checkObject(def, form, "")
}

func unknownParams(def *param, n *Node, name string) []string {
	var unknown []string
	switch def.kind {
	case kindObject:
		for _, child := range n.Children {
			inner := join(name, child.Key)
			if known := def.fields[child.Key]; known != nil {
				unknown = append(unknown, unknownParams(known, child.Node, inner)...)
			} else {
				unknown = append(unknown, inner)
			}
		}
	case kindList:
		for _, child := range n.Children {
			unknown = append(unknown, unknownParams(def.element, child.Node, join(name, child.Key))...)
		}
	case kindEither:
		if chosen := def.choose(n); chosen != nil {
			return unknownParams(chosen, n, name)
		}
	}
	return unknown
}

// choose is the alternative that fits the shape of what was sent, or nil. Several may fit: then the first that takes it, such as the
// token of a card in place of its number.
func (p *param) choose(n *Node) *param {
	var fits []*param
	for _, alternative := range p.either {
		if alternative.isBranch() == n.branch {
			fits = append(fits, alternative)
		}
	}
	for _, alternative := range fits {
		switch {
		case alternative.kind == kindEither, n.branch && len(unknownParams(alternative, n, "")) == 0, !n.branch && checkScalar(alternative, n.Text, "") == nil:
			return alternative
		}
	}
	for _, alternative := range fits { // of several objects, the one that has a place for everything that was sent
		if len(unknownParams(alternative, n, "")) == 0 {
			return alternative
		}
	}
	if len(fits) > 0 {
		return fits[0]
	}
	return nil
}

func (p *param) isBranch() bool {
	return p.kind == kindObject || p.kind == kindList || p.kind == kindMap
}

func checkObject(def *param, n *Node, name string) *engine.Error {
	for _, required := range def.required {
		if n.Child(required) == nil {
			missing := join(name, required)
			return badRequest("parameter_missing", missing, "Missing required param: %s.", missing)
		}
	}
	for _, child := range n.Children {
		if err := check(def.fields[child.Key], child.Node, join(name, child.Key)); err != nil {
			return err
		}
	}
	return nil
}

func check(def *param, n *Node, name string) *engine.Error {
	switch def.kind {
	case kindEither:
		chosen := def.choose(n)
		if chosen == nil {
			chosen = def.either[0]
		}
		return check(chosen, n, name)
	case kindObject:
		if !n.branch {
			return badRequest("", name, "Invalid object")
		}
		return checkObject(def, n, name)
	case kindMap:
		if !n.branch {
			return badRequest("", name, "Invalid object")
		}
		if lastKey(name) == "currency_options" {
			return checkOptions(n, name)
		}
		for _, child := range n.Children {
			if child.branch {
				return badRequest("", join(name, child.Key), "Invalid string: must be a string.")
			}
		}
		return checkMetadata(n, name)
	case kindList:
		if !n.branch {
			return badRequest("", name, "Invalid array")
		}
		elements, ok := n.Elements()
		if !ok {
			return badRequest("", name, "Invalid array")
		}
		for _, child := range elements {
			if err := check(def.element, child.Node, join(name, child.Key)); err != nil {
				return err
			}
		}
		return nil
	}
	if n.branch {
		return badRequest("", name, "Invalid %s", scalarNames[def.kind])
	}
	return checkScalar(def, n.Text, name)
}

// checkOptions checks the one map that holds objects and not texts: what else is inside is the command's to check.
func checkOptions(n *Node, name string) *engine.Error {
	for _, child := range n.Children {
		if !child.branch {
			return badRequest("", join(name, child.Key), "Invalid object")
		}
	}
	return nil
}

var scalarNames = map[paramKind]string{
	kindString: "string", kindInteger: "integer", kindTime: "timestamp", kindNumber: "number", kindBoolean: "boolean", kindCurrency: "currency",
	kindDecimal: "decimal", kindFile: "file", kindEnum: "string",
}

// Numbers beyond these make no sense to Stripe, and would not survive JSON or a calendar.
const (
	integerMax = 1<<53 - 1
	timeMax    = 253402300799 // the end of the year 9999
)

// references are the texts that name another object. An empty one is a caller's mistake, and as a filter it would list everybody's objects.
// payment_method is not among them: on an intent it can be unset.
var references = map[string]bool{
	"charge": true, "configuration": true, "coupon": true, "customer": true, "invoice": true, "payment_intent": true, "plan": true, "price": true,
	"product": true, "promotion_code": true, "setup_intent": true, "subscription": true, "test_clock": true,
}

// lastKey is the innermost key of a parameter's name: price of items[0][price].
func lastKey(name string) string {
	name = strings.TrimSuffix(name, "]")
	return name[strings.LastIndexByte(name, '[')+1:]
}

// checkScalar is about texts that were sent. An empty text of any other plain string unsets it and passes here; whether the parameter can be
// unset is known to the command that receives it.
func checkScalar(def *param, text, name string) *engine.Error {
	if text == "" && def.kind != kindEnum && (def.kind != kindString || references[lastKey(name)]) {
		return emptyParam(name)
	}
	switch def.kind {
	case kindString, kindCurrency:
		if def.maxLength > 0 && len([]rune(text)) > def.maxLength {
			return badRequest("", name, "Invalid string: %s; must be at most %d characters", shorten(text), def.maxLength)
		}
	case kindInteger, kindTime:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n > integerMax || n < -integerMax {
			return badRequest("parameter_invalid_integer", name, "Invalid integer: %s", shorten(text))
		}
		if def.kind == kindTime && (n < 0 || n > timeMax) {
			return badRequest("", name, "Invalid timestamp: must be an integer Unix timestamp between 0 and %d.", int64(timeMax))
		}
	case kindNumber, kindDecimal:
		return engine.CheckDecimal(name, lastKey(name), text)
	case kindBoolean:
		if text != "true" && text != "false" {
			return badRequest("", name, "Invalid boolean: %s", shorten(text))
		}
	case kindEnum:
		// Of the open lists, the types of events are closed here: an endpoint with a misspelt one would wait in silence.
		if (!def.open || strings.HasPrefix(name, "enabled_events")) && !slices.Contains(def.values, text) {
			if text == "" {
				return emptyParam(name)
			}
			return badRequest("", name, "Invalid %s: must be one of %s", name, oneOf(def.values))
		}
	}
	return nil
}

func emptyParam(name string) *engine.Error {
	return badRequest("parameter_invalid_empty", name, "You passed an empty string for '%s'. We assume empty values are an attempt to unset a parameter; "+
		"however '%s' cannot be unset. You should remove '%s' from your request or supply a non-empty value.", name, name, name)
}

// oneOf lists values as Stripe's messages do: "a", "a or b", "a, b, or c".
func oneOf(values []string) string {
	switch n := len(values); n {
	case 1:
		return values[0]
	case 2:
		return values[0] + " or " + values[1]
	default:
		return strings.Join(values[:n-1], ", ") + ", or " + values[n-1]
	}
}

// shorten keeps a message readable when it quotes what was sent.
func shorten(text string) string {
	const shown = 50
	if r := []rune(text); len(r) > shown {
		return string(r[:shown]) + "..."
	}
	return text
}

// Limits of metadata, as documented.
const (
	metadataKeysMax  = 50
	metadataKeyMax   = 40  // characters
	metadataValueMax = 500 // characters
)

func checkMetadata(n *Node, name string) *engine.Error {
	if len(n.Children) > metadataKeysMax {
		return badRequest("", name, "You can specify up to %d keys in metadata.", metadataKeysMax)
	}
	for _, child := range n.Children {
		if len([]rune(child.Key)) > metadataKeyMax {
			return badRequest("", name, "Metadata keys can be up to %d characters long; '%s' is longer.", metadataKeyMax, shorten(child.Key))
		}
		if len([]rune(child.Text)) > metadataValueMax {
			return badRequest("", join(name, child.Key), "Metadata values can have up to %d characters; the value of '%s' is longer.", metadataValueMax, child.Key)
		}
	}
	return nil
}
