package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dues-billing/dues/internal/testenv"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dues": main})
}

// The command line as its users meet it: each script in testdata/script is a session in a shell.
//
// Features: 8 9 70 104 106 112 113.
func TestTheCommandLine(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			// Programs must be told their ports; a script finds free ones in $PORT1 to $PORT4.
			for i := range 4 {
				env.Setenv(fmt.Sprintf("PORT%d", i+1), fmt.Sprint(testenv.FreePort(t)))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await": await, "httpget": httpGet, "httppost": httpPost, "waitfor": waitFor, "hold": hold, "postjson": postJSON, "terminate": terminate, "unread": unread, "issue": issueKey,
		},
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}
