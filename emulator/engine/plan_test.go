package engine

import "testing"

// Whatever is planned happens in the order in which the plan tells it, on each time line.
func TestThePlanTellsWhatHappensNext(t *testing.T) {
	t.Parallel()
	s, clock, _ := onClock(t, "2030-01-31 00:00:00")
	own := s.Plan(clock.ID, 100)
	if len(own) == 0 {
		t.Fatal("nothing is planned on the clock")
	}
	for _, timer := range own {
		if timer.Line != clock.ID {
			t.Errorf("%s of %q is on the plan of the clock", timer.Kind, timer.Line)
		}
	}
	price := s.price("Basic", 500)
	for range 20 { // more than one distance ahead, so that timers stand in several runs and in the heap
		customer := s.do(CreateCustomer{}).(*Customer)
		s.useCard(customer.ID, "pm_card_visa")
		s.subscribe(customer.ID, price)
		s.do(MoveTimeTo{At: s.now + 3600})
	}
	for range 60 {
		plan := s.Plan("", 100)
		for i := 1; i < len(plan); i++ {
			if plan[i].Due < plan[i-1].Due {
				t.Fatalf("%s at %d comes after %s at %d", plan[i].Kind, plan[i].Due, plan[i-1].Kind, plan[i-1].Due)
			}
		}
		next, ok := s.NextTimer()
		if !ok || plan[0].Kind != next.Kind || plan[0].Object != next.Object || plan[0].Due != next.Due {
			t.Fatalf("the plan begins with %+v, and next is %+v", plan[0], next)
		}
		if first := s.Plan("", 1); len(first) != 1 || first[0].Seq != plan[0].Seq {
			t.Fatalf("one of the plan is %+v", first)
		}
		s.do(MoveTimeTo{At: next.Due})
	}
	if none := s.Plan("clock_nothing", 5); none != nil {
		t.Errorf("a clock that is not there plans %v", none)
	}
}
