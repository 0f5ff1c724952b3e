package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

const commandsPage = "../../docs/commands.md"

// TestTheCommandsAreDocumented compares docs/commands.md with the command line. UPDATE=1 writes it anew, as make gen does.
func TestTheCommandsAreDocumented(t *testing.T) {
	t.Parallel()
	want := commandsText(model(t))
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(commandsPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(commandsPage)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the commands say (%v): make gen", commandsPage, err)
	}
}

// TestEachCommandTeaches wants an example in each help but those of commands that take nothing.
func TestEachCommandTeaches(t *testing.T) {
	t.Parallel()
	for _, command := range leaves(model(t).Node) {
		if command.Help == "" {
			t.Errorf("dues %s has no help", path(command))
		}
		if len(command.Flags) > 1 && command.Detail == "" {
			t.Errorf("dues %s has flags and no example", path(command))
		}
	}
}

// leaves are the commands that do something.
func leaves(node *kong.Node) (all []*kong.Node) {
	if node.Leaf() {
		return []*kong.Node{node}
	}
	for _, child := range node.Children {
		all = append(all, leaves(child)...)
	}
	return all
}

func path(node *kong.Node) string {
	if node.Parent == nil || node.Parent.Type == kong.ApplicationNode {
		return node.Name
	}
	return path(node.Parent) + " " + node.Name
}

// commandsText is the page of all commands.
func commandsText(app *kong.Application) string {
	var b strings.Builder
	b.WriteString(`# Commands

<!-- Made by make gen from the command line itself: change that. -->

Each flag can be set by its environment variable, too, or by its name in a YAML file that ` + "`--config`" + ` names; a secret by a file, in the variable with ` + "`_FILE`" + ` at its end.
Lists print lines of JSON with ` + "`--json`" + `. ` + "`dues completion bash|zsh|fish`" + ` says how a shell completes all of it.

| exit code | means |
|---|---|
| 0 | it is done |
| 1 | it failed, or was asked for wrongly; the reason and a hint are on standard error. Of ` + "`doctor`" + `: something is wrong; of ` + "`catalog plan`" + `: Stripe would refuse something; of ` + "`catalog migrate`" + `: some were not moved |
| 2 | ` + "`catalog plan`" + `, ` + "`catalog migrate --dry-run`" + ` and ` + "`reconcile --dry-run`" + `: something differs, and nothing was changed |

`)
	for _, command := range leaves(app.Node) {
		fmt.Fprintf(&b, "## dues %s\n\n%s\n", path(command), command.Help)
		if command.Detail != "" {
			fmt.Fprintf(&b, "\n```text\n%s\n```\n", strings.TrimSpace(command.Detail))
		}
		rows := ""
		for _, arg := range command.Positional {
			rows += fmt.Sprintf("| `%s` | %s | |\n", strings.ToUpper(arg.Name), cell(arg.Help))
		}
		for _, flag := range command.Flags {
			if flag.Name == "help" {
				continue
			}
			env := ""
			if len(flag.Envs) > 0 {
				env = "`" + strings.Join(flag.Envs, "`, `") + "`"
			}
			rows += fmt.Sprintf("| `--%s` | %s | %s |\n", flag.Name, cell(flag.Help), env)
		}
		if rows != "" {
			fmt.Fprintf(&b, "\n| | | environment |\n|---|---|---|\n%s", rows)
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
