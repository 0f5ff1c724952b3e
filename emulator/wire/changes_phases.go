package wire

import "strings"

// How the phases of schedules were written in earlier versions.

// phasesIn are the operations that take phases, with the path to them. The last two are old themselves.
var phasesIn = map[string][]string{
	createSchedule: {"phases"}, updateSchedule: {"phases"}, previewInvoice: {"schedule_details", "phases"},
	upcomingInvoice: {"schedule_details", "phases"}, upcomingLines: {"schedule_details", "phases"},
}

const (
	createSchedule = "POST /v1/subscription_schedules"
	updateSchedule = "POST /v1/subscription_schedules/{schedule}"
)

// cloverPhases made the length of a phase a duration: before, it was a number of the price's own intervals.
var cloverPhases = &change{
	version: "2025-09-30.clover", what: "phases last for a duration, not for iterations",
	params: phaseChanges(func(path string) paramChange {
		return paramChange{came: []string{path + ".duration"}, went: map[string]string{path + ".iterations": "i"}}
	}, nil),
}

// basilPhases put the one coupon of a phase into its list of discounts.
var basilPhases = &change{
	version: basil, what: "phases have discounts, not a coupon",
	params: phaseChanges(func(path string) paramChange {
		return paramChange{went: map[string]string{path + ".coupon": "<?>"}}
	}, discountIntoList),
}

// phaseChanges make a change of phases for every operation that takes them.
func phaseChanges(at func(path string) paramChange, rewrite func(phase *Node)) []paramChange {
	var out []paramChange
	for _, op := range []string{createSchedule, updateSchedule, previewInvoice, upcomingInvoice, upcomingLines} {
		steps := phasesIn[op]
		p := at(strings.Join(steps, "."))
		p.op = op
		if rewrite != nil {
			p.rewrite = func(form *Node) { eachPhase(form, steps, rewrite) }
		}
		out = append(out, p)
	}
	return out
}

func eachPhase(form *Node, steps []string, do func(phase *Node)) {
	for _, step := range steps {
		if form = form.Child(step); form == nil {
			return
		}
	}
	for _, phase := range form.Children {
		do(phase.Node)
	}
}
