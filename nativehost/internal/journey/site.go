package journey

// site is what is known of one site in one browser profile.
type site struct {
	verdicts
	gaps []int64 // when calls were lost, in ms
}

func (s *site) judge(*Judge, bool) ([]Finding, bool) { return nil, false }
