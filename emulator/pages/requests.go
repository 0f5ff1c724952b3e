package pages

import (
	"net/http"

	"github.com/dues-billing/dues/emulator/engine"
)

// requestPath is where a request is shown: the request_log_url of an error leads here.
func requestPath(account, request string) string { return worldPath(account) + "/requests/" + request }

// requestsMax is how many requests are searched for the one to show: all that the log holds.
const requestsMax = 500

// requestView is one request and what came of it.
type requestView struct {
	Account, Name string
	Request       Request
	Events        []worldEvent
}

func (s *site) request(w http.ResponseWriter, r *http.Request) error {
	world, ok := s.findAccount(r.PathValue("account"))
	if !ok {
		return missing(w, r, "account")
	}
	id := r.PathValue("request")
	for _, logged := range world.Requests(requestsMax) {
		if logged.ID != id {
			continue
		}
		v := requestView{Account: r.PathValue("account"), Request: logged}
		world.Read(func(eng *engine.World, _ int64) {
			v.Name = eng.Settings().AccountName
			for _, e := range all[engine.Event](eng, engine.ListEvents{Page: wholePage}) {
				if e.Request.ID == id {
					v.Events = append(v.Events, worldEvent{Type: e.Type, Object: idOf(e.Object), At: moment(e.Created)})
				}
			}
		})
		return show(w, r, http.StatusOK, requestPage(v))
	}
	return missing(w, r, "request")
}
