package journey

import "slices"

// identity is who made calls in a document, by one client_uuid.
type identity struct {
	client   uint32 // interned
	first    *call  // the first by seq, and
	home     Home   // where it belongs
	widgets  voices
	sessions voices // those of different widgets are different ones
}

// maxIdentities bounds how many values of one kind are told apart in one place.
const maxIdentities = 100

// identity finds or makes who has a client_uuid, nil for none and where there
// are too many to tell them apart.
func (d *document) identity(client uint32) *identity {
	if who := d.identityOf(client); who != nil {
		return who
	}
	if client == 0 || len(d.whose) == maxIdentities {
		return nil
	}
	d.Met(client)
	d.whose = append(d.whose, &identity{client: client})
	return d.whose[len(d.whose)-1]
}

// identityOf finds who has a client_uuid, nil for none.
func (d *document) identityOf(client uint32) *identity {
	if i := slices.IndexFunc(d.whose, func(who *identity) bool { return who.client == client }); i >= 0 {
		return d.whose[i]
	}
	return nil
}

// visit is the journey that the first call belongs to.
func (who *identity) visit() *journey {
	switch {
	case who.home.journey != nil:
		return who.home.journey.root()
	case who.home.document.home != nil:
		return who.home.document.home.root()
	}
	return nil
}

func (who *identity) hear(c call, home Home) {
	if who.first == nil || c.seq < who.first.seq {
		who.first, who.home = &c, home
	}
}

// voices are the different values that calls had in one place.
type voices []*voice

// voice is one of these values, and where it was heard.
type voice struct {
	value       uint32 // interned
	group       uint32 // only voices of one group replace one another
	first, last uint32
	calls       int
	began       int  // how many calls had been heard by then, of all voices
	call        call // the first
	home        Home
}

// hear notes a call with a value at a place in some order.
func (all *voices) hear(value, group, at uint32, c call, home *Home) {
	if value == 0 {
		return
	}
	i := slices.IndexFunc(*all, func(v *voice) bool { return v.value == value && v.group == group })
	if i < 0 {
		if len(*all) == maxIdentities {
			return
		}
		i = len(*all)
		*all = append(*all, &voice{value: value, group: group, first: at, last: at, began: all.heard()})
	}
	v := (*all)[i]
	if v.calls++; v.calls == 1 || at < v.first {
		v.first, v.call = at, c
		if home != nil {
			v.home = *home
		}
	}
	v.last = max(v.last, at)
}

// heard is how many calls were heard.
func (all voices) heard() (n int) {
	for _, v := range all {
		n += v.calls
	}
	return n
}

// strayAfter is how many more calls show that a value which came once was a stray one,
// and is not heard by turns with the others.
const strayAfter = 2

// severalChanged is from how many values on that each take the place of all before
// it is told while they may still come back.
const severalChanged = 3

// changed finds the first value that took another one's place, and that one. Values
// that are heard by turns are side by side. over says that none will come any more;
// stray, that one which is heard once only, amid another, is none of these.
func (all voices) changed(over, stray bool) (before, now *voice) {
	if len(all) < 2 {
		return nil, nil
	}
	sorted := slices.SortedFunc(slices.Values(all), func(a, b *voice) int { return int(int64(a.first) - int64(b.first)) })
	changes := map[uint32]int{} // by group
	var found *voice
	for i, v := range sorted {
		var first, latest *voice
		for _, earlier := range sorted[:i] {
			if earlier.group != v.group {
				continue
			}
			if first == nil {
				first = earlier
			}
			if latest == nil || earlier.last > latest.last {
				latest = earlier
			}
		}
		switch {
		case latest == nil:
			continue
		case latest.last < v.first:
			changes[v.group]++
		case !stray || v.calls > 1 || v.last > latest.last:
			continue
		}
		if found == nil {
			before, found = first, v
		}
		stayed := v == found && latest.last > v.last && all.heard()-v.began > strayAfter
		if over || stayed || changes[v.group] >= severalChanged-1 && found.group == v.group {
			return before, found
		}
	}
	return nil, nil
}
