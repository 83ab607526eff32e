package tui

import (
	"context"
	"os"
	"time"

	"github.com/gdamore/tcell/v2"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
)

// Options says what is shown and where.
type Options struct {
	// Store is what is shown. Run closes it when nothing can be read from it any more.
	Store Store
	// StorePath is the store's file, for the header.
	StorePath string
	// Reopen opens the file that is at the store's path now, when another one has taken the
	// place of Store. It does not make a new one. Run closes what it opens. It may be nil.
	Reopen func(ctx context.Context) (Store, error)
	// Recording names the recordings that are shown, which are only read. It is "" where the
	// store is what this machine records.
	Recording string
	// Since is the row after which the scope begins at first, and SinceName how that is
	// called, such as "this run". Both are zero to begin with all that was recorded.
	Since     int64
	SinceName string

	// Inspector judges, by its plan if it has one.
	Inspector *inspect.Inspector
	// PlanFile is the file of that plan, which is read again when it changes. It is "" without
	// a plan, or for a plan that has no file.
	PlanFile string

	// Browser and URL are what is being inspected, such as "Chromium 156" and the page that
	// was opened. Both are "" when records come from elsewhere.
	Browser, URL string
	// Status brings what the header says of the browser, such as "Chromium started, waiting
	// for the first call". Each text replaces the one before. It may be nil. The sender closes
	// it when the browser has ended, and then the last text stays.
	Status <-chan string
	// Installation finds out how the program is installed in the user's browsers. That is
	// shown while nothing is recorded. It may be nil.
	Installation func(ctx context.Context) ([]Check, error)

	// Mark puts a label into the store. It is nil where nothing may be put into it.
	Mark func(ctx context.Context, text string) error
	// Simulator has pages call their own function. It may be nil.
	Simulator Simulator
	// Simulation is made from the start. The user has agreed to it already. It may be nil.
	Simulation *Simulation
	// Redactor makes what puts pseudonyms in the place of the contacts' values in files and
	// tickets. judge gives the findings of a record that was so changed.
	Redactor func(judge func(*record.Record) []record.Finding) (*redact.Redactor, error)
	// Copy puts a text on the clipboard. If it returns an error, the terminal is asked to do
	// it.
	Copy func(ctx context.Context, text string) error

	// Stop suspends the program, as ^Z does, until its shell continues it. StopAsked tells
	// that a signal asks for that, and Continued that the program was suspended without being
	// asked and goes on now. They may be nil.
	Stop                 func() error
	StopAsked, Continued <-chan os.Signal

	Screen tcell.Screen        // Run initialises and finishes it; nil is the terminal
	Now    func() time.Time    // times are shown in its time zone
	Getenv func(string) string // for NO_COLOR and the locale
}
