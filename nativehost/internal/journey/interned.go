package journey

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// interned gives texts numbers, which keeps calls small in memory. 0 is "".
type interned struct {
	ids   map[string]uint32
	texts []string
}

func (n *interned) id(text string) uint32 {
	if text == "" {
		return 0
	}
	if len(text) > maxText {
		// A page may send a very long text. Only whether texts are equal matters.
		h := fnv.New64a()
		h.Write([]byte(text))
		text = fmt.Sprintf("%s… #%x", strings.ToValidUTF8(text[:maxText], ""), h.Sum64())
	}
	if n.ids == nil {
		n.ids = map[string]uint32{}
		n.texts = []string{""}
	}
	id, ok := n.ids[text]
	if !ok {
		id = uint32(len(n.texts))
		n.ids[text] = id
		n.texts = append(n.texts, text)
	}
	return id
}

func (n *interned) text(id uint32) string {
	if id == 0 {
		return ""
	}
	return n.texts[id]
}

// texts finds equal texts, so that they are kept in memory only once: many findings have
// the same. It knows only the latest ones.
type texts map[string]string

func (t *texts) same(text string) string {
	if known, ok := (*t)[text]; ok {
		return known
	}
	if *t == nil || len(*t) == maxTexts {
		*t = texts{}
	}
	(*t)[text] = text
	return text
}

func (n *interned) all(texts []string) []uint32 {
	ids := make([]uint32, len(texts))
	for i, t := range texts {
		ids[i] = n.id(t)
	}
	return ids
}
