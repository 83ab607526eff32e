package tuitest

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"github.com/gdamore/tcell/v2"
)

// The picture's measures, in pixels.
const (
	cellWidth, cellHeight = 8.4, 18.0
	margin                = 14.0
)

// palette is how the picture shows the colours that a terminal's user may choose.
var palette = map[tcell.Color]string{
	tcell.ColorRed: "#ff6b68", tcell.ColorGreen: "#4cae6a", tcell.ColorOlive: "#d9a441",
	tcell.ColorTeal: "#4fb3bf", tcell.ColorFuchsia: "#e07fe0",
}

const foreground, background = "#d5d8dd", "#1b1f24"

// SVG is the frame as a picture.
func (f Frame) SVG() string {
	var b strings.Builder
	w, h := float64(f.Width)*cellWidth+2*margin, float64(f.Height)*cellHeight+2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.1f %.1f" font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="14">`+"\n", w, h)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", background)
	for y := range f.Height {
		row := f.Cells[y*f.Width : (y+1)*f.Width]
		for x := 0; x < len(row); {
			end := x + 1
			for end < len(row) && row[end].Style == row[x].Style {
				end++
			}
			run(&b, x, y, row[x:end])
			x = end
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// run writes cells of one style that stand side by side.
func run(b *strings.Builder, x, y int, cells []Cell) {
	var text strings.Builder
	for _, c := range cells {
		text.WriteString(string(slices.DeleteFunc(slices.Clone(c.Runes), func(r rune) bool { return r == 0 })))
	}
	fg, _, attributes := cells[0].Style.Decompose()
	left, top := margin+float64(x)*cellWidth, margin+float64(y)*cellHeight
	fill, more := foreground, ""
	if colour, ok := palette[fg]; ok {
		fill = colour
	}
	if attributes&tcell.AttrReverse != 0 {
		opacity := 1.0
		if attributes&tcell.AttrDim != 0 {
			opacity = 0.6
		}
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s" opacity="%.1f"/>`+"\n", left, top, float64(len(cells))*cellWidth, cellHeight, fill, opacity)
		fill = background
	} else if attributes&tcell.AttrDim != 0 {
		more += ` opacity="0.6"`
	}
	if attributes&tcell.AttrBold != 0 {
		more += ` font-weight="bold"`
	}
	if strings.TrimSpace(text.String()) == "" {
		return
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" fill="%s"%s xml:space="preserve">`, left, top+cellHeight*0.75, float64(len(cells))*cellWidth, fill, more)
	xml.EscapeText(b, []byte(text.String())) // a Builder can be written to
	b.WriteString("</text>\n")
}
