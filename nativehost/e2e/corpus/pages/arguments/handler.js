// A function that looks at nothing.
function userlikeTrackingEvent() {}
