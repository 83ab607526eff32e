package simulation

// Why a simulation stopped: the words that hosts and the extension use. Those of the
// extension are in playback.js and simulation.js.
const (
	NoPage    = "no-page"   // no such document is open any more
	Paused    = "paused"    // the tester has paused recording there
	Busy      = "busy"      // another simulation runs in the document
	Late      = "late"      // its time was up
	Left      = "left"      // the page was left, or the connection to it broke
	Cancelled = "cancelled" // the command that asked for it has ended
	TooLarge  = "too-large" // no browser accepts a message of that size
)

// meanings are sentences for the user.
var meanings = map[string]string{
	NoPage:    "The page is no longer open, or was reloaded: repeat the command.",
	Paused:    "Recording is paused there: resume it in the extension's popup.",
	Busy:      "Another simulation is under way in this page: wait for its end.",
	Late:      "The time (--timeout) was up; what was left was not called.",
	Left:      "The page went away while the simulation ran; what was left was not called.",
	Cancelled: "The simulation was cancelled; what was left was not called.",
	TooLarge:  "The calls are too large to be handed to a browser at once: name fewer events.",
}

// Meaning is why a simulation stopped, in a sentence.
func Meaning(why string) string {
	if m, known := meanings[why]; known {
		return m
	}
	return "The extension says “" + why + "”."
}
