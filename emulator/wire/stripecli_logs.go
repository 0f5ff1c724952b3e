package wire

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// requestFilter is what stripe logs tail asks to see: of each list one must fit, and an empty one lets everything through.
type requestFilter struct {
	Accounts    []string `json:"filter_account"` // of Connect; the CLI is told that it does not count
	Addresses   []string `json:"filter_ip_address"`
	Methods     []string `json:"filter_http_method"`
	Paths       []string `json:"filter_request_path"`
	Results     []string `json:"filter_request_status"`
	Sources     []string `json:"filter_source"`
	Statuses    []string `json:"filter_status_code"`
	StatusTypes []string `json:"filter_status_code_type"` // where they begin: 400 is what the CLI makes of 4XX
}

// take reads the filters as the CLI sends them.
func (f *requestFilter) take(text string) error {
	if text == "" {
		return nil
	}
	d := json.NewDecoder(bytes.NewBufferString(text))
	d.DisallowUnknownFields()
	if err := d.Decode(f); err != nil {
		return badRequest("", "filters", "Invalid filters: %s", shorten(err.Error()))
	}
	return nil
}

// wants says whether a request is one that was asked for. All of them came through the API, none through the Dashboard.
func (f *requestFilter) wants(r LoggedRequest, address string) bool {
	result := "FAILED"
	if r.Status < http.StatusMultipleChoices {
		result = "SUCCEEDED"
	}
	return fits(f.Methods, r.Method) && fits(f.Paths, r.Path) && fits(f.Addresses, address) && fits(f.Results, result) && fits(f.Sources, "API") &&
		fits(f.Statuses, strconv.Itoa(r.Status)) && fits(f.StatusTypes, strconv.Itoa(r.Status/100*100))
}

func fits(wanted []string, is string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(one string) bool { return strings.EqualFold(one, is) })
}

// requestMessage is a request on its way to stripe logs tail; the payload is a tailedRequest.
type requestMessage struct {
	Type    string `json:"type"`
	ID      string `json:"request_log_id"`
	Payload string `json:"event_payload"`
}

type tailedRequest struct {
	CreatedAt int64       `json:"created_at"`
	Livemode  bool        `json:"livemode"`
	Method    string      `json:"method"`
	RequestID string      `json:"request_id"`
	Status    int         `json:"status"`
	URL       string      `json:"url"`
	Error     tailedError `json:"error"`
}

type tailedError struct {
	Type        string `json:"type"`
	Charge      string `json:"charge"`
	Code        string `json:"code"`
	DeclineCode string `json:"decline_code"`
	Message     string `json:"message"`
	Param       string `json:"param"`
}

// tell sends a request that was answered to the CLIs that follow the log.
func (c *call) tell(entry LoggedRequest, r *http.Request, begun time.Time) {
	a := c.account
	if a.tails.Load() == 0 {
		return
	}
	told := tailedRequest{CreatedAt: begun.Unix(), Method: entry.Method, RequestID: entry.ID, Status: entry.Status, URL: entry.Path}
	if e := c.refused; e != nil {
		told.Error = tailedError{Type: e.Type, Charge: e.Charge, Code: e.Code, DeclineCode: e.DeclineCode, Message: e.Message, Param: e.Param}
	}
	message := asJSON(requestMessage{Type: "request_log_event", ID: "resp_" + strings.TrimPrefix(entry.ID, "req_"), Payload: string(asJSON(told))})
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for l := range a.listeners {
		if l.session.requests && l.session.requestsWanted.wants(entry, address) {
			l.add(sending{ready: message})
		}
	}
}
