package pages

import "net/http"

// lostPrefixes are the folders of the hosted pages. A path below one that leads nowhere is a person's mistake, such as a link cut
// short by a mail program, and is answered with a page; everywhere else the API answers.
var lostPrefixes = []string{"/c/", "/3ds/", "/p/", "/i/", "/buy/", "/r/", "/receipts/"}

func (s *site) lost(w http.ResponseWriter, r *http.Request) error { return missing(w, r, "page") }
