package scenario

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Story is one scenario file, read.
type Story struct {
	Name    string
	Catalog string // of testdata/catalogs, without .yaml; "" is the demo's
	Steps   []Step
}

// A Step is one statement of a story.
type Step struct {
	Line   int
	Text   string
	expect bool
	verb   string
	args   args
	words  []string // what WORD… took
	// refused is the code with which the service is to refuse an ask, "" when it is to do it.
	refused string
}

// statements on one line are set apart by two spaces or a tab; words by one space.
var apart = regexp.MustCompile(`\s{2,}|\t`)

// Parse reads a scenario. Its error names the line and says what was expected there.
func Parse(name, text string) (*Story, error) {
	story := &Story{Name: name}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "# catalog: "); ok {
			story.Catalog = name
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		expect := false
		for _, statement := range apart.Split(line, -1) {
			step, err := parseStatement(statement, expect)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %s: %w", name, i+1, statement, err)
			}
			step.Line = i + 1
			expect = step.expect // what follows an expectation on its line is one too
			story.Steps = append(story.Steps, step)
		}
	}
	return story, story.check()
}

func parseStatement(statement string, expect bool) (Step, error) {
	words := strings.Fields(statement)
	step := Step{Text: statement, expect: expect}
	if words[0] == "expect" {
		step.expect, words = true, words[1:]
	}
	forms := forms(step.expect)
	if len(words) == 0 {
		return step, fmt.Errorf("what is expected? One of %s", verbs(forms))
	}
	at := slices.IndexFunc(forms, func(f form) bool { return f.verb == words[0] })
	if at < 0 {
		return step, fmt.Errorf("no verb %q here; there are %s", words[0], verbs(forms))
	}
	step.verb = words[0]
	var err error
	if step.asks() {
		words, step.refused, err = cutRefused(words)
	}
	if err != nil {
		return step, err
	}
	step.args, step.words, err = forms[at].match(words[1:])
	if err == nil && step.args["AMOUNT"] != "" {
		_, err = step.args.amount()
	}
	return step, err
}

func verbs(forms []form) string {
	var names []string
	for _, f := range forms {
		names = append(names, f.verb)
	}
	return strings.Join(names, ", ")
}

// check refuses stories that could not be told in any way: time must begin, and then only go on.
func (s *Story) check() error {
	if len(s.Steps) == 0 || s.Steps[0].verb != "at" {
		return fmt.Errorf("%s: a story begins with at TIME", s.Name)
	}
	last := s.Steps[0].args.time()
	for _, step := range s.Steps {
		if step.verb != "at" {
			continue
		}
		if step.args.time().Before(last) {
			return fmt.Errorf("%s:%d: %s: time goes forward; it is %s already", s.Name, step.Line, step.Text, last.Format("2006-01-02T15:04:05"))
		}
		last = step.args.time()
	}
	return nil
}
