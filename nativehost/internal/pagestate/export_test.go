package pagestate

// States are all states that a page can have.
var States = telling
