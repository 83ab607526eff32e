// The site's own function: it keeps what it is given.
function userlikeTrackingEvent(event_name, global_ctx, session_ctx) {
  (window.dataLayer ||= []).push([...arguments]);
  return event_name + " heard";
}
