package journey

import "math"

// Order tells which of the records added the finding is about, counted from 1:
// the place in the order of arrival. It is 0 where it is about none of them.
func (f Finding) Order() int64 {
	if f.order == math.MaxInt64 {
		return 0
	}
	return f.order
}
