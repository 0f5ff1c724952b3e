package wire

import (
	"strings"
	"testing"
)

func TestFormBodiesBecomeTheTreeTheySpell(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, body, want string }{
		{"nothing", "", ""},
		{"a scalar", "name=Ada+L%26M", "name=Ada+L%26M"},
		{"an empty value is kept, it unsets", "description=", "description="},
		{"a key without = is empty too", "description", "description="},
		{"the last of two scalars wins", "a=1&a=2", "a=2"},
		{"indexes", "items[0][price]=p&items[1][price]=q", "items%5B0%5D%5Bprice%5D=p&items%5B1%5D%5Bprice%5D=q"},
		{"percent-encoded brackets", "items%5B0%5D%5Bprice%5D=p", "items%5B0%5D%5Bprice%5D=p"},
		{"empty brackets append", "expand[]=a&expand[]=b", "expand%5B0%5D=a&expand%5B1%5D=b"},
		{"a repeated key starts the next element", "i[][a]=1&i[][b]=2&i[][a]=3", "i%5B0%5D%5Ba%5D=1&i%5B0%5D%5Bb%5D=2&i%5B1%5D%5Ba%5D=3"},
		{"lists inside appended elements", "i[][e][]=1&i[][e][]=2", "i%5B0%5D%5Be%5D%5B0%5D=1&i%5B0%5D%5Be%5D%5B1%5D=2"},
		{"unpaired brackets are a literal name", "a[b=1", "a%5Bb=1"},
		{"text after a bracket is a literal name", "a[b]c=1", "a%5Bb%5Dc=1"},
		{"unset, then filled: the filling counts", "m=&m[a]=1", "m%5Ba%5D=1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tree, err := ParseForm(tc.body)
			if err != nil {
				t.Fatal(err)
			}
			if got := tree.Encode(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestFormBodiesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, body string }{
		{"a scalar that is an object too", "a=1&a[b]=2"},
		{"an object that is a scalar too", "a[b]=2&a=1"},
		{"broken percent-encoding", "a=%zz"},
		{"not UTF-8", "a=%ff"},
		{"too deep", "a" + strings.Repeat("[b]", formDepthMax) + "=1"},
		{"too many pairs", strings.Repeat("a=1&", formPairsMax+1)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if tree, err := ParseForm(tc.body); err == nil {
				t.Errorf("got %q, want an error", tree.Encode())
			}
		})
	}
}

func TestListElementsComeInIndexOrder(t *testing.T) {
	t.Parallel()
	tree, err := ParseForm("e[10]=c&e[2]=b&e[0]=a")
	if err != nil {
		t.Fatal(err)
	}
	list, ok := tree.Child("e").Elements()
	if !ok || len(list) != 3 || list[0].Text != "a" || list[1].Text != "b" || list[2].Text != "c" {
		t.Errorf("got %v %v, want a b c", list, ok)
	}
}

func FuzzParseForm(f *testing.F) {
	for _, seed := range []string{"", "a=1&b[c]=2", "a[]=1&a[]=2", "i[][a]=1&i[][a]=2", "a%5B0%5D=x", "[=1&]=2", "a[][][]=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		tree, err := ParseForm(body)
		if err != nil {
			return
		}
		again, err := ParseForm(tree.Encode())
		if err != nil {
			t.Fatalf("the encoding of %q does not parse: %v", body, err)
		}
		if got, want := again.Encode(), tree.Encode(); got != want {
			t.Errorf("%q: encoded twice %q, once %q", body, got, want)
		}
	})
}
