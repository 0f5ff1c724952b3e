package wire

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a form body. Stripe states none; these stop a mistaken client from filling memory and
// are far above what its SDKs send.
const (
	formPairsMax = 10_000 // key=value pairs in one body
	formDepthMax = 16     // brackets in one key; Stripe's deepest documented parameter has 7
)

// Node is one parameter of a form body: a text, or an ordered set of named children. A list is a
// node whose children are named by their index: only the parameter's definition can tell a list
// from a map with numeric keys (metadata[0]=x), so that is left to the decoder.
type Node struct {
	Text     string
	Children []Child
	branch   bool             // a[b]= was seen, so Text means nothing
	appended *Node            // the latest child that came from a[]=
	byKey    map[string]*Node // the same children, once they are many: a long list is not searched for each of its elements
}

// Child is a named child of a Node.
type Child struct {
	Key string
	*Node
}

// ParseForm reads an application/x-www-form-urlencoded text as Stripe does: a[b][0]=x and a[b][]=x
// with brackets plain or percent-encoded; a repeated scalar replaces the earlier one; with a[][b]=
// a repeated b starts the next element; k= keeps k with an empty text, which is how a client unsets.
func ParseForm(body string) (*Node, error) {
	root := &Node{branch: true}
	if body != "" {
		root.Children = make([]Child, 0, min(strings.Count(body, "&")+1, indexedFrom))
	}
	var most [formDepthMax]string // segments of a key stay on the stack
	for pairs := 0; body != ""; pairs++ {
		if pairs == formPairsMax {
			return nil, fmt.Errorf("more than %d parameters", formPairsMax)
		}
		var pair string
		pair, body, _ = strings.Cut(body, "&")
		if pair == "" || pair[0] == '=' {
			continue // no name, nothing said
		}
		rawKey, rawText, _ := strings.Cut(pair, "=")
		key, err := unescape(rawKey)
		if err != nil {
			return nil, err
		}
		text, err := unescape(rawText)
		if err != nil {
			return nil, err
		}
		path := splitKey(most[:0], key)
		if len(path) > formDepthMax {
			return nil, fmt.Errorf("parameter %q is nested deeper than %d levels", key, formDepthMax)
		}
		if err := root.put(path, text); err != nil {
			return nil, fmt.Errorf("%w for parameter %q", err, key)
		}
	}
	return root, nil
}

func unescape(s string) (string, error) {
	out, err := url.QueryUnescape(s)
	if err != nil {
		return "", fmt.Errorf("invalid percent-encoding in %q", s)
	}
	if !utf8.ValidString(out) {
		return "", errors.New("parameters must be valid UTF-8")
	}
	return out, nil
}

// splitKey adds the segments of items[0][price] to an empty path. A key whose brackets do not pair up is one
// segment, so that it is refused by its literal name.
func splitKey(path []string, key string) []string {
	open := strings.IndexByte(key, '[')
	if open <= 0 {
		return append(path, key)
	}
	path = append(path, key[:open])
	for rest := key[open:]; rest != ""; {
		end := strings.IndexByte(rest, ']')
		if rest[0] != '[' || end < 0 {
			return append(path[:0], key)
		}
		path = append(path, rest[1:end])
		rest = rest[end+1:]
	}
	return path
}

var errShape = errors.New("conflicting shapes")

func (n *Node) put(path []string, text string) error {
	if len(path) == 0 {
		if n.branch {
			return errShape
		}
		n.Text = text
		return nil
	}
	if !n.branch {
		if n.Text != "" {
			return errShape
		}
		n.branch = true
	}
	return n.step(path[0], path[1:]).put(path[1:], text)
}

// step finds or makes the child that a path continues in.
func (n *Node) step(key string, rest []string) *Node {
	if key != "" {
		known := n.Child(key)
		if known == nil {
			known = n.add(key, &Node{})
		}
		return known
	}
	if n.appended == nil || len(rest) == 0 || n.appended.has(rest) {
		n.appended = n.add(n.freeIndex(), &Node{})
	}
	return n.appended
}

// indexedFrom is how many children a node has when looking through them costs more than a map.
const indexedFrom = 16

func (n *Node) add(key string, child *Node) *Node {
	n.Children = append(n.Children, Child{key, child})
	switch {
	case n.byKey != nil:
		n.byKey[key] = child
	case len(n.Children) == indexedFrom:
		n.byKey = make(map[string]*Node, 2*indexedFrom)
		for _, c := range n.Children {
			n.byKey[c.Key] = c.Node
		}
	}
	return child
}

func (n *Node) freeIndex() string {
	for i := len(n.Children); ; i++ {
		if key := strconv.Itoa(i); n.Child(key) == nil {
			return key
		}
	}
}

func (n *Node) has(path []string) bool {
	for _, key := range path {
		if key == "" {
			return false // a[][b][]=x appends to b of the same element
		}
		if n = n.Child(key); n == nil {
			return false
		}
	}
	return true
}

// Child returns the child of that name, or nil.
func (n *Node) Child(key string) *Node {
	if n.byKey != nil {
		return n.byKey[key]
	}
	for i := range n.Children {
		if n.Children[i].Key == key {
			return n.Children[i].Node
		}
	}
	return nil
}

// IsBranch reports whether the parameter was sent with brackets and so has children, not a text.
func (n *Node) IsBranch() bool { return n.branch }

// Remove takes the child of that name away and returns it, or nil.
func (n *Node) Remove(key string) *Node {
	child := n.Child(key)
	if child != nil {
		delete(n.byKey, key)
		n.Children = slices.DeleteFunc(n.Children, func(c Child) bool { return c.Key == key })
	}
	return child
}

// Elements returns the children as list elements in index order, and false when a child's name is
// not an index.
func (n *Node) Elements() ([]Child, bool) {
	type element struct {
		index int
		Child
	}
	list := make([]element, len(n.Children))
	for i, child := range n.Children {
		index, err := strconv.Atoi(child.Key)
		if err != nil || index < 0 {
			return nil, false
		}
		list[i] = element{index, child}
	}
	slices.SortStableFunc(list, func(a, b element) int { return a.index - b.index })
	out := make([]Child, len(list))
	for i := range list {
		out[i] = list[i].Child
	}
	return out, true
}

// Merge adds the children of other that n does not have yet.
func (n *Node) Merge(other *Node) {
	for _, child := range other.Children {
		if n.Child(child.Key) == nil {
			n.add(child.Key, child.Node)
		}
	}
}

// Encode writes the tree back as a form with its keys sorted, so that two bodies that say the same
// have the same text.
func (n *Node) Encode() string {
	var pairs []string
	n.walk("", func(name, text string) {
		pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(text))
	})
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

func (n *Node) walk(name string, leaf func(name, text string)) {
	if !n.branch {
		leaf(name, n.Text)
		return
	}
	for _, child := range n.Children {
		child.walk(join(name, child.Key), leaf)
	}
}

// join names a child of a parameter in Stripe's bracket form.
func join(parent, key string) string {
	if parent == "" {
		return key
	}
	return parent + "[" + key + "]"
}

// nest moves a child to a path.
func (n *Node) nest(key string, path ...string) {
	if child := n.Remove(key); child != nil {
		n.setText(child.Text, path...)
	}
}

// setText puts a text at a path. What has another shape there already stays: the definition has let it pass.
func (n *Node) setText(text string, path ...string) {
	_ = n.put(path, text) // the only error is such a shape
}
