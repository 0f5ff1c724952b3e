package tidy

import (
	"fmt"
	"slices"
	"strings"
)

const escapeMark = "//tidy:allow"

// applyEscapes drops the findings whose line allows them, and adds one for each escape that is malformed or not needed.
func applyEscapes(f *file, found []Finding) []Finding {
	for i, line := range f.lines {
		_, text, ok := strings.Cut(string(line), escapeMark+" ")
		if !ok || inQuotes(string(line), escapeMark) || isProse(string(line)) {
			continue
		}
		name, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
		bad := func(format string, args ...any) {
			found = append(found, Finding{f.path, i + 1, "escape", fmt.Sprintf(format, args...)})
		}
		if !knownRule(name) {
			bad("there is no rule %q; the rules are %s", name, strings.Join(ruleNames(), ", "))
			continue
		}
		if len(strings.Fields(reason)) < 3 {
			bad("an escape needs a reason that convinces a reader: %s %s <why it must be so here>", escapeMark, name)
		}
		before := len(found)
		found = slices.DeleteFunc(found, func(x Finding) bool { return x.Line == i+1 && x.Rule == name })
		if len(found) == before {
			bad("nothing on this line breaks %q any more: remove the escape", name)
		}
	}
	return found
}

// isProse reports whether the line is a comment that only talks about escapes, as the documentation of this package does.
func isProse(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "//") && !strings.HasPrefix(line, escapeMark)
}

// inQuotes reports whether mark stands inside a string of the line.
func inQuotes(line, mark string) bool {
	before, _, _ := strings.Cut(line, mark)
	return strings.Count(before, `"`)%2 == 1 || strings.Count(before, "`")%2 == 1
}

func knownRule(name string) bool { return slices.Contains(ruleNames(), name) }

func ruleNames() []string {
	names := []string{pathRule}
	for _, r := range rules {
		names = append(names, r.name)
	}
	return names
}
