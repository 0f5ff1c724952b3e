package tidy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAPageListsWhatShowsEachRow(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"docs/mission-rows.txt":         "# rows\nA1 assets\nB1 sign-up\nC18 first events\n",
		"docs/features-rows.txt":        "1 customers\n12 add-ons\n",
		"billing/x_test.go":             "package billing\n\n// TestOne shows two.\n//\n// Rows: B1 C18. They are two.\n// Features: 12.\nfunc TestOne() {}\n",
		"testdata/scenarios/story.txt":  "# A story.\n# rows: B1\n# features: 12\nat 2026-01-01\n",
		"testdata/scenarios/readme.md":  "# rows: A1\n",
		"node_modules/stripe/x_test.go": "package js\n\n// Rows: A1.\nfunc TestTheirs() {}\n",
	} {
		target := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range [][]string{
		{
			"# The mission: 2 of 3\n",
			"| A1 | assets |  |\n",
			"| B1 | sign-up | [TestOne](../billing/x_test.go)<br>[story.txt](../testdata/scenarios/story.txt) |\n",
			"| C18 | first events | [TestOne](../billing/x_test.go) |\n",
		},
		{
			": 1 of 2\n",
			"| 1 | customers |  |\n",
			"| 12 | add-ons | [TestOne](../billing/x_test.go)<br>[story.txt](../testdata/scenarios/story.txt) |\n",
		},
	} {
		got, err := Pages[i].Text(root)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range want {
			if !strings.Contains(got, line) {
				t.Errorf("%s: got\n%s\nwant a line\n%s", Pages[i].Path, got, line)
			}
		}
	}
}
