package compare

import "math"

// significance is the probability below which a difference does not count as chance. It is
// small because one comparison tests hundreds of shares.
const significance = 0.001

// significanceOfNone is the same for an event of which no call arrives at a place any more.
// That is the worst regression, and there are far fewer such shares.
const significanceOfNone = 0.01

// unlikelyFew tells whether after is so much smaller than before that chance does not
// explain it, by Fisher's exact test (one-sided).
func unlikelyFew(before, after share, significance float64) bool {
	if before.of == 0 || after.of == 0 || after.with*before.of >= before.with*after.of {
		return false
	}
	with, of := before.with+after.with, before.of+after.of
	p := 0.0
	for k := after.with; k >= 0 && k >= after.of-(of-with); k-- {
		p += math.Exp(logChoose(with, k) + logChoose(of-with, after.of-k) - logChoose(of, after.of))
		if p >= significance {
			return false
		}
	}
	return true
}

// logChoose is the logarithm of the binomial coefficient.
func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
