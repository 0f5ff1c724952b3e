package sqlstore

import (
	"strconv"
	"strings"
	"sync"
)

// severalOf names a statement for several rows.
type severalOf struct {
	dialect, statement string
	rows               int
}

// severalMade keeps the texts of statements for several rows: making one takes as long as running it.
var severalMade sync.Map

// severalRows puts so many rows of so many places in the place of ROWS. Before them the statement has some places of its own.
func (r reads) severalRows(statement string, rows, before, places int) string {
	key := severalOf{r.dialect.name, statement, rows}
	if text, made := severalMade.Load(key); made {
		return text.(string)
	}
	all, place := make([]string, rows), before
	for i := range all {
		row := make([]string, places)
		for k := range row {
			place++
			row[k] = "?" // SQLite looks each place that has a name up among all names, which takes longer than the row when there are hundreds
			if !r.dialect.oneWriter {
				row[k] = "$" + strconv.Itoa(place)
			}
		}
		all[i] = strings.Join(row, ", ")
		if places > 1 {
			all[i] = "(" + all[i] + ")"
		}
	}
	text := strings.Replace(statement, "ROWS", strings.Join(all, ", "), 1)
	severalMade.Store(key, text)
	return text
}
