package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"regexp"
	"strings"
	"unicode"
)

// class is a set of characters that are replaced by each other.
type class struct {
	first rune
	size  uint64
}

var (
	digits  = class{'0', 10}
	leading = class{'1', 9}  // the first digit of a number, which must not be 0
	letters = class{'a', 26} // without case
	others  = class{'à', 23} // letters and digits outside of ASCII become these, as a schema may distinguish them from ASCII
)

var number = regexp.MustCompile(`^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$`)

// fold is a text in lower case, with the same number of characters.
func fold(s string) string { return strings.Map(unicode.ToLower, s) }

// Pseudonym is the pseudonym of a value. A letter becomes a letter of the same case, a digit
// a digit. Values that differ in more than case have different pseudonyms.
func (x *Redactor) Pseudonym(value string) string {
	given, folded := []rune(value), []rune(fold(value))
	classes := classesOf(folded, number.MatchString(value))
	x.replace(folded, classes)
	for i, r := range folded {
		if unicode.IsUpper(given[i]) && classes[i].size > 0 {
			folded[i] = unicode.ToUpper(r)
		} else if classes[i].size == 0 {
			folded[i] = given[i]
		}
	}
	return string(folded)
}

// classesOf are the classes of the characters. A character whose class has size 0 stays. In
// a number, sign and exponent stay.
func classesOf(text []rune, isNumber bool) []class {
	classes := make([]class, len(text))
	begun := false
	for i, r := range text {
		switch {
		case isNumber && r == 'e':
			return classes
		case isNumber && !begun && r == '0':
			begun = true
		case isNumber && !begun && r >= '1' && r <= '9':
			classes[i], begun = leading, true
		case r >= '0' && r <= '9':
			classes[i] = digits
		case r >= 'a' && r <= 'z':
			classes[i] = letters
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			classes[i] = others
		}
	}
	return classes
}

// replace overwrites text with its pseudonym.
func (x *Redactor) replace(text []rune, classes []class) {
	size, foreign := uint64(1), false
	for i, c := range classes {
		if c.size == 0 {
			continue
		}
		foreign = foreign || c == others
		if high, low := bits.Mul64(size, c.size); high != 0 || low > 1<<62 || text[i] < c.first {
			size = 0
			break
		} else {
			size = low
		}
	}
	switch {
	case size == 1:
	case size == 0 || foreign:
		// There are so many possible pseudonyms that two equal ones are very unlikely.
		random := x.stream(string(text))
		for i, c := range classes {
			switch {
			case c == others:
				text[i] = c.first + rune(uint64(random())%c.size)
			case c.size > 0:
				text[i] = c.first + rune((uint64(text[i]-c.first)+1+uint64(random())%(c.size-1))%c.size)
			}
		}
	default:
		x.permute(text, classes, size)
	}
}

// permute treats text as a number below size, and overwrites it with another number by a
// permutation that depends on the key. So different texts get different pseudonyms.
func (x *Redactor) permute(text []rune, classes []class, size uint64) {
	var n uint64
	var shape strings.Builder
	for i, c := range classes {
		if c.size > 0 {
			n = n*c.size + uint64(text[i]-c.first)
			shape.WriteRune(c.first)
		} else {
			shape.WriteRune('.')
			shape.WriteRune(text[i])
		}
	}
	half := (bits.Len64(size-1) + 1) / 2
	round := func(i int, v uint64) uint64 {
		mac := hmac.New(sha256.New, x.key)
		mac.Write([]byte(shape.String()))
		mac.Write(binary.BigEndian.AppendUint64([]byte{0, byte(i)}, v))
		return binary.BigEndian.Uint64(mac.Sum(nil)) & (1<<half - 1)
	}
	const rounds = 6
	mask := uint64(1)<<half - 1
	order := func(v uint64) uint64 { // a Feistel network, repeated until the result is below size
		for {
			left, right := v>>half, v&mask
			for i := range rounds {
				left, right = right, left^round(i, right)
			}
			if v = left<<half | right; v < size {
				return v
			}
		}
	}
	back := func(v uint64) uint64 {
		for {
			left, right := v>>half, v&mask
			for i := rounds - 1; i >= 0; i-- {
				left, right = right^round(i, left), left
			}
			if v = left<<half | right; v < size {
				return v
			}
		}
	}
	n = back((order(n) + 1) % size)
	for i := len(classes) - 1; i >= 0; i-- {
		if c := classes[i]; c.size > 0 {
			text[i] = c.first + rune(n%c.size)
			n /= c.size
		}
	}
}

// stream returns a function for pseudo-random numbers that depend only on key and value.
func (x *Redactor) stream(value string) func() uint16 {
	mac := hmac.New(sha256.New, x.key)
	mac.Write([]byte(value))
	seed := mac.Sum(nil)
	var block []byte
	return func() uint16 {
		if len(block) == 0 {
			sum := sha256.Sum256(seed)
			block = sum[:]
			mac.Reset()
			mac.Write(seed)
			seed = mac.Sum(nil)
		}
		n := uint16(block[0])<<8 | uint16(block[1])
		block = block[2:]
		return n
	}
}
